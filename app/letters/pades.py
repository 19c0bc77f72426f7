"""PAdES signatures, level B-B (ETSI EN 319 142-1): made with a key in a file, and checked."""

import io
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign import Signer as CmsSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.letters.signing import NoSigner, SigningFailed

VALID_FOR: Final = timedelta(days=730)
KEY_BITS: Final = 3072
FIELD: Final = "Signature"
ROOM: Final = 4096  # bytes for a signature besides its certificates; it takes about a quarter

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Chain = Iterable[x509.Certificate]

for library in ("pyhanko", "pyhanko_certvalidator"):  # what they find is returned or raised
    logging.getLogger(library).setLevel(logging.CRITICAL)


class NotSigned(ValueError):
    """The file is no PDF with one signature that can be read."""


@dataclass(frozen=True)
class Checked:
    """What a signature shows. ``at`` is what the signer says, without a time stamp server."""

    unchanged: bool  # what was signed is still what was signed
    whole: bool  # and nothing was added after it
    trusted: bool  # the certificate is one of those we believe
    subject: str
    serial: str
    at: datetime | None

    @property
    def good(self) -> bool:
        return self.unchanged and self.whole and self.trusted


class LocalSigner:
    """Signs with a key and a certificate that lie in a PKCS#12 file."""

    def __init__(self, key: Key, certificate: x509.Certificate, chain: Chain = ()) -> None:
        self._inner = _HeldKey(key, certificate, chain)
        self.certificate = certificate

    @classmethod
    def load(cls, path: Path, passphrase: str) -> "LocalSigner":
        """Open the file. Raises NoSigner."""
        try:
            data = path.read_bytes()
            key, certificate, chain = pkcs12.load_key_and_certificates(
                data, passphrase.encode() or None
            )
        except OSError as error:
            raise NoSigner(f"LETTER_KEY: {path} cannot be read: {error.strerror}.") from None
        except (ValueError, TypeError):
            raise NoSigner(
                f"LETTER_KEY: LETTER_KEY_PASSPHRASE does not open {path}, or it is no PKCS#12 file."
            ) from None
        if certificate is None or not isinstance(key, Key):
            raise NoSigner(f"LETTER_KEY: {path} needs an RSA or EC key and its certificate.")
        if key.public_key() != certificate.public_key():
            raise NoSigner(f"LETTER_KEY: the certificate in {path} is not the one of its key.")
        return cls(key, certificate, chain)

    @property
    def name(self) -> str:
        return self.certificate.subject.rfc4514_string()

    def sign(self, pdf: bytes, *, reason: str, location: str, at: datetime) -> bytes:
        """The PDF with an invisible signature. Raises SigningFailed."""
        first, last = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        if not first <= at <= last:
            raise SigningFailed(
                f"The certificate of LETTER_KEY is valid from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
                " Put the key aside and make a new one with: flask letters make-key"
            )
        return sign_with(self._inner, pdf, reason=reason, location=location, at=at)


def sign_with(signer: CmsSigner, pdf: bytes, *, reason: str, location: str, at: datetime) -> bytes:
    """The PDF with an invisible signature of a signer of pyHanko. Raises SigningFailed."""
    about = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location,
    )
    # Left to itself pyHanko signs twice, the first time to see how long a signature gets.
    certificates = [signer.signing_cert, *signer.cert_registry]
    room = ROOM + sum(len(certificate.dump()) for certificate in certificates if certificate)
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        signed = _AtItsTime(about, signer, at).sign_pdf(writer, bytes_reserved=2 * room)
    except (PdfError, SigningError, ValueError, OSError) as error:
        raise SigningFailed(f"The letter could not be signed: {error}") from error
    return bytes(signed.getbuffer())


class _HeldKey(CmsSigner):
    """Keeps the key as it was opened. pyHanko's own signer opens it for each signature, and the
    tests of an RSA key cost a hundred times what signing does.
    """

    def __init__(self, key: Key, certificate: x509.Certificate, chain: Chain) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # its own gap
        store.register_multiple(map(_asn1, chain))
        super().__init__(signing_cert=_asn1(certificate), cert_registry=store)
        self._key = key

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if digest_algorithm != "sha256":
            raise SigningError(f"{digest_algorithm} is not what a letter is signed with")
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


class _AtItsTime(PdfSigner):
    """Writes the time it is told instead of asking the clock."""

    def __init__(self, about: PdfSignatureMetadata, signer: CmsSigner, at: datetime) -> None:
        super().__init__(about, signer)
        self._at = at

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session


# ---------------------------------------------------------------- keys


def make_key(path: Path, passphrase: str, city: str, at: datetime) -> None:
    """Write a new key with a certificate of its own, which only its owner may read.

    RSA, because every reader of PDFs checks it. Raises FileExistsError: a key is never overwritten.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    certificate = certificate_for(key, city, at)
    secret = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    data = pkcs12.serialize_key_and_certificates(b"letters", key, certificate, None, secret)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    try:
        draft.write_bytes(data)
        path.hardlink_to(draft)
    finally:
        draft.unlink()


def certificate_for(key: Key, city: str, at: datetime) -> x509.Certificate:
    """A certificate that the key signs for itself."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, city[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Surat {city}"[:64]),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,  # also called nonRepudiation
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    begins = at - timedelta(hours=1)  # clocks of readers differ
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + VALID_FOR)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


# ---------------------------------------------------------------- checking


def check(pdf: bytes, believed: Iterable[x509.Certificate]) -> Checked:
    """What the signature of a PDF shows, judged as of the time it names. Raises NotSigned."""
    try:
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        roots = [_asn1(certificate) for certificate in believed]
        at = signature.self_reported_timestamp
        context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=at)
        status = validate_pdf_signature(signature, context)
    except Exception as error:  # pyHanko raises nearly anything over a file that is broken
        raise NotSigned(str(error)) from error
    return Checked(
        unchanged=status.intact and status.valid,
        whole=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        trusted=status.trusted,
        subject=status.signing_cert.subject.human_friendly,
        serial=f"{status.signing_cert.serial_number:x}",
        at=at,
    )


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
