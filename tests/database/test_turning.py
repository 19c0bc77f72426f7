"""Turning the data key: everything under the newest, nothing lost, and the old one good for codes.

Each test begins with a site filled under one key that is then given a newer one.
"""

import inspect
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, insert, make_url, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from app.cases import queries as case_queries
from app.cases import seals
from app.cases.address_hashes import address_hashes
from app.cases.contacts import email_hashes
from app.cases.holding import COOKIE, PURPOSE
from app.cases.mail_actions import Matter, subscribe
from app.cases.models import Contact, Event, Subscription, Support
from app.cases.vault_commands import EVENT
from app.complaints.actions import follow, support
from app.core import turning
from app.core.database import SEALED, Base, Ciphertext, transaction
from app.core.drafts import ORPHAN_LIFE, purge_orphans
from app.core.files import ENCRYPTED, new_key
from app.core.vault import Unreadable, Vault
from app.extensions import db
from app.letters.models import Letter
from app.letters.queries import by_code, kept_papers, paper_of
from app.places.city import current_city
from app.requests import actions as applications
from tests import filing
from tests.conftest import START, Block
from tests.histories import brought_to, filed
from tests.histories import code_of as tracking_code_of
from tests.letters import HOLDER, code_of, issued
from tests.pages import Client

OLD, NEW = "test-data-key-".ljust(40, "d"), "newer-data-key-".ljust(40, "n")
BOTH, TURNED = Vault((NEW, OLD)), Vault((NEW,), code_keys=(OLD,))
ONLY_NEW, THIEF = Vault((NEW,)), Vault((OLD,))
HASHES = 26 + 2
"""Of addresses: of those to be reached, and of followers."""
SITI, WARGA = "siti@contoh.id", "warga@contoh.id"


@dataclass(frozen=True)
class Kept:
    """A full site, and the codes its people hold."""

    tracking: str
    form_key: str
    application: str
    letter: str


@pytest.fixture
def kept(app: Flask, write: Block) -> Kept:
    """Every kind of row and file that is encrypted, more than fit in one transaction."""
    vault = app.extensions["vault"]
    with write() as session:
        for _each in range(24):
            filed(session, START, email=SITI, name="Siti", phone="081234567890")
        case = brought_to(session, "in_progress", START, email=SITI)
        for key in ("k" * 64, "l" * 64):
            assert support(session, current_city(), case, key, START)
            follow(session, vault, case, key, "tetangga@contoh.id", "id", START)
        subscribe(session, vault, Matter(case.kind, case.id), WARGA, "id", START)
        subscribe(session, vault, Matter(case.kind, search={"q": "parit"}), WARGA, "id", START)
        code = applications.begin(session, vault, next(iter(app.extensions["services"])), START)
        filing.request(app, session)
        letter = issued(app, session)
        form_key = case.form_key  # type: ignore[attr-defined]
        made = Kept(tracking_code_of(case), form_key, code, code_of(app, letter))
    app.extensions["vault"] = BOTH
    return made


def run(app: Flask, command: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["vault", command])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def contents(app: Flask) -> dict[str, str]:
    """Every ciphertext there is, by where it stands."""
    with app.app_context(), transaction("read"):
        session, files = db.session(), app.extensions["files"]
        found = {
            f"{place.name} {row}": value
            for place in turning.places(session, files)
            if isinstance(place, turning.Rows)
            for row, value in session.execute(select(place.key, place.column))
            if value is not None
        }
        session.rollback()
    areas = ((area, key) for area in ENCRYPTED for key in files.keys(area, turning.EVER))
    return found | {
        f"{area} {key}": urlsafe_b64encode(files.get(key)).decode() for area, key in areas
    }


def opened(vault: Vault, found: dict[str, str]) -> dict[str, bytes]:
    """What a vault makes of ciphertexts; those it cannot open are missing."""
    plain = {}
    for where, value in found.items():
        with suppress(Unreadable):
            plain[where] = vault.decrypt_bytes(urlsafe_b64decode(value))
    return plain


# ---------------------------------------------------------------- what is encrypted


def test_a_column_said_to_be_encrypted_has_the_type_that_a_new_key_finds() -> None:
    said = re.compile(r"^ +(\w+): Mapped\[[^\n]*#[^\n]*encrypted", re.M)
    forgotten = [
        f"{mapper.class_.__name__}.{name}"
        for mapper in Base.registry.mappers
        for name in said.findall(inspect.getsource(mapper.class_))
        if not isinstance(mapper.local_table.c[name].type, Ciphertext)
    ]
    assert forgotten == []


