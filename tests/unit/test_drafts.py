"""Photos between two sendings of a form."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.core.drafts import Drafts, drafts, purge_drafts, purge_orphans
from app.core.files import FileStore, LocalStore, key_in
from app.core.photos import EncodedPhoto, PhotoError, store
from app.core.vault import Vault

FORM, OTHER_FORM = "form-key", "other-form-key"
KEY = "0123456789abcdef0123456789abcdef"
PHOTO = EncodedPhoto(b"full", b"thumb", 40, 30)
DAY = timedelta(days=1)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return LocalStore(tmp_path)


@pytest.fixture
def kept(files: FileStore) -> Drafts:
    return Drafts(files, Vault([KEY]))


def is_gone(use: Callable[[], object]) -> bool:
    with pytest.raises(PhotoError) as error:
        use()
    return error.value.reason == "gone"


def count(files: FileStore) -> tuple[int, int]:
    """How many drafts and photos there are."""
    later = datetime.now(UTC) + 9 * DAY
    return len(list(files.keys("drafts", later))), len(list(files.keys("photos", later)))


# ---------------------------------------------------------------- one form


def test_a_draft_becomes_a_photo(files: FileStore, kept: Drafts) -> None:
    token = kept.keep(PHOTO, FORM)
    assert count(files) == (2, 0)
    photo = kept.take(token, FORM)
    assert count(files) == (0, 2)
    assert files.get(photo.key) == b"full"
    assert files.get(photo.thumb_key) == b"thumb"
    assert (photo.width, photo.height, photo.size) == (40, 30, 4)
    assert photo.digest == store(files, PHOTO).digest


def test_a_retry_takes_the_same_photo(kept: Drafts) -> None:
    token = kept.keep(PHOTO, FORM)
    assert kept.take(token, FORM) == kept.take(token, FORM)


def test_a_retry_after_half_of_it(files: FileStore, kept: Drafts) -> None:
    token = kept.keep(PHOTO, FORM)
    photo = kept.take(token, FORM)
    files.move(photo.thumb_key, key_in("drafts", photo.thumb_key))
    assert kept.take(token, FORM) == photo
    assert files.get(photo.thumb_key) == b"thumb"


def test_a_token_belongs_to_its_form(files: FileStore, kept: Drafts) -> None:
    token = kept.keep(PHOTO, FORM)
    assert is_gone(lambda: kept.take(token, OTHER_FORM))
    kept.discard(token, OTHER_FORM)
    assert kept.still_kept([token], OTHER_FORM) == []
    assert count(files) == (2, 0)


def test_a_token_tells_nothing(kept: Drafts) -> None:
    token = kept.keep(PHOTO, FORM)
    assert FORM not in token
    assert "draft" not in token
    assert len(token) < 600


def test_the_page_shows_it_before_and_after(kept: Drafts) -> None:
    token = kept.keep(PHOTO, FORM)
    assert kept.thumb(token) == b"thumb"
    kept.take(token, FORM)
    assert kept.thumb(token) == b"thumb"


def test_discarding(files: FileStore, kept: Drafts) -> None:
    token = kept.keep(PHOTO, FORM)
    kept.discard(token, FORM)
    kept.discard(token, FORM)
    assert count(files) == (0, 0)
    assert is_gone(lambda: kept.take(token, FORM))
    assert is_gone(lambda: kept.thumb(token))


def test_what_is_taken_is_not_discarded(files: FileStore, kept: Drafts) -> None:
    token = kept.keep(PHOTO, FORM)
    photo = kept.take(token, FORM)
    kept.discard(token, FORM)
    assert files.get(photo.key) == b"full"


def test_each_photo_counts_once(kept: Drafts) -> None:
    one, two = kept.keep(PHOTO, FORM), kept.keep(PHOTO, FORM)
    # A decoder of base64 that passes over foreign characters reads these as the same token.
    same = [one, one, f"{one}!", f"{one[:9]}\n{one[9:]}"]
    assert kept.still_kept([*same, two, "nonsense"], FORM) == [one, two]


def test_a_day_later(kept: Drafts) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=UTC), tick=False) as clock:
        token = kept.keep(PHOTO, FORM)
        clock.shift(DAY - timedelta(minutes=1))
        assert kept.still_kept([token], FORM) == [token]
        clock.shift(timedelta(minutes=2))
        assert kept.still_kept([token], FORM) == []
        assert is_gone(lambda: kept.take(token, FORM))
        assert is_gone(lambda: kept.thumb(token))


def test_a_rotated_key_still_opens(files: FileStore, kept: Drafts) -> None:
    token = kept.keep(PHOTO, FORM)
    rotated = Drafts(files, Vault([KEY[::-1], KEY]))
    assert rotated.take(token, FORM).size == 4
    assert is_gone(lambda: Drafts(files, Vault([KEY[::-1]])).take(token, FORM))


@given(st.text())
def test_any_token(token: str) -> None:
    nowhere = Drafts(LocalStore(Path("/nowhere")), Vault([KEY]))
    assert is_gone(lambda: nowhere.take(token, FORM))
    assert is_gone(lambda: nowhere.thumb(token))
    assert nowhere.still_kept([token], FORM) == []


@pytest.mark.parametrize("text", ["", "siti@example.id", "[]", '["a","b","c",1,2,3,"d"]'])
def test_a_text_encrypted_for_another_purpose_is_no_token(kept: Drafts, text: str) -> None:
    token = kept.vault.encrypt(text)
    assert is_gone(lambda: kept.take(token, FORM))
    assert is_gone(lambda: kept.thumb(token))


def test_the_drafts_of_an_application(kept: Drafts) -> None:
    app = Flask("drafts")
    app.extensions |= {"files": kept.files, "vault": kept.vault}
    with app.app_context():
        assert drafts() == kept


# ---------------------------------------------------------------- the worker


def test_old_drafts_go(files: FileStore, kept: Drafts) -> None:
    kept.keep(PHOTO, FORM)
    now = datetime.now(UTC)
    assert purge_drafts(files, now + DAY - timedelta(minutes=1)) == 0
    assert count(files) == (2, 0)
    assert purge_drafts(files, now + DAY + timedelta(minutes=1)) == 2
    assert count(files) == (0, 0)


def test_old_photos_no_row_names_go(files: FileStore, kept: Drafts) -> None:
    named, orphan = store(files, PHOTO), store(files, PHOTO)
    token = kept.keep(PHOTO, FORM)
    rows = {named.key, named.thumb_key}

    def known(keys: Sequence[str]) -> set[str]:
        return rows.intersection(keys)

    now = datetime.now(UTC)
    assert purge_orphans(files, known, now + DAY) == 0
    assert purge_orphans(files, known, now + 2 * DAY) == 2
    assert files.get(named.key) == b"full"
    with pytest.raises(FileNotFoundError):
        files.get(orphan.key)
    assert kept.thumb(token) == b"thumb"


def test_rows_are_asked_for_some_keys_at_a_time(
    files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.drafts.BATCH", 3)
    for _ in range(4):
        store(files, PHOTO)
    sizes: list[int] = []

    def known(keys: Sequence[str]) -> Sequence[str]:
        sizes.append(len(keys))
        return keys

    assert purge_orphans(files, known, datetime.now(UTC) + 2 * DAY) == 0
    assert sizes == [3, 3, 2]
