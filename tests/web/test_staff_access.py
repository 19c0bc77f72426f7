"""Every view is marked, and every mark is kept for every role."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.core.access import Mark, Role, may
from app.staff.models import Staff
from tests import cast
from tests.conftest import Block
from tests.pages import Client

SIGN_IN = "/petugas/masuk"
#: Anybody may ask for these desk pages.
OPEN_DESK = {"staff.sign_in", "staff.links.forgotten", "staff.links.set_password"}
#: Served in front of the application.
SERVED_OUTSIDE = {"static"}


def rules(app: Flask) -> Iterator[tuple[Rule, Mark]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in SERVED_OUTSIDE:
            mark = getattr(app.view_functions[rule.endpoint], "access", None)
            assert isinstance(mark, Mark), f"{rule.endpoint} ({rule.rule}) carries no mark"
            yield rule, mark


def address_of(app: Flask, rule: Rule) -> str:
    """An address of the rule; the thing it names need not exist."""
    with app.test_request_context():
        sample = {name: sample_of(rule, name) for name in rule.arguments}
        built = app.url_map.bind("127.0.0.1:8000").build(rule.endpoint, sample)
    return str(built)


def sample_of(rule: Rule, name: str) -> object:
    converter = rule._converters[name]
    return 2147483646 if type(converter).__name__ == "IntegerConverter" else "2611-9999"


def methods_of(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})


def test_every_view_is_marked(app: Flask) -> None:
    assert len(list(rules(app))) > 10


def test_the_desk_is_for_staff_and_the_rest_for_everybody(app: Flask) -> None:
    for rule, mark in rules(app):
        desk = rule.rule.startswith("/petugas") and rule.endpoint not in OPEN_DESK
        assert (mark.permission is not None) == desk, f"{rule.endpoint} ({rule.rule})"


def test_no_browser_keeps_a_page_of_the_desk(app: Flask, budi: Client) -> None:
    for rule, mark in rules(app):
        if mark.permission is not None and "GET" in methods_of(rule):
            answer = budi.http.get(address_of(app, rule))
            assert answer.headers["Cache-Control"] == "no-store", rule


def test_a_view_without_a_mark_is_closed(app: Flask) -> None:
    app.add_url_rule("/lupa-ditandai", "forgotten", lambda: "secret")
    page = Client(app).get("/lupa-ditandai", status=403)
    assert "secret" not in page.html


def test_only_what_a_new_password_needs_opens_while_it_is_due(app: Flask) -> None:
    open_then = {rule.endpoint for rule, mark in rules(app) if mark.while_password_expired}
    assert open_then == {"staff.sign_out", "staff.change_password"}


def test_nobody_unknown_gets_further_than_the_sign_in(app: Flask) -> None:
    client = Client(app)
    for rule, mark in rules(app):
        for method in methods_of(rule) if mark.permission else []:
            response = client.http.open(address_of(app, rule), method=method)
            assert response.status_code == 303, f"{method} {rule.rule}"
            assert response.headers["Location"].startswith(SIGN_IN), f"{method} {rule.rule}"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_opens_what_its_rights_say_and_nothing_else(
    app: Flask, write: Block, role: Role
) -> None:
    with write() as session:
        rina = session.query(Staff).filter_by(username="rina").one()
        rina.role = role.value
    client = cast.signed_in(app, "rina")
    for rule, mark in rules(app):
        for method in methods_of(rule) if mark.permission else []:
            if rule.endpoint == "staff.sign_out":
                continue
            response = client.http.open(address_of(app, rule), method=method)
            assert mark.permission is not None
            refused = response.status_code == 403
            assert refused != may(rina, mark.permission), f"{method} {rule.rule} as {role}"
            assert not response.headers.get("Location", "").startswith(SIGN_IN)


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_no_form_of_the_desk_is_taken_without_its_token(
    app: Flask, ayu: Client, token: str | None
) -> None:
    data = {} if token is None else {"csrf_token": token}
    for rule, mark in rules(app):
        if "POST" in methods_of(rule) and mark.permission:
            response = ayu.http.post(address_of(app, rule), data=data)
            assert 400 <= response.status_code < 500, f"POST {rule.rule}: {response.status_code}"
    assert ayu.get("/petugas/sesi").path == "/petugas/sesi"  # still signed in
