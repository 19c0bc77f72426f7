"""Numbers without gaps and doubles, revocation, and what a thief reads, on both databases."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases import seals
from app.cases.models import Event
from app.core.drafts import purge_orphans
from app.core.vault import Unreadable, Vault
from app.extensions import db
from app.letters import paper
from app.letters.actions import AlreadyRevoked, replace, revoke
from app.letters.models import Letter
from app.letters.pades import LocalSigner, check
from app.letters.queries import Damaged, by_code, by_paper, kept_papers, paper_of
from app.letters.signing import SigningFailed
from app.places.city import current_city
from tests.conftest import START, Block, session_block
from tests.letters import CONTENT, HOLDER, SHEET, code_of, issued, officer, signer, text_of

EACH = 100


class Thrown(Exception):
    """Something goes wrong after the number was taken."""


def serials(read: Block, series: str = "disdukcapil/2026") -> list[int]:
    with read() as session:
        found = select(Letter.serial).where(Letter.series == series).order_by(Letter.id)
        return list(session.scalars(found))


def thrown_away(app: Flask, write: Block) -> int:
    """The number of a letter whose transaction is rolled back."""
    with suppress(Thrown), write() as session:
        serial = issued(app, session).serial
        raise Thrown
    return serial


# ---------------------------------------------------------------- numbers


@pytest.mark.timeout(180)
def test_two_officers_at_once_share_and_skip_no_number(
    app: Flask, read: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 signed letters, and every seventh try fails after it took its number."""
    page = paper.draw(SHEET)
    monkeypatch.setattr(paper, "draw", lambda _sheet: page)
    start = Barrier(2)

    def work(who: str) -> None:
        start.wait(20)
        made = tries = 0
        while made < EACH:
            tries += 1
            try:
                with session_block(app, "write")() as session:
                    issued(app, session, who=who)
                    if tries % 7 == 0:
                        raise Thrown
                made += 1
            except Thrown:
                with app.app_context():
                    db.session.rollback()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, ("rina", "tono")))
    assert sorted(serials(read)) == list(range(1, 2 * EACH + 1))
    with read() as session:
        assert len(set(session.scalars(select(Letter.number)))) == 2 * EACH
        assert seals.verify(session) is None


def test_what_was_rolled_back_leaves_no_gap(app: Flask, read: Block, write: Block) -> None:
    with write() as session:
        issued(app, session)
    assert thrown_away(app, write) == 2
    with pytest.raises(paper.Unprintable), write() as session:
        issued(app, session, holder="王小明")
    with write() as session:
        assert issued(app, session).number == "0002/DISDUKCAPIL/2026"
    assert serials(read) == [1, 2]


def test_each_unit_and_each_year_of_the_city_counts_by_itself(app: Flask, write: Block) -> None:
    eve = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)  # 23.59 in Medan
    new_year = eve + timedelta(minutes=1)
    numbers = []
    for now, unit in (
        (START, "disdukcapil"),
        (START, "dpmptsp"),
        (eve, "disdukcapil"),
        (new_year, "disdukcapil"),
    ):
        with write() as session:
            numbers.append(issued(app, session, now, unit_code=unit).number)
    assert numbers == [
        "0001/DISDUKCAPIL/2026",
        "0001/DPMPTSP/2026",
        "0002/DISDUKCAPIL/2026",
        "0001/DISDUKCAPIL/2027",
    ]


@pytest.mark.parametrize(
    "changes", [{"unit_code": "nowhere"}, {"holder": " "}, {"valid_until": date(2026, 11, 23)}]
)
def test_what_cannot_be_issued_takes_no_number(
    app: Flask, read: Block, write: Block, changes: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"unit|somebody|begins"), write() as session:
        issued(app, session, **changes)
    assert serials(read) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (SigningFailed("The certificate ended."), "certificate ended"),
        (b'{"error": "passphrase"}', "no signed PDF"),
        (None, "no signed PDF"),  # the paper as it was
    ],
)
def test_what_is_not_signed_is_not_issued(
    app: Flask,
    read: Block,
    write: Block,
    instance: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes | Exception | None,
    said: str,
) -> None:
    def sign(_self: object, pdf: bytes, **_about: object) -> bytes:
        if isinstance(answer, Exception):
            raise answer
        return answer or pdf

    with monkeypatch.context() as patched:
        patched.setattr(LocalSigner, "sign", sign)
        with pytest.raises(SigningFailed, match=said), write() as session:
            issued(app, session)
    assert serials(read) == []
    assert not [path for path in (instance / "uploads" / "letters").rglob("*") if path.is_file()]
    with write() as session:
        assert issued(app, session).number == "0001/DISDUKCAPIL/2026"
    assert [path for path in (instance / "uploads" / "letters").rglob("*") if path.is_file()]


def test_a_certificate_that_ended_issues_nothing(app: Flask, read: Block, write: Block) -> None:
    with pytest.raises(SigningFailed, match="to 2028-11-23"), write() as session:
        issued(app, session, START + timedelta(days=731))
    assert serials(read, "disdukcapil/2028") == []


