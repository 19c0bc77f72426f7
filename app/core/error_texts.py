"""What the error pages say: what happened, what was kept, what to do now.

Placeholders of `body` are filled by templates/errors/page.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from app.core.i18n import LazyString, _l

Target = Literal["home", "track", "new", "back"]


@dataclass(frozen=True, slots=True)
class ErrorText:
    """One error page; `target` is where its action leads: a page, or back where one came from."""

    code: int
    title: LazyString
    body: LazyString
    action: LazyString
    target: Target


_BACK_TO_FORM = _l("Kembali ke formulir")
_TRY_AGAIN = _l("Coba lagi")
_TRACK = _l("Lacak dengan kode")

_ALL = (
    ErrorText(
        400,
        _l("Permintaan ini tidak terbaca"),
        _l(
            "Ada bagian yang hilang di jalan. Kembali ke halaman sebelumnya dan kirim lagi; "
            "tulisan Anda biasanya masih ada."
        ),
        _BACK_TO_FORM,
        "back",
    ),
    ErrorText(
        401,
        _l("Masuk dulu"),
        _l("Halaman ini untuk petugas. Kalau Anda pelapor, pakai kode lacak."),
        _TRACK,
        "track",
    ),
    ErrorText(
        403,
        _l("Halaman ini tidak untuk akun ini"),
        _l(
            "Anda tidak punya izin membukanya. Kalau mestinya punya, hubungi admin unit Anda. "
            "Pelapor membuka laporannya dengan kode lacak."
        ),
        _l("Ke halaman depan"),
        "home",
    ),
    ErrorText(
        404,
        _l("Halaman tidak ditemukan"),
        _l(
            "Alamatnya mungkin salah ketik atau sudah pindah. Mencari laporan? "
            "Pakai nomor atau kode lacaknya."
        ),
        _l("Lacak laporan"),
        "track",
    ),
    ErrorText(
        405,
        _l("Cara membuka halaman ini keliru"),
        _l("Buka formulirnya dulu, lalu kirim dari sana."),
        _l("Buka formulir"),
        "new",
    ),
    ErrorText(
        409,
        _l("Ada yang lebih dulu mengubahnya"),
        _l(
            "Laporan ini berubah saat Anda menulis. Kembali, baca yang berubah, lalu kirim lagi; "
            "tulisan Anda biasanya masih ada."
        ),
        _l("Lihat perubahannya"),
        "back",
    ),
    ErrorText(
        410,
        _l("Tautan ini sudah tidak berlaku"),
        _l("Tautan dari email berlaku 30 hari. Buka laporan dengan kode lacak di tanda terima."),
        _TRACK,
        "track",
    ),
    ErrorText(
        413,
        _l("Kiriman terlalu besar"),
        _l(
            "Batasnya %(max_mb)s MB untuk semua foto. Tekan Kembali, hapus satu foto, lalu kirim. "
            "Foto bisa ditambah nanti dengan kode lacak."
        ),
        _BACK_TO_FORM,
        "back",
    ),
    ErrorText(
        415,
        _l("Jenis berkas ini tidak diterima"),
        _l("Pilih foto JPEG, PNG, atau WebP, lalu kirim lagi."),
        _BACK_TO_FORM,
        "back",
    ),
    ErrorText(
        422,
        _l("Ada yang perlu diperbaiki"),
        _l("Belum ada yang terkirim. Perbaiki bagian yang ditandai; yang lain tetap tersimpan."),
        _BACK_TO_FORM,
        "back",
    ),
    ErrorText(
        429,
        _l("Tunggu sebentar"),
        _l(
            "Terlalu banyak permintaan dari jaringan ini. Coba lagi setelah %(wait)s. "
            "Yang sudah diterima tetap aman."
        ),
        _TRY_AGAIN,
        "back",
    ),
    ErrorText(
        500,
        _l("Situs ini sedang bermasalah"),
        _l(
            "Ini kesalahan kami. Belum melihat nomor laporan? Kembali, lalu kirim lagi. "
            "Kalau ternyata sudah kami terima, laporan tidak akan ganda. "
            "Catatan gangguan: %(incident)s."
        ),
        _l("Kembali dan kirim lagi"),
        "back",
    ),
    ErrorText(
        503,
        _l("Situs ini sedang dirawat"),
        _l(
            "Coba lagi beberapa menit lagi. Laporan yang sudah punya nomor tetap aman dan "
            "batas waktunya tetap berjalan. Ada bahaya? Telepon %(phone_emergency)s."
        ),
        _TRY_AGAIN,
        "back",
    ),
)

ERRORS: Mapping[int, ErrorText] = MappingProxyType({error.code: error for error in _ALL})


def error_text(code: int) -> ErrorText:
    """The text for an HTTP status; a status without its own speaks as 400 or 500."""
    return ERRORS.get(code) or ERRORS[500 if code >= 500 else 400]
