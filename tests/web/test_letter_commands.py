"""``flask letters``, as an operator runs it: making the key, showing it, checking a file."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from cryptography import x509
from flask import Flask

from app.config import Settings
from app.letters.actions import revoke
from app.letters.models import Letter
from app.letters.queries import paper_of
from app.letters.signing import NoSigner, the_signer
from tests.conftest import START, Block
from tests.letters import PASSPHRASE, issued, key_file, officer

pytestmark = pytest.mark.once


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, production=True, letter_key_passphrase=PASSPHRASE)


@pytest.fixture
def key(settings: Settings) -> Path:
    settings.letter_key.write_bytes(key_file())
    return settings.letter_key


@pytest.fixture
def letter(app: Flask, write: Block, key: Path) -> Letter:
    with write() as session:
        return issued(app, session)


@pytest.fixture
def file(app: Flask, letter: Letter, tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(paper_of(app.extensions["files"], app.extensions["vault"], letter))
    return path


def run(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=["letters", *map(str, arguments)])


def test_the_key_is_made_once_and_shown(app: Flask, settings: Settings) -> None:
    missing = run(app, "key")
    assert missing.exit_code == 1
    assert "flask letters make-key" in missing.output
    assert run(app, "make-key").exit_code == 0
    made = settings.letter_key.read_bytes()
    again = run(app, "make-key")
    assert (again.exit_code, settings.letter_key.read_bytes()) == (1, made)
    assert "Put it aside" in again.output
    shown = run(app, "key").output
    assert "subject CN=Surat Kota Medan,O=Kota Medan,C=ID" in shown
    assert "valid   2026-11-24 to 2028-11-23" in shown
    certificate = x509.load_pem_x509_certificate(run(app, "key", "--pem").output.encode())
    assert f"serial  {certificate.serial_number:x}" in shown
    assert PASSPHRASE not in missing.output + again.output + shown


class TestWithoutPassphrase:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, letter_key_passphrase="")

    def test_production_makes_no_open_key(self, app: Flask, settings: Settings) -> None:
        done = run(app, "make-key")
        assert (done.exit_code, settings.letter_key.exists()) == (1, False)
        assert "LETTER_KEY_PASSPHRASE is not set" in done.output


class TestWhereNobodyMayWrite:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, letter_key=settings.instance_path / "no" / "folder.p12")

    def test_it_is_said(self, app: Flask) -> None:
        done = run(app, "make-key")
        assert (done.exit_code, "cannot be written" in done.output) == (1, True)


def test_without_a_key_production_has_no_signer_and_asks_again_later(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        with pytest.raises(NoSigner):
            the_signer()
        settings.letter_key.write_bytes(key_file())
        assert the_signer() is the_signer()


def test_a_letter_of_ours_is_well(app: Flask, file: Path) -> None:
    done = run(app, "check", file)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "unchanged   yes",
        "whole file  yes",
        done.output.splitlines()[2],
        "certificate ours",
        "signed at   2026-11-24 10:00 WIB, as the signer says",
        "register    letter 0001/DISDUKCAPIL/2026",
    ]
    assert "Organization: Kota Medan" in done.output


def test_a_revoked_letter_says_so(app: Flask, write: Block, letter: Letter, file: Path) -> None:
    with write() as session:
        revoke(session, session.get_one(Letter, letter.id), officer(session), "Salah.", START)
    assert "0001/DISDUKCAPIL/2026, REVOKED 2026-11-24" in run(app, "check", file).output


def test_after_a_renewal_the_old_certificate_is_believed_when_it_is_named(
    app: Flask, key: Path, file: Path, tmp_path: Path
) -> None:
    (old := tmp_path / "old.pem").write_text(run(app, "key", "--pem").output)
    key.unlink()
    app.extensions.pop("signer")
    assert run(app, "make-key").exit_code == 0
    renewed = run(app, "check", file)
    assert renewed.exit_code == 1
    assert "certificate NOT ONE WE BELIEVE" in renewed.output
    assert run(app, "check", file, "--trust", old).exit_code == 0
    assert run(app, "check", file, "--trust", file).exit_code == 1


def test_even_where_no_signature_reaches_a_changed_byte_shows(app: Flask, file: Path) -> None:
    pdf = file.read_bytes()
    spot = pdf.rindex(b"00>")  # what the signature leaves empty of its own room
    file.write_bytes(pdf[:spot] + b"1" + pdf[spot + 1 :])
    done = run(app, "check", file)
    assert done.exit_code == 1
    assert "NO LETTER HAS EXACTLY THESE BYTES" in done.output


def test_a_file_without_a_signature(app: Flask, key: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    done = run(app, "check", tmp_path / "a.pdf")
    assert (done.exit_code, "no signature that can be read" in done.output) == (1, True)


class TestSomebodyElseSigns:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, signer="tests.letters:signer_of_a_provider")

    def test_their_name_is_shown_and_their_signature_used(self, app: Flask) -> None:
        assert "signer TTE for tests" in run(app, "key").output
        with app.app_context():
            assert (
                the_signer().sign(b"", reason="", location="", at=START) == b"%PDF-of-the-provider"
            )