# ---------------------------------------------------------------- paper and code


def test_the_kept_paper_is_the_signed_one(app: Flask, write: Block) -> None:
    files, vault = app.extensions["files"], app.extensions["vault"]
    with write() as session:
        letter = issued(app, session, START + timedelta(minutes=1))
        pdf = paper_of(files, vault, letter)
        assert by_paper(session, pdf) is letter
        assert by_paper(session, pdf + b"\n") is None
    found = check(pdf, [signer().certificate])
    assert found.good
    assert found.at == letter.issued_at
    assert letter.digest == hashlib.sha256(pdf).hexdigest()


def test_the_paper_is_kept_as_it_was_issued_and_found_by_its_code(app: Flask, write: Block) -> None:
    vault, files = app.extensions["vault"], app.extensions["files"]
    with write() as session:
        letter = issued(app, session, valid_until=date(2027, 1, 31))
        found = by_code(session, vault, code_of(app, letter))
        assert found is letter
        assert by_code(session, vault, "7K3M-9QXD-4TRW") is None
        text = text_of(paper_of(files, vault, letter))
        for words in (letter.number, HOLDER, "Rina Siregar", "31 Januari 2027"):
            assert words in text
        assert letter.holder_masked == "S••• A••••• N•••••••"
        files.put(letter.file_key, vault.encrypt_bytes(b"forged"))
        with pytest.raises(Damaged):
            paper_of(files, vault, letter)


def test_a_thief_without_the_key_reads_no_name_and_no_code(
    app: Flask, read: Block, write: Block, instance: Path
) -> None:
    with write() as session:
        letter = issued(app, session)
    code = code_of(app, letter)
    with read() as session:
        tables = db.metadata.sorted_tables
        rows = "\n".join(str(row) for table in tables for row in session.execute(table.select()))
    kept = [path for path in instance.rglob("*") if path.is_file() and "i18n" not in path.parts]
    assert any("letters" in path.parts for path in kept)
    stolen = rows.encode() + b"".join(path.read_bytes() for path in kept)
    assert letter.number.encode() in stolen
    for marker in (HOLDER, "Aminah", "Putri", code, code.replace("-", ""), "%PDF", "JVBERi"):
        assert marker.encode() not in stolen, marker
    with pytest.raises(Unreadable):
        paper_of(app.extensions["files"], Vault(["x" * 40]), letter)


def test_only_papers_that_no_row_names_are_cleared_away(app: Flask, write: Block) -> None:
    files = app.extensions["files"]
    with write() as session:
        letter = issued(app, session)
    thrown_away(app, write)
    later = datetime.now(UTC) + timedelta(days=10_000)
    with write() as session:
        cleared = purge_orphans(files, lambda keys: kept_papers(session, keys), later, "letters")
        assert cleared == 1
        assert purge_orphans(files, lambda _keys: set(), later) == 0
    assert paper_of(files, app.extensions["vault"], letter)


# ---------------------------------------------------------------- revoking


def test_a_letter_is_revoked_once_with_a_reason(app: Flask, write: Block) -> None:
    with write() as session:
        letter, tono = issued(app, session), officer(session, "tono")
        with pytest.raises(ValueError, match="why"):
            revoke(session, letter, tono, "  ", START)
        revoke(session, letter, tono, "Nama salah tulis.", START + timedelta(days=1))
        assert (letter.revoked_by_id, letter.revoke_reason) == (tono.id, "Nama salah tulis.")
        with pytest.raises(AlreadyRevoked):
            revoke(session, letter, tono, "Sekali lagi.", START)


def test_a_replacement_has_the_next_number_and_the_old_one_names_it(
    app: Flask, write: Block
) -> None:
    vault, files = app.extensions["vault"], app.extensions["files"]
    with write() as session:
        old, rina = issued(app, session), officer(session)
        arguments = (session, vault, files, signer(), current_city(), old, CONTENT, rina)
        new = replace(*arguments, "Nama salah tulis.", START)
        assert (new.serial, old.replaced_by, new.revoked_at) == (2, new, None)
        with pytest.raises(AlreadyRevoked):
            replace(*arguments, "Sekali lagi.", START)
        assert session.query(Letter).count() == 2


def test_the_chain_of_the_city_tells_of_it_without_personal_data(app: Flask, write: Block) -> None:
    vault, files = app.extensions["vault"], app.extensions["files"]
    with write() as session:
        before = session.query(Event).count()
        old, rina = issued(app, session), officer(session)
        city, reason = current_city(), "Nama salah."
        new = replace(session, vault, files, signer(), city, old, CONTENT, rina, reason, START)
        events = session.query(Event).order_by(Event.id).all()[before:]
        assert [(event.name, event.chain, event.staff_id) for event in events] == [
            ("letter_issued", "city", rina.id),
            ("letter_issued", "city", rina.id),
            ("letter_revoked", "city", rina.id),
        ]
        assert events[0].facts["digest"] == old.digest
        assert events[2].facts["replaced_by"] == new.id
        assert "Siti" not in str([event.facts for event in events])
        assert seals.verify(session) is None