def test_nothing_encrypted_stands_where_a_new_key_would_not_find_it(
    app: Flask, kept: Kept, read: Block
) -> None:
    """Asked of the rows and files themselves; each place has some, so that each is tested."""
    with read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                for name, value in row.items():
                    found = SEALED in str(value)
                    assert not found or isinstance(table.c[name].type, Ciphertext), name
    files = app.extensions["files"]
    for area in ("photos", "letters", "papers"):
        for key in files.keys(area, turning.EVER):
            token = urlsafe_b64encode(files.get(key))
            assert area in ENCRYPTED or not token.startswith(SEALED.encode())
    everything = {where.partition(" ")[0] for where in contents(app)}
    assert everything == {
        "application.answers", "contact.email", "contact.name", "contact.phone", "letter.holder",
        "request.answers", "request.checks", "subscription.email", "support.email", "letters",
        "papers",
    }  # fmt: skip


def test_such_a_column_takes_no_plain_text(session: Session) -> None:
    case = filed(session, START)
    statement = insert(Contact).values(case_id=case.id, email=SITI)
    with pytest.raises(StatementError, match="only what the vault has encrypted"):
        session.execute(statement)


# ---------------------------------------------------------------- turning


def test_everything_is_brought_to_the_newest_key_and_reads_as_before(
    app: Flask, kept: Kept, read: Block
) -> None:
    before = contents(app)
    code, said = run(app, "status")
    assert code == 0
    assert "contact.email: 26 under key 2" in said
    assert "letters: 1 under key 2" in said
    assert contents(app) == before  # status writes nothing
    code, said = run(app, "rotate")
    assert code == 0, said
    assert "contact.email: 26 under the newest key" in said
    assert f"{len(before) + HASHES} renewed, 0 left under an older key." in said
    assert opened(ONLY_NEW, contents(app)) == opened(BOTH, before)
    assert opened(ONLY_NEW, before) == {}
    with read() as session:
        letter = session.scalars(select(Letter)).one()
        assert ONLY_NEW.decrypt(letter.holder) == HOLDER
        assert paper_of(app.extensions["files"], ONLY_NEW, letter).startswith(b"%PDF")
        assert seals.verify(session) is None


def test_database_stolen_and_the_old_key_leaked_opens_nothing(
    app: Flask, kept: Kept, read: Block, instance: Path, database_url: str
) -> None:
    before = contents(app)
    assert len(opened(THIEF, before)) == len(before)
    assert run(app, "rotate")[0] == 0
    assert opened(THIEF, contents(app)) == {}
    with read() as session:
        for row in session.scalars(select(Subscription)):
            matter = Matter(row.kind, row.case_id, row.search)
            guessed = THIEF.keyed_hashes("subscription", f"{WARGA} {matter.name}")
            assert row.key not in guessed
        guessed = email_hashes(THIEF, SITI)
        assert session.scalars(select(Contact).where(Contact.email_hash.in_(guessed))).all() == []
    files = [path for path in instance.rglob("*") if path.is_file()]
    if database_url.startswith("sqlite"):
        path = make_url(database_url).database or ""
        files += [file for file in (Path(path), Path(f"{path}-wal")) if file.exists()]
    for file in files:
        raw = file.read_bytes()
        found = [
            where
            for where, value in before.items()
            if value.encode() in raw or urlsafe_b64decode(value) in raw
        ]
        assert found == [], file


def test_the_log_tells_how_much_was_turned_and_a_second_run_has_nothing_to_do(
    app: Flask, kept: Kept, read: Block
) -> None:
    assert run(app, "rotate")[0] == 0
    after = contents(app)
    code, said = run(app, "rotate")
    assert (code, contents(app)) == (0, after)
    assert "0 renewed, 0 left" in said
    with read() as session:
        event = session.scalars(select(Event).where(Event.name == EVENT)).one()
        assert (event.chain, event.actor, event.public) == ("city", "operator", False)
        assert event.facts == {
            "renewed": {
                "application.answers": 1, "contact.email": 26, "contact.email_hash": 26,
                "contact.name": 25, "contact.phone": 25, "letter.holder": 1, "letters": 1,
                "papers": 12, "request.answers": 1, "request.checks": 1, "subscription.email": 2,
                "subscription.key": 2, "support.email": 2,
            },
            "unreadable": 0,
        }  # fmt: skip
        assert seals.verify(session) is None


