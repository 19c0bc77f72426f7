"""Roles, account events, passwords and devices: what is decided without a database."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from app.core.access import GRANTS, Role, Scope
from app.staff import passwords
from app.staff.catalogue import ACCOUNT_EVENTS, LINK_LIFETIMES, ROLES
from app.staff.devices import device_of
from tests.cast import SHIPPED_METHOD

CITY = Path(__file__).resolve().parents[2] / "app" / "city"
MAILS = tomllib.loads((CITY / "mails.toml").read_text(encoding="utf-8"))["mail"]
TO_AN_ACCOUNT = {"staff", "new member of staff"}


def test_every_role_has_words_and_knows_whether_it_needs_a_unit() -> None:
    assert ROLES.keys() == {role.value for role in Role}
    for role in Role:
        works_for_a_unit = Scope.UNIT in GRANTS[role].values()
        assert ROLES[role].needs_unit == works_for_a_unit


def test_every_mail_to_an_account_has_exactly_one_row() -> None:
    told = Counter(mail for event in ACCOUNT_EVENTS.values() for mail in event.tells)
    assert told == Counter(name for name, mail in MAILS.items() if mail["to"] in TO_AN_ACCOUNT)


def test_mails_with_a_link_to_a_password_say_how_long_and_promise_nothing_else() -> None:
    for name in LINK_LIFETIMES:
        assert {"link", "wait"} <= set(MAILS[name]["uses"])
        for language, factor in (("id", "faktor"), ("en", "factor")):
            assert factor not in str(MAILS[name][language]).casefold()


# ---------------------------------------------------------------- passwords


@pytest.mark.parametrize(
    "password",
    [
        "",
        "pendek",
        "sebelas-huruf"[:11],
        "password2026!",
        "Medan Berkah 2026",
        "katasandi12345",
        "qwertyuiop123",
        "839201748392",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "rina.siregar.2026",
        "hujan\x00deras-sekali",
        "h" * 201,
    ],
)
def test_easy_passwords_are_refused(password: str) -> None:
    assert passwords.problem(password, "rina.siregar")


@pytest.mark.parametrize(
    "password",
    ["hujan-deras-di-medan-2026", "becak kuda parit lampu", "ñandú ÆØÅ жук 12", "x7Kq-9mWz-2pRt"],
)
def test_good_passwords_are_taken_and_known_again(password: str) -> None:
    assert passwords.problem(password, "rina.siregar") is None


def test_a_hash_is_the_one_that_was_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "METHOD", SHIPPED_METHOD)
    kept = passwords.hashed("hujan deras")
    assert kept.startswith("scrypt:32768:8:3$")
    assert passwords.matches(kept, "hujan deras")
    assert not passwords.matches(kept, "hujan  deras")
    assert not passwords.matches(kept, " hujan deras")
    assert not passwords.outdated(kept)
    assert passwords.outdated("pbkdf2:sha256:1000$x$y")


def test_accents_are_the_same_however_a_keyboard_writes_them() -> None:
    assert passwords.matches(passwords.hashed("cafe\u0301"), "caf\u00e9")


def test_nobody_has_a_password() -> None:
    assert not passwords.matches(None, "")
    assert not passwords.matches(None, "hujan deras")


def test_temporary_passwords_differ_and_pass_the_rules() -> None:
    made = {passwords.temporary() for _ in range(50)}
    assert len(made) == 50
    assert not [word for word in made if passwords.problem(word)]


# ---------------------------------------------------------------- devices


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; SM-A057F) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/130.0.0.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Firefox/132.0", "Firefox, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("curl/8.5.0", "Browser"),
        ("", "Browser"),
        ("\x00" * 5000, "Browser"),
    ],
)
def test_a_device_is_two_coarse_words(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
