"""Accounts made as an operator makes them, and an officer's steps through the pages of the desk."""

import re

from bench._citizen import Citizen, Page, Unexpected
from scripts.site import Site

PASSWORD = "hujan-deras-di-kota-2026"


def hire(site: Site, username: str, role: str, unit: str = "", email: str = "") -> None:
    """Add an account by `flask staff add`; it chooses its own password at the first sign-in."""
    options = ["--name", username.title(), "--role", role, "--unit", unit, "--email", email]
    said = site.flask("staff", "add", username, *options, "--generate")
    temporary = said.strip().rpartition(": ")[2]
    person = Citizen(site.port)
    page = _signed_in(person, username, temporary)
    form = page.form(field="again").fill(current=temporary, password=PASSWORD, again=PASSWORD)
    person.submit(form).expect()


def sign_in(port: int, username: str, password: str = PASSWORD) -> Citizen:
    """A browser in which this member of staff has signed in, through the page."""
    person = Citizen(port)
    _signed_in(person, username, password)
    return person


def _signed_in(person: Citizen, username: str, password: str) -> Page:
    form = person.get("/petugas/masuk").expect().form(field="password")
    page = person.submit(form.fill(username=username, password=password)).expect()
    if page.path.startswith("/petugas/masuk"):
        raise Unexpected(f"{username} cannot sign in: {page.complaint}")
    return page


def step(officer: Citizen, number: str, name: str, **given: str) -> Page:
    """Open the form of a step, fill it in and send it. Raises Unexpected when it is not taken."""
    address = f"/petugas/kasus/{number}/{name}"
    form = officer.get(address).expect().form(action=address)
    page = officer.submit(form.fill(**given)).expect()
    if not re.search(rf"[?&]selesai={name}\b", page.path):
        raise Unexpected(f"{name} of {number} leads to {page.path}: {page.complaint}")
    return page