def test_broken_off_in_the_middle_it_goes_on_the_next_time(
    app: Flask, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = opened(BOTH, contents(app))
    rotate, calls = Vault.rotate, iter(range(50))

    def breaks_off(vault: Vault, value: str) -> str:
        if next(calls) == 49:
            raise KeyboardInterrupt
        return rotate(vault, value)

    monkeypatch.setattr(Vault, "rotate", breaks_off)
    assert app.test_cli_runner().invoke(args=["vault", "rotate"]).exit_code != 0
    monkeypatch.undo()
    half = contents(app)
    assert 0 < len(opened(ONLY_NEW, half)) < len(texts)
    assert opened(BOTH, half) == texts
    assert run(app, "rotate")[0] == 0
    assert opened(ONLY_NEW, contents(app)) == texts


def test_what_is_changed_meanwhile_keeps_its_newer_value(
    app: Flask, kept: Kept, read: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One address is changed and one is deleted after they were looked at."""
    ages = turning.Rows.ages
    newer = BOTH.encrypt("baru@contoh.id")

    def and_then_a_change(
        place: turning.Rows, vault: Vault, rows: Sequence[turning.Row]
    ) -> dict[turning.Row, int | None]:
        found = ages(place, vault, rows)
        if place.name == "contact.email" and 2 in rows:
            with transaction("write"):
                for case_id, email in ((2, newer), (3, None)):
                    changed = update(Contact).where(Contact.case_id == case_id)
                    place.session.execute(changed.values(email=email))
                place.session.commit()
        return found

    monkeypatch.setattr(turning.Rows, "ages", and_then_a_change)
    assert run(app, "rotate")[0] == 0
    with read() as session:
        emails = dict(session.execute(select(Contact.case_id, Contact.email)).all())
    assert emails[2] == newer
    assert emails[3] is None


def test_what_somebody_holds_is_not_waited_for_and_said_to_be_left(
    app: Flask, kept: Kept, read: Block, database_url: str
) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite's writers come one by one")
    newer = Vault((NEW,)).encrypt("baru@contoh.id")
    engine = create_engine(database_url)
    with engine.begin() as elsewhere:
        elsewhere.execute(update(Contact).where(Contact.case_id == 2).values(email=newer))
        code, said = run(app, "rotate")
        assert code == 1
        assert "4 left under an older key" in said  # name, phone, e-mail and its hash
    engine.dispose()
    assert run(app, "rotate")[0] == 0
    with read() as session:
        assert session.scalar(select(Contact.email).where(Contact.case_id == 2)) == newer


def test_two_at_once_turn_each_row_once(app: Flask, kept: Kept) -> None:
    """What each leaves because the other holds the row for another column, the next walk does."""
    texts = opened(BOTH, contents(app))
    start = Barrier(2)

    def work() -> int:
        with app.app_context():
            start.wait(20)
            session = db.session()
            places = [
                *turning.places(session, app.extensions["files"]),
                *address_hashes(session),
            ]
            return sum(turning.walk(p, BOTH, lambda _n: None, renew=True).renewed for p in places)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(work) for _each in range(2)]
        renewed = sum(one.result() for one in both)
    code, said = run(app, "rotate")
    rest = re.search(r"(\d+) renewed, 0 left", said)
    assert (code, bool(rest)) == (0, True)
    renewed += int(rest[1]) if rest else 0
    files = sum(where.startswith(ENCRYPTED) for where in texts)
    least = len(texts) + HASHES
    assert least <= renewed <= least + files  # a file may be turned twice
    assert opened(ONLY_NEW, contents(app)) == texts


def test_what_no_key_opens_is_named_and_left_as_it_is(
    app: Flask, kept: Kept, write: Block, read: Block
) -> None:
    strange = Vault(("some-lost-key-".ljust(40, "x"),)).encrypt(SITI)
    file_key = new_key("letters")
    app.extensions["files"].put(file_key, b"\xff\x00 half a letter")
    with write() as session:
        session.execute(update(Contact).where(Contact.case_id == 5).values(email=strange))
        session.execute(text("UPDATE support SET email = 'plain' WHERE id = 1"))
    for command in ("status", "rotate"):
        code, said = run(app, command)
        assert code == 1
        for named in ("contact.email 5", "support.email 1", f"letters {file_key}"):
            assert f"UNREADABLE {named}\n" in said
        assert SITI not in said
    assert "contact.email: 25 under the newest key, 1 unreadable" in said
    with read() as session:
        assert session.scalar(select(Contact.email).where(Contact.case_id == 5)) == strange
        assert session.scalar(select(Support.email).where(Support.id == 1)) == "plain"
        assert session.scalars(select(Event).where(Event.name == EVENT)).one().facts[
            "unreadable"
        ] == len((strange, "plain", file_key))
    assert app.extensions["files"].get(file_key) == b"\xff\x00 half a letter"


# ---------------------------------------------------------------- codes


def test_a_key_kept_for_codes_finds_them_and_opens_nothing(
    app: Flask, kept: Kept, write: Block
) -> None:
    assert run(app, "rotate")[0] == 0

    def works(vault: Vault) -> list[bool]:
        with write() as session:
            found = (
                case_queries.by_code(session, vault, kept.tracking),
                case_queries.by_form_key(session, vault, kept.form_key),
                applications.find(session, vault, kept.application, START),
                by_code(session, vault, kept.letter),
            )
            return [one is not None for one in found]

    assert works(TURNED) == [True] * 4
    assert works(ONLY_NEW) == [False] * 4
    assert TURNED.keyed_hash("code", "x") == ONLY_NEW.keyed_hash("code", "x")


def test_the_cookie_of_a_leaked_key_opens_no_report_once_it_only_finds_codes(
    app: Flask, kept: Kept, read: Block, siti: Client
) -> None:
    assert run(app, "rotate")[0] == 0
    with read() as session:
        case = case_queries.by_code(session, BOTH, kept.tracking)
        assert case is not None
    forged = THIEF.encrypt(json.dumps([PURPOSE, case.id, case.link_version, case.number]))
    page = f"/lacak/{case.number}"

    def opens(vault: Vault) -> bool:
        app.extensions["vault"] = vault
        siti.http.set_cookie(COOKIE, forged)
        return siti.get(page).path == page

    assert opens(BOTH)
    assert not opens(TURNED)


def test_a_follower_is_the_same_after_the_old_key_is_gone(
    app: Flask, kept: Kept, write: Block, read: Block
) -> None:
    assert run(app, "rotate")[0] == 0
    with write() as session:
        case = case_queries.by_code(session, TURNED, kept.tracking)
        assert case is not None
        subscribe(session, ONLY_NEW, Matter(case.kind, case.id), WARGA, "id", START)
        subscribe(session, ONLY_NEW, Matter(case.kind, search={"q": "parit"}), WARGA, "id", START)
    with read() as session:
        assert session.scalar(select(func.count(Subscription.id))) == 2


def test_an_address_finds_its_cases_after_the_old_key_is_gone(
    app: Flask, kept: Kept, write: Block, read: Block
) -> None:
    """Also those filed before there was a hash: turning gives them one."""
    with write() as session:
        session.execute(update(Contact).where(Contact.case_id < 4).values(email_hash=None))
    assert "contact.email_hash: 23 under key 2, 3 under key 3" in run(app, "status")[1]
    assert run(app, "rotate")[0] == 0
    assert "contact.email_hash: 26 under the newest key" in run(app, "status")[1]
    with read() as session:
        for vault in (TURNED, ONLY_NEW):
            known = Contact.email_hash.in_(email_hashes(vault, SITI.upper()))
            assert session.scalar(select(func.count(Contact.case_id)).where(known)) == 25


def test_with_one_key_turning_gives_older_rows_their_hash(
    app: Flask, kept: Kept, write: Block, read: Block
) -> None:
    app.extensions["vault"] = THIEF
    with write() as session:
        session.execute(update(Contact).values(email_hash=None))
    assert "26 renewed, 0 left" in run(app, "rotate")[1]
    with read() as session:
        own = {email_hashes(THIEF, address)[0] for address in (SITI, filing.EMAIL)}
        assert set(session.scalars(select(Contact.email_hash))) == own


def test_a_turned_paper_is_no_orphan(app: Flask, kept: Kept, read: Block) -> None:
    assert run(app, "rotate")[0] == 0
    files, later = app.extensions["files"], datetime.now(UTC) + 2 * ORPHAN_LIFE
    with read() as session:
        assert purge_orphans(files, lambda keys: kept_papers(session, keys), later, "letters") == 0
        letter = session.scalars(select(Letter)).one()
        assert paper_of(files, ONLY_NEW, letter).startswith(b"%PDF")
