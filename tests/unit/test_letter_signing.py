"""Letters are signed as PAdES, by the city's key or by whoever a city plugs in."""

import io
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pypdfium2
import pytest
import zxingcpp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from app.config import Settings, SettingsError
from app.letters.pades import LocalSigner, NotSigned, certificate_for, check, make_key, sign_with
from app.letters.paper import address_of, draw
from app.letters.signing import NoSigner, SigningFailed, make_signer
from tests.conftest import START
from tests.letters import PASSPHRASE, SHEET, key_file, signer, text_of

pytestmark = pytest.mark.once

AT = START + timedelta(minutes=1)
GUIDE = Path("docs/operating.md").read_text(encoding="utf-8")


@cache
def paper() -> bytes:
    return draw(SHEET)


@cache
def signed() -> bytes:
    return signer().sign(paper(), reason="Surat 0001/DISDUKCAPIL/2026", location="Medan", at=AT)


def signature_of(pdf: bytes) -> EmbeddedPdfSignature:
    found: list[EmbeddedPdfSignature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    assert len(found) == 1
    return found[0]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Settings with the key of these tests."""
    (tmp_path / "key.p12").write_bytes(key_file())
    return {"LETTER_KEY": str(tmp_path / "key.p12"), "LETTER_KEY_PASSPHRASE": PASSPHRASE}


def settings_of(environ: dict[str, str], folder: Path, *, production: bool = True) -> Settings:
    return replace(Settings.from_environ(environ, folder), production=production)


# ---------------------------------------------------------------- the signature


def test_it_is_pades_intact_and_covers_the_whole_file() -> None:
    found = check(signed(), [signer().certificate])
    assert (found.unchanged, found.whole, found.trusted) == (True, True, True)
    assert found.subject == "Common Name: Surat Kota Medan, Organization: Kota Medan, Country: ID"
    assert found.at == AT
    signature = signature_of(signed())
    about = signature.sig_object
    assert about["/SubFilter"] == "/ETSI.CAdES.detached"
    assert (about["/Reason"], about["/Location"]) == ("Surat 0001/DISDUKCAPIL/2026", "Medan")
    attributes = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    # Level B-B: the certificate is bound into the signature, and the time stands outside of it.
    assert attributes == {"content_type", "message_digest", "signing_certificate_v2"}
    assert signature.embedded_attr_certs == []
    assert signature.signer_cert.serial_number == signer().certificate.serial_number


def test_what_is_read_is_what_was_drawn() -> None:
    assert signed().startswith(paper())
    assert text_of(signed()) == text_of(paper())
    (page,) = pypdfium2.PdfDocument(io.BytesIO(signed()))
    (found,) = zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())
    assert found.text == address_of(SHEET)


def test_threads_share_a_signer() -> None:
    def one(number: int) -> bool:
        pdf = signer().sign(paper(), reason=str(number), location="Medan", at=AT)
        assert signature_of(pdf).sig_object["/Reason"] == str(number)
        return check(pdf, [signer().certificate]).good

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(one, range(40)))


def test_only_a_certificate_we_believe_makes_it_good(tmp_path: Path) -> None:
    assert not check(signed(), []).trusted
    make_key(tmp_path / "other.p12", "", "Kota Medan", START)  # the same name, another key
    other = LocalSigner.load(tmp_path / "other.p12", "")
    found = check(signed(), [other.certificate])
    assert (found.unchanged, found.trusted, found.good) == (True, False, False)


@settings(max_examples=60)
@given(st.integers(0), st.integers(1, 255))
@example(10, 1)
def test_one_changed_byte_shows(place: int, change: int) -> None:
    """Outside of the signature's own bytes, which no signature covers: those the register knows."""
    first, length, after, rest = signature_of(signed()).byte_range
    spots = [*range(first, first + length), *range(after, after + rest)]
    spot = spots[place % len(spots)]
    changed = bytearray(signed())
    changed[spot] ^= change
    with suppress(NotSigned):
        assert not check(bytes(changed), [signer().certificate]).good


def test_what_is_added_afterwards_shows() -> None:
    found = check(signed() + b"\n% more\n", [signer().certificate])
    assert (found.whole, found.good) == (False, False)


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.4 nothing", "paper"])
def test_what_has_no_signature_is_said(pdf: bytes | str) -> None:
    with pytest.raises(NotSigned):
        check(pdf if isinstance(pdf, bytes) else paper(), [])


@pytest.mark.parametrize("days", [-1, 731])
def test_outside_its_time_a_certificate_signs_nothing(days: int) -> None:
    with pytest.raises(SigningFailed, match="valid from 2026-11-24 to 2028-11-23") as failed:
        signer().sign(paper(), reason="", location="", at=START + timedelta(days=days))
    assert "make-key" in str(failed.value)


def test_what_is_no_pdf_is_not_signed() -> None:
    with pytest.raises(SigningFailed, match="could not be signed"):
        signer().sign(b"no pdf", reason="", location="", at=AT)


# ---------------------------------------------------------------- the key


def test_a_new_key_may_sign_for_two_years_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "key.p12"
    old = os.umask(0)
    try:
        make_key(path, PASSPHRASE, "Kota " + "Panjang" * 20, START)
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["key.p12"]
    certificate = LocalSigner.load(path, PASSPHRASE).certificate
    assert isinstance(key := certificate.public_key(), rsa.RSAPublicKey)
    assert key.key_size == 3072
    assert (certificate.not_valid_after_utc - START).days == 729
    with pytest.raises(FileExistsError):
        make_key(path, PASSPHRASE, "Kota Medan", START)
    assert LocalSigner.load(path, PASSPHRASE).certificate == certificate


def test_a_key_on_a_curve_signs_too() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    curve = LocalSigner(key, certificate_for(key, "Kota Medan", START))
    pdf = curve.sign(paper(), reason="", location="", at=AT)
    assert check(pdf, [curve.certificate]).good


@pytest.mark.parametrize("passphrase", ["", "wrong", "salah " * 50])
def test_a_wrong_passphrase_is_said_and_not_repeated(
    environ: dict[str, str], tmp_path: Path, passphrase: str
) -> None:
    site = settings_of(environ | {"LETTER_KEY_PASSPHRASE": passphrase}, tmp_path)
    with pytest.raises(NoSigner) as failed:
        make_signer(site, "Kota Medan", START)
    assert str(failed.value) == (
        f"LETTER_KEY: LETTER_KEY_PASSPHRASE does not open {site.letter_key},"
        " or it is no PKCS#12 file."
    )
    assert PASSPHRASE not in repr(settings_of(environ, tmp_path))


def test_a_file_without_a_key_that_fits_is_said(tmp_path: Path) -> None:
    path = tmp_path / "key.p12"
    path.write_bytes(b"no key")
    with pytest.raises(NoSigner, match="no PKCS#12"):
        LocalSigner.load(path, "")
    other, plain = ed25519.Ed25519PrivateKey.generate(), serialization.NoEncryption()
    for key, certificate in ((None, signer().certificate), (other, None)):
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"", key, certificate, None, plain))
        with pytest.raises(NoSigner, match="RSA or EC"):
            LocalSigner.load(path, "")
    with pytest.raises(NoSigner, match="cannot be read"):
        LocalSigner.load(tmp_path, "")


