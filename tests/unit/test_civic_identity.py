"""NIK, KK, phone numbers and masks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.civic.identity import (
    PROVINCES,
    Fault,
    check_kk,
    check_nik,
    mask_email,
    mask_name,
    mask_nik,
    mask_phone,
    normalise_phone,
)

TODAY = date(2026, 11, 24)
MEDAN = frozenset(f"1271{n:02}" for n in range(1, 22))


@pytest.mark.parametrize(
    ("typed", "born", "female"),
    [
        ("1271015708920003", date(1992, 8, 17), True),
        ("1271210101900001", date(1990, 1, 1), False),
        ("1271 0157 0892 0003", date(1992, 8, 17), True),
        ("127101-570892-0003", date(1992, 8, 17), True),
        ("１２７１０１５７０８９２０００３", date(1992, 8, 17), True),
        ("1271012411260001", date(2026, 11, 24), False),
        ("1271012511260001", date(1926, 11, 25), False),
        ("1271012902000001", date(2000, 2, 29), False),
        ("9201016512850002", date(1985, 12, 25), True),
    ],
)
def test_sound_nik(typed: str, born: date, female: bool) -> None:
    checked = check_nik(typed, TODAY)
    assert checked.ok
    assert (checked.dated, checked.female, checked.warnings) == (born, female, ())


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ("1271015508000000", {Fault.SERIAL}),
        ("127101150892000", {Fault.LENGTH}),
        ("12710115089200034", {Fault.LENGTH}),
        ("1271013202900001", {Fault.DATE}),
        ("1271017202900001", {Fault.DATE}),
        ("1271010002900001", {Fault.DATE}),
        ("1271014002900001", {Fault.DATE}),
        ("1271012902010001", {Fault.DATE}),
        ("1271011513900001", {Fault.DATE}),
        ("2071015708920003", {Fault.PROVINCE}),
        ("1200015708920003", {Fault.CITY}),
        ("1271005708920003", {Fault.DISTRICT}),
        ("0000000000000000", set(Fault) - {Fault.LENGTH, Fault.UNKNOWN_DISTRICT}),
        ("", {Fault.LENGTH}),
        ("127101570892000A", {Fault.LENGTH}),
        ("١٢٧١٠١٥٧٠٨٩٢٠٠٠٣", {Fault.LENGTH}),
        ("1271\x000157089200", {Fault.LENGTH}),
        ("1" * 100_000, {Fault.LENGTH}),
    ],
)
def test_unsound_nik(typed: str, errors: set[Fault]) -> None:
    checked = check_nik(typed, TODAY)
    assert set(checked.errors) == errors
    assert not checked.ok


def test_there_are_38_provinces() -> None:
    assert len(PROVINCES) == 38


def test_an_unknown_district_is_a_warning_only() -> None:
    assert check_nik("1271210101900001", TODAY, MEDAN).warnings == ()
    checked = check_nik("1271220101900001", TODAY, MEDAN)
    assert checked.ok
    assert checked.warnings == (Fault.UNKNOWN_DISTRICT,)


def test_kk() -> None:
    checked = check_kk("1271 0115 0808 0003", TODAY, MEDAN)
    assert checked.ok
    assert checked.digits == "1271011508080003"
    assert (checked.dated, checked.warnings) == (date(2008, 8, 15), ())


@pytest.mark.parametrize(
    ("typed", "errors", "warnings"),
    [
        ("1271015508080003", set(), {Fault.DATE}),
        ("1271221508080003", set(), {Fault.UNKNOWN_DISTRICT}),
        ("1271011508080000", {Fault.SERIAL}, set()),
        ("127101150808000", {Fault.LENGTH}, set()),
        ("9901011508080003", {Fault.PROVINCE}, {Fault.UNKNOWN_DISTRICT}),
    ],
)
def test_odd_kk(typed: str, errors: set[Fault], warnings: set[Fault]) -> None:
    checked = check_kk(typed, TODAY, MEDAN)
    assert (set(checked.errors), set(checked.warnings)) == (errors, warnings)


@given(
    st.sampled_from(sorted(MEDAN)),
    st.dates(date(1927, 1, 1), TODAY),
    st.booleans(),
    st.integers(1, 9999),
)
def test_every_well_made_nik_is_sound(district: str, born: date, female: bool, serial: int) -> None:
    nik = f"{district}{born.day + 40 * female:02}{born:%m%y}{serial:04}"
    checked = check_nik(nik, TODAY, MEDAN)
    assert checked.ok
    assert (checked.dated, checked.female, checked.digits) == (born, female, nik)


@given(st.text() | st.text("0123456789", min_size=16, max_size=16))
def test_any_input_gives_an_answer(typed: str) -> None:
    check_nik(typed, TODAY, MEDAN)
    check_kk(typed, TODAY, MEDAN)
    phone = normalise_phone(typed)
    assert phone is None or normalise_phone(phone) == phone


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("0812 3456 7890", "+6281234567890"),
        ("0812.3456.7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("+62 (0)812 3456 7890", "+6281234567890"),
        ("+62 (812) 3456–7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("0062 812 3456 7890", "+6281234567890"),
        ("81234567890", "+6281234567890"),
        ("０８１２３４５６７８９０", "+6281234567890"),
        ("0811234567", "+62811234567"),
        ("0812345678901", "+62812345678901"),
        ("(061) 4567890", "+62614567890"),
        ("021-3456789", "+62213456789"),
        ("061/45678901", "+626145678901"),
    ],
)
def test_phone(typed: str, expected: str) -> None:
    assert normalise_phone(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "112",
        "110",
        "119",
        "08123456",
        "08123456789012",
        "+60123456789",
        "0812345678x0",
        "٠٨١٢٣٤٥٦٧٨٩٠",
        "001234567890",
        "1708",
        "0" * 100_000,
    ],
)
def test_no_phone(typed: str) -> None:
    assert normalise_phone(typed) is None


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("1271015708920003", "1271••••••••0003"),
        ("127101570892000", "•" * 15),
        ("", ""),
    ],
)
def test_mask_nik(digits: str, expected: str) -> None:
    assert mask_nik(digits) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+6281234567890", "0812••••7890"),
        ("081234567890", "0812••••7890"),
        ("+62811234567", "0811••••67"),
        ("+62614567890", "0614••••90"),
        ("+60123456789", "+601••••6789"),
        ("112", "112••••"),
    ],
)
def test_mask_phone(number: str, expected: str) -> None:
    assert mask_phone(number) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("siti@gmail.com", "s•••@gmail.com"),
        ("s@contoh.test", "s•••@contoh.test"),
        ('"a@b"@contoh.test', '"•••@contoh.test'),
        ("siti", "•••"),
        ("", "•••"),
    ],
)
def test_mask_email(address: str, expected: str) -> None:
    assert mask_email(address) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Siti Nasution", "S••• N•••••••"),
        ("  Siti\tNur  Nasution ", "S••• N•• N•••••••"),
        ("Rina", "R•••"),
        ("E\N{COMBINING ACUTE ACCENT}lo", "É••"),
        ("", ""),
    ],
)
def test_mask_name(name: str, expected: str) -> None:
    assert mask_name(name) == expected
