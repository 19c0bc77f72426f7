"""The public copy: what must be hidden is, what says where and when stays, twice is as once.

Every number, address and plate here is made up.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.civic.redaction import MASK, Kind, redact

# What people write, with what has to be hidden between brackets.
HIDDEN = [
    (Kind.NIK, "NIK saya <1271015708920003>."),
    (Kind.NIK, "No.KTP <1271 0157 0892 0003> kalau perlu"),
    (Kind.NIK, "nik<1271.0157.0892.0003>"),
    (Kind.NIK, "KTP <12.71.01.570892.0003>"),
    (Kind.NIK, "KK kami <127101-150808-0003> ya pak"),
    (Kind.NIK, "NIK <1 2 7 1 0 1 5 7 0 8 9 2 0 0 0 3>"),
    (Kind.NIK, "salah ketik <9971325599990000> pun"),
    (Kind.NIK, "<１２７１０１５７０８９２０００３>"),
    (Kind.NIK, "<١٢٧١٠١٥٧٠٨٩٢٠٠٠٣>"),
    (Kind.NIK, "<1271\u200b0157\u200b0892\u200b0003> disisipi"),
    (Kind.NIK, "<1\ufe0f\u20e32\ufe0f\u20e371015708920003>"),
    (Kind.PHONE, "Hubungi <0812-3456-7890>, Joko"),
    (Kind.PHONE, "<0812 3456 7890> 2 kali"),
    (Kind.PHONE, "<0812 3456 789> 12 hari lalu"),
    (Kind.PHONE, "<0857 - 0000 - 0459>"),
    (Kind.PHONE, "HP:<081234567890>!!!"),
    (Kind.PHONE, "hp<081234567890>ya"),
    (Kind.PHONE, "<08 12 34 56 78 90>"),
    (Kind.PHONE, "<08.12 3456 7890> bukan jam"),
    (Kind.PHONE, "WA <+62 812-3456-7890>"),
    (Kind.PHONE, "<+62 (0)812 3456 7890>"),
    (Kind.PHONE, "<62853 0000 4394> ya Pak"),
    (Kind.PHONE, "wa.me/<6281234567890>"),
    (Kind.PHONE, "<(0812) 3456 7890>"),
    (Kind.PHONE, "<0857/1234/5678>"),
    (Kind.PHONE, "telp rumah <061-7867890>"),
    (Kind.PHONE, "<(061) 7867890> tidak diangkat"),
    (Kind.PHONE, "<021 555 1234>"),
    (Kind.PHONE, "<0622-21234567>"),
    (Kind.PHONE, "telp. <7867890>"),
    (Kind.PHONE, "WA <8123-4567>"),
    (Kind.EMAIL, "Email saya <siti.nur+x@kota-medan.go.id>."),
    (Kind.EMAIL, "<siti@gmail> saja"),
    (Kind.EMAIL, "<siti @ gmail.com>"),
    (Kind.EMAIL, "ke <yanti12 at contoh.test> saja"),
    (Kind.EMAIL, "<nama at contoh dot id>"),
    (Kind.EMAIL, "<siti(at)contoh titik com>"),
    (Kind.EMAIL, "<SITI [AT] GMAIL [DOT] COM>"),
    (Kind.EMAIL, "<siti＠gmail.com>"),
    (Kind.PLATE, "Mobilnya <BK 1234 AB>, saya catat."),
    (Kind.PLATE, "<bk 079 xx> lewat"),
    (Kind.PLATE, "<BK1234AB>"),
    (Kind.PLATE, "<bl-567-k>"),
    (Kind.PLATE, "<BK 1234> di depan ruko"),
    (Kind.PLATE, "<B 1234 ABC>"),
    (Kind.PLATE, "motor <b 12 ab>"),
    (Kind.PLATE, "plat <DR 2345 XY>"),
    (Kind.ACCOUNT, "rekening BCA <1234567890> a.n. Budi"),
    (Kind.ACCOUNT, "kirim ke rek BRI <0000-01-001234-00-0>."),
    (Kind.ACCOUNT, "norek <00000 01234>"),
    (Kind.ACCOUNT, "tf ke <123 456 78 90>"),
    (Kind.NUMBER, "meteran <530123456789>"),
    (Kind.NUMBER, "NPWP <12.345.678.9-012.000>"),
    (Kind.NUMBER, "NIP <19850101 201001 1 001>"),
    (Kind.NUMBER, "kartu <1234 5678 9012>"),
    (Kind.NUMBER, "kurang satu <127101570892000>"),
    (Kind.ADDRESS, "Rumah saya di Jl. Melati No. <12 A>, pagar hijau"),
    (Kind.ADDRESS, "saya tinggal di Gang Amal nomor <5b>"),
    (Kind.ADDRESS, "ALAMAT KAMI: BLOK C NO <117>"),
]

KEPT = [
    "",
    "Lubang di depan rumah No. 12, RT 05/RW 02 Lingkungan 7, kode pos 20111",
    "Rumah kami gelap, tiang nomor 12 mati",
    "di 10 kk, ada 12 kk dan 30 org, dr 3 hr yg lalu, ad 2 org jatuh",
    "p 20 cm l 3 m t 2 m, panjang 100 m, L 300 M",
    "Blok B 12 A, Gang B 3 no 5, SMP N 123 di Medan, kelas A 101",
    "mobil 2 unit, motor 3 x lewat, angkot 64 dan 120",
    "24-11-2026, 24/11/26, 24.11.2026, 2026-11-24, 24 11 2026, 24 November 2026",
    "jam 08.00-17.00, 8.30, 19:30, 12-11-2026 08.00-17.00, sejak 2026-11-24 08.00",
    "tahun 2024 2025 2026 dan 2024-2025-2026",
    "Rp75.000, Rp 1.500.000.000,00, Rp.150000000, 1.500.000, 500.000-1.000.000",
    "bayar 100000000 rupiah, harga 15000-20000, 12500 - 20000 rupiah",
    "rekening air naik dari 50.000 jadi 150.000, bank BRI 2 hari tutup",
    "laporan 2611-0902, #2611-0903, 2612-12345, 2611-0902 2611-0903",
    "telepon 112 tidak diangkat, hubungi 110, 113, 118/119, 14045",
    "koordinat 3.595196, 98.672223 atau -3.5951956,98.6722227",
    "UU 25/2009 pasal 14, surat 470/1234/2026, no. 503/0123/DPMPTSP/2026",
    "tag @pemkomedan, ke @pemko.medan, look at this road, 3 at 5",
    "tiang 12 13 14 15 16 mati, daya 1300 VA, 0,5 meter, 90% selesai",
]


@pytest.mark.parametrize(("kind", "marked"), HIDDEN)
def test_hidden(kind: Kind, marked: str) -> None:
    before, _, rest = marked.partition("<")
    secret, _, after = rest.partition(">")
    found = redact(before + secret + after)
    assert found.text == before + MASK + after
    [span] = found.spans
    assert (span.kind, span.start, span.end) == (kind, len(before), len(before + secret))


@pytest.mark.parametrize("text", KEPT)
def test_kept(text: str) -> None:
    assert redact(text).text == text


def test_many_in_one_text() -> None:
    found = redact(
        "Nama saya Ahmad, NIK 1271188645350000, HP 0896.0000.2291 atau 0812-0000-1111/"
        "0813-0000-2222, email ahmad@contoh.test, mobil BK 0017 ZZ, 24-11-2026."
    )
    assert found.text == (
        f"Nama saya Ahmad, NIK {MASK}, HP {MASK} atau {MASK}/{MASK}, email {MASK}, "
        f"mobil {MASK}, 24-11-2026."
    )
    assert found.count() == {Kind.NIK: 1, Kind.PHONE: 3, Kind.EMAIL: 1, Kind.PLATE: 1}


def test_words_somebody_asked_to_hide() -> None:
    found = redact("Pak Budi, budi santoso dan Budiman.", ["budi", " Budi Santoso ", "", "["])
    assert found.text == f"Pak {MASK}, {MASK} dan Budiman."
    assert found.count() == {Kind.WORD: 2}


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("0812 3456 7890 atau 12, 123", "12", f"{MASK} atau {MASK}, 123"),
        ("0812 3456 7890 saja", "3456", f"{MASK} saja"),
        ("Rumah saya di Gang Amal No. 12 gelap", "gang amal no. 12", f"Rumah saya di {MASK} gelap"),
        ("081234567890Budi", "budi", MASK * 2),
    ],
)
def test_words_and_shapes_do_not_break_each_other(text: str, word: str, expected: str) -> None:
    assert redact(text, [word]).text == expected


def test_a_word_cannot_reach_into_a_mask() -> None:
    assert redact(f"nomor {MASK}", ["•", MASK]).text == f"nomor {MASK}"


# Pieces that make and break patterns when they meet.
PIECES = """
    0812 3456 7890 1271015708920003 12 1 08 0 62 +62 . - / ( ) _ @ at (at) dot com gmail siti rek
    bank telp hp BK B AB org no No. rumah gang tiang 2611-0902 2026 12-11-2026 08.00 Rp 1.500.000
    rupiah • •••••••• é １２ motor km 123456789 1234 8