def test_a_certificate_of_another_key_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    strange = certificate_for(other, "Kota Medan", START)
    (path := tmp_path / "key.p12").write_bytes(b"")
    # No library writes such a file; a broken tool may.
    monkeypatch.setattr(pkcs12, "load_key_and_certificates", lambda *_: (key, strange, []))
    with pytest.raises(NoSigner, match="not the one of its key"):
        LocalSigner.load(path, "")


def test_production_makes_no_key_by_itself(tmp_path: Path) -> None:
    with pytest.raises(NoSigner, match="flask letters make-key"):
        make_signer(settings_of({}, tmp_path), "Kota Medan", START)
    assert not (tmp_path / "letter-key.p12").exists()


def test_development_makes_a_key_once(tmp_path: Path) -> None:
    site = settings_of({}, tmp_path, production=False)
    first, second = (make_signer(site, "Kota Medan", START) for _ in range(2))
    assert isinstance(first, LocalSigner)
    assert isinstance(second, LocalSigner)
    assert first.certificate == second.certificate
    assert first.name == "CN=Surat Kota Medan,O=Kota Medan,C=ID"
    assert (tmp_path / "letter-key.p12").stat().st_mode & 0o077 == 0


# ---------------------------------------------------------------- somebody else signs


@pytest.mark.parametrize("name", ["tte", "tte:", ":signer", "a b:signer", "tte:signer()"])
def test_a_malformed_signer_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="SIGNER"):
        Settings.from_environ({"SIGNER": name}, tmp_path)


@pytest.mark.parametrize("name", ["no_such_module:signer", "json:signer"])
def test_a_signer_that_is_not_there_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoSigner, match=f"SIGNER='{name}'"):
        make_signer(settings_of({"SIGNER": name}, tmp_path), "Kota Medan", START)


def test_the_example_of_the_guide_signs_with_hashes_sent_elsewhere(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider sees a hash, never the letter; here it is a key the site does not know."""
    (example_,) = re.findall(r"^    # city_medan/tte\.py.*?(?=^\S)", GUIDE, re.M | re.S)
    certificate = signer().certificate
    pem = tmp_path / "tte.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    code = re.sub(r"^    ", "", example_, flags=re.M).replace("/etc/tanggap-tte.pem", str(pem))
    key, _certificate, _more = pkcs12.load_key_and_certificates(key_file(), PASSPHRASE.encode())
    assert isinstance(key, rsa.RSAPrivateKey)
    asked: list[bytes] = []

    def ask(digest: bytes) -> bytes:
        asked.append(digest)
        return key.sign(digest, padding.PKCS1v15(), Prehashed(SHA256()))

    package, provider = ModuleType("city_medan"), SimpleNamespace(ask=ask)
    (folder := tmp_path / "city_medan").mkdir()
    package.__path__ = [str(folder)]
    (folder / "tte.py").write_text(code, encoding="utf-8")
    monkeypatch.setitem(sys.modules, "city_medan", package)
    monkeypatch.setitem(sys.modules, "city_medan.provider", provider)
    site = settings_of({"SIGNER": "city_medan.tte:signer"}, tmp_path)
    remote = make_signer(site, "Kota Medan", START)
    monkeypatch.delitem(sys.modules, "city_medan.tte")
    pdf = remote.sign(paper(), reason="Surat", location="Medan", at=AT)
    assert check(pdf, [certificate]).good
    assert [len(digest) for digest in asked] == [32]


def test_a_provider_that_is_down_is_a_failed_signature() -> None:
    from pyhanko.sign import Signer as CmsSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class Down(CmsSigner):
        async def async_sign_raw(
            self, data: bytes, digest_algorithm: str, dry_run: bool = False
        ) -> bytes:
            raise TimeoutError("no answer within 5 seconds")

    inner = signer()._inner
    remote = Down(signing_cert=inner.signing_cert, cert_registry=SimpleCertificateStore())
    with pytest.raises(SigningFailed, match="no answer within 5 seconds"):
        sign_with(remote, paper(), reason="", location="", at=AT)
