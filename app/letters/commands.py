"""``flask letters``: the key letters are signed with, and checking a file somebody brings.

What belongs to pyHanko is loaded by the command that needs it, see `app.letters.signing`.
"""

from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import transaction
from app.core.running import the_settings
from app.extensions import db
from app.letters.queries import by_paper
from app.letters.signing import SigningFailed, the_signer
from app.places.city import current_city

letters_group = AppGroup("letters", help="Letters: the key that signs them, and checking one.")


@letters_group.command("make-key")
def make_key_command() -> None:
    """Make the key and certificate of LETTER_KEY. An existing file is never overwritten."""
    from app.letters import pades

    settings = the_settings()
    if settings.production and not settings.letter_key_passphrase:
        raise click.ClickException("LETTER_KEY_PASSPHRASE is not set; the key is closed with it.")
    path = settings.letter_key
    try:
        pades.make_key(path, settings.letter_key_passphrase, current_city().name.id, now())
    except FileExistsError:
        raise click.ClickException(f"{path} exists. Put it aside, do not delete it.") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from error
    click.echo(f"{path} made. Keep a copy of it, and of its passphrase in another place.")


@letters_group.command("key")
@click.option("--pem", is_flag=True, help="Print the certificate, to give it to others.")
def key_command(pem: bool) -> None:
    """Show what letters are signed with."""
    try:
        signer = the_signer()
    except SigningFailed as error:
        raise click.ClickException(str(error)) from error
    certificate: x509.Certificate | None = getattr(signer, "certificate", None)
    if certificate is None:
        click.echo(f"signer {signer.name} (SIGNER={the_settings().signer})")
    elif pem:
        click.echo(certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"), nl=False)
    else:
        click.echo(f"subject {certificate.subject.rfc4514_string()}")
        click.echo(f"serial  {certificate.serial_number:x}")
        first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        click.echo(f"valid   {first:%Y-%m-%d} to {last:%Y-%m-%d}")
        click.echo(f"SHA-256 {certificate.fingerprint(hashes.SHA256()).hex()}")


@letters_group.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A certificate (PEM) to believe besides ours: an earlier one, or the provider's root.",
)
def check_command(file: Path, trust: tuple[Path, ...]) -> None:
    """Check the signature of a PDF, and whether it is a letter of the register.

    Ends with exit code 1 unless all is well.
    """
    from app.letters import pades

    pdf = file.read_bytes()
    try:
        found = pades.check(pdf, _believed(trust))
    except pades.NotSigned as error:
        raise click.ClickException(f"{file} has no signature that can be read.") from error
    with transaction("read"):
        register, kept = _in_register(db.session(), pdf)
    at = f"{found.at.astimezone(current_city().zone):%Y-%m-%d %H:%M}" if found.at else "unknown"
    click.echo(f"unchanged   {_yes(found.unchanged)}")
    click.echo(f"whole file  {_yes(found.whole)}")
    click.echo(f"signed by   {found.subject}, serial {found.serial}")
    click.echo(f"certificate {'ours' if found.trusted else 'NOT ONE WE BELIEVE'}")
    click.echo(f"signed at   {at} {current_city().zone_label}, as the signer says")
    click.echo(f"register    {register}")
    if not (found.good and kept):
        raise click.ClickException("Not all of this is well.")


def _believed(trust: tuple[Path, ...]) -> list[x509.Certificate]:
    try:
        certificates = [
            certificate
            for path in trust
            for certificate in x509.load_pem_x509_certificates(path.read_bytes())
        ]
        ours: x509.Certificate | None = getattr(the_signer(), "certificate", None)
    except (ValueError, SigningFailed) as error:
        raise click.ClickException(str(error)) from error
    return [*certificates, ours] if ours else certificates


def _in_register(session: Session, pdf: bytes) -> tuple[str, bool]:
    letter = by_paper(session, pdf)
    if letter is None:
        return "NO LETTER HAS EXACTLY THESE BYTES", False
    revoked = letter.revoked_at
    return f"letter {letter.number}" + (f", REVOKED {revoked:%Y-%m-%d}" if revoked else ""), True


def _yes(fact: bool) -> str:
    return "yes" if fact else "NO"