"""
BLANKS = [" ", "  ", "\n", "\u200b", " at ", " dot ", "rumah saya di "]
pieces = st.lists(st.sampled_from([*PIECES.split(), *BLANKS]), max_size=16).map("".join)


@given(pieces | st.text(st.characters(exclude_categories=[])), st.sampled_from([[], ["siti"]]))
def test_a_public_copy_is_read_again_without_change(text: str, words: list[str]) -> None:
    once = redact(text, words)
    assert redact(once.text, words).text == once.text


@given(pieces, st.lists(st.sampled_from(["siti", "rumah", "12", "at"]), max_size=2))
def test_spans_say_what_was_hidden(text: str, words: list[str]) -> None:
    found = redact(text, words)
    rest, at = [], 0
    for span in found.spans:
        assert at <= span.start < span.end <= len(text)
        rest.append(text[at : span.start])
        at = span.end
    assert MASK.join([*rest, text[at:]]) == found.text


@given(st.integers(0, 10**16 - 1), st.sampled_from(["", " ", ".", "-", "_", " - "]))
def test_no_sixteen_digits_get_through(number: int, separator: str) -> None:
    digits = f"{number:016}"
    groups = separator.join(digits[i : i + 4] for i in range(0, 16, 4))
    left = redact(f"NIK saya {groups} ya").text
    assert sum(map(str.isdigit, left)) <= 4


@given(st.integers(11, 99), st.integers(0, 10**8 - 1), st.sampled_from(["0", "62", "+62 "]))
def test_no_mobile_number_gets_through(operator: int, number: int, prefix: str) -> None:
    for gap in ("", " ", "-", "."):
        phone = f"{prefix}8{operator}{gap}{number // 10_000:04}{gap}{number % 10_000:04}"
        assert redact(f"hubungi {phone} ya").text == f"hubungi {MASK} ya"


HOSTILE = """
    a|1|1 |1.|08|+62 |@|a@|a at |(at)|rek |rek a|BK |BK1 |b 1 a |mobil B 1 |rumah saya |1.000.|(0|
    rumah saya no |12.11.|2611-0902 |2026 |telp 1|a dot |•|１|\u200b
"""


@pytest.mark.parametrize("piece", HOSTILE.strip().split("|"))
def test_hostile_texts_take_no_longer_than_others(piece: str) -> None:
    """A hundred kilobytes; what grows faster than the text runs into the time limit of the run."""
    text = piece * (100_000 // len(piece))
    once = redact(text)
    assert redact(once.text).text == once.text
