"""A client that reads pages as a careful browser does.

Every HTML answer is checked (`tests/html.py`), forms are filled in as they stand on the page with
their hidden fields, links are followed by their words. A 5xx answer always fails the test.

    page = client.get("/keluhan/baru")
    form = page.form("Kirim")
    form.fill(text="Jalan berlubang", district="12.71.01")
    receipt = form.submit()
    assert receipt.path.endswith("/tanda-terima")
"""

from collections.abc import Iterable
from functools import cached_property
from io import BytesIO
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.html import TYPED, headers, one, problems, soup_of, words

#: Name, content and, when it is not to be guessed from the name, media type.
Upload = tuple[str, bytes] | tuple[str, bytes, str]
REDIRECTS = {301, 302, 303, 307, 308}
NOT_SENT = {"submit", "button", "image", "reset", "file"}


class Page:
    """One answer, read."""

    def __init__(self, client: "Client", response: TestResponse) -> None:
        self.client = client
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.url = response.request.url
        self.path = response.request.path
        is_text = (response.mimetype or "").startswith("text/")
        self.html = response.get_data(as_text=True) if is_text else ""

    def __repr__(self) -> str:
        return f"<Page {self.status} {self.path} {self.h1!r}>"

    @cached_property
    def soup(self) -> BeautifulSoup:
        return soup_of(self.html)

    @property
    def h1(self) -> str:
        return words(self.soup.h1)

    @property
    def title(self) -> str:
        return words(self.soup.title)

    @property
    def text(self) -> str:
        """All visible words of the page with single spaces."""
        return words(self.soup.body)

    @property
    def main(self) -> str:
        """The words of the main part, without masthead and foot."""
        return words(self.soup.main)

    def select(self, selector: str) -> list[Tag]:
        return list(self.soup.select(selector))

    def words(self, selector: str) -> str:
        """The words of the one element that the CSS selector finds."""
        found = self.select(selector)
        assert len(found) == 1, f"{len(found)} elements for {selector!r} on {self!r}"
        return words(found[0])

    def value(self, attribute: str) -> str:
        """The value of the only element with this attribute, such as `data-report-number`."""
        values = {one(tag[attribute]) for tag in self.select(f"[{attribute}]")}
        assert len(values) == 1, f"{attribute}: {sorted(values)} on {self!r}"
        return values.pop()

    def links(self) -> dict[str, str]:
        """Address by words of every link on the page; the first wins."""
        found: dict[str, str] = {}
        for tag in self.soup.find_all("a", href=True):
            found.setdefault(words(tag) or one(tag.get("aria-label")), one(tag["href"]))
        return found

    def follow(self, text: str) -> "Page":
        """Go where the link with these words (or the first that holds them) leads."""
        links = self.links()
        address = links.get(text) or next((to for name, to in links.items() if text in name), None)
        assert address, f"no link {text!r} on {self!r}; there are: {', '.join(links)}"
        return self.client.get(urljoin(self.url, address))

    def forms(self) -> list["Form"]:
        return [Form(self, tag) for tag in self.soup.find_all("form")]

    def form(self, button: str = "", *, action: str = "", field: str = "") -> "Form":
        """The one form with this button, with an address ending so, or with this field."""
        forms = self.forms()
        found = [
            form
            for form in forms
            if (not button or form.button(button))
            and (not action or form.action.endswith(action))
            and (not field or field in form.names())
        ]
        assert len(found) == 1, (
            f"{len(found)} forms {button}{action}{field!r} on {self!r}; there are: "
            + "; ".join(f"{form.action}: {form.buttons()}" for form in forms)
        )
        return found[0]

    def errors(self) -> dict[str, str]:
        """What is wrong by field name: the text each invalid field points to."""
        found: dict[str, str] = {}
        for bad in self.select("[aria-invalid=true], fieldset.bad"):
            notes = [self.soup.find(id=name) for name in one(bad.get("aria-describedby")).split()]
            text = " ".join(words(note) for note in notes if note and "err" in classes(note))
            name = one(bad.get("name")) or one(bad.get("id"))
            if text:
                found[name] = text
        return found


class Form:
    """A form as it stands on a page. Values start as the page gives them."""

    def __init__(self, page: Page, tag: Tag) -> None:
        self.page = page
        self.tag = tag
        self.method = one(tag.get("method")).lower() or "get"
        self.action = urljoin(page.url, one(tag.get("action")) or page.url)
        self.multipart = one(tag.get("enctype")) == "multipart/form-data"
        self.files: dict[str, list[Upload]] = {}

    @cached_property
    def values(self) -> dict[str, list[str]]:
        """What would be sent, by name: at first what a browser sends for an untouched form."""
        found: dict[str, list[str]] = {}
        for control in self.controls:
            if name := one(control.get("name")):
                found.setdefault(name, []).extend(initial(control))
        return found

    @cached_property
    def controls(self) -> list[Tag]:
        """Its enabled fields, those elsewhere on the page with its id as `form` too."""
        inside = self.tag.find_all(["input", "select", "textarea"])
        owner = one(self.tag.get("id"))
        outside = self.page.soup.select(f'[form="{owner}"]:not(button)') if owner else []
        found = [*inside, *outside]
        return [tag for tag in found if not tag.has_attr("disabled") and not in_disabled(tag)]

    def names(self) -> set[str]:
        return {one(tag.get("name")) for tag in self.controls}

    def named(self, name: str) -> list[Tag]:
        found = [tag for tag in self.controls if one(tag.get("name")) == name]
        assert found, (
            f"no field {name!r} in the form {self.action}; there are: {sorted(self.names())}"
        )
        return found

    def options(self, name: str) -> dict[str, str]:
        """Words by value of a list, of radio buttons or boxes."""
        found: dict[str, str] = {}
        for control in self.named(name):
            if control.name == "select":
                found |= {option_value(o): words(o) for o in enabled_options(control)}
            elif one(control.get("type")) in {"radio", "checkbox"}:
                found[one(control.get("value", "on"))] = words(self._label(control))
        return found

    def _label(self, control: Tag) -> Tag | None:
        known = control.get("id")
        label = self.page.soup.find("label", attrs={"for": one(known)}) if known else None
        return label if isinstance(label, Tag) else control.find_parent("label")

    def fill(self, **values: str | bool | Iterable[str]) -> Self:
        """Set fields as a person can: existing ones, offered values; True ticks the only box."""
        for name, value in values.items():
            offered = self.options(name)
            assert not all(one(tag.get("type")) == "hidden" for tag in self.named(name)), (
                f"{name!r} is hidden; nobody can fill it in"
            )
            chosen = self._chosen(value, offered)
            if offered:
                assert set(chosen) <= offered.keys(), f"{name}={chosen} is not among {offered}"
            self.force(name, *chosen)
        return self

    @staticmethod
    def _chosen(value: str | bool | Iterable[str], offered: dict[str, str]) -> list[str]:
        if isinstance(value, bool):
            return list(offered)[:1] if value else []
        return [value] if isinstance(value, str) else list(value)

    def force(self, name: str, *values: str) -> Self:
        """Set whatever a hostile client could."""
        TYPED.update(value for value in values if len(value) > 3)
        self.values[name] = list(values)
        return self

    def attach(self, name: str, *uploads: Upload) -> Self:
        """Choose files in a file field of the form."""
        (control,) = self.named(name)
        assert one(control.get("type")) == "file", f"{name!r} takes no files"
        assert self.multipart, f"the form {self.action} would send only the names of files"
        assert len(uploads) < 2 or control.has_attr("multiple"), f"{name!r} takes one file"
        self.files[name] = list(uploads)
        return self

    @cached_property
    def _buttons(self) -> list[Tag]:
        owner = one(self.tag.get("id"))
        outside = self.page.soup.find_all("button", attrs={"form": owner}) if owner else []
        found = [*self.tag.find_all(["button", "input"]), *outside]
        return [tag for tag in found if one(tag.get("type")) in {"submit", "image"} or bare(tag)]

    def buttons(self) -> list[str]:
        return [words(tag) or one(tag.get("value")) for tag in self._buttons]

    def button(self, text: str) -> Tag | None:
        """The button with these words, or else the first that holds them."""
        found = dict(zip(self.buttons(), self._buttons, strict=True))
        return found.get(text) or next((tag for name, tag in found.items() if text in name), None)

    def submit(self, button: str = "", *, follow: bool = True) -> Page:
        """Press the button with these words (without: the first, as the Enter key does)."""
        pressed = self.button(button) if button else next(iter(self._buttons), None)
        assert pressed is not None, f"no button {button!r}; there are: {self.buttons()}"
        data: dict[str, Any] = {name: list(values) for name, values in self.values.items()}
        if name := one(pressed.get("name")):
            data.setdefault(name, []).append(one(pressed.get("value")))
        address = urljoin(self.page.url, one(pressed.get("formaction")) or self.action)
        if self.method == "get":
            return self.page.client.get(address.split("?")[0], query_string=data, follow=follow)
        kind = "multipart/form-data" if self.multipart else "application/x-www-form-urlencoded"
        if self.multipart:
            data |= {name: [upload(file) for file in files] for name, files in self._files()}
        return self.page.client.post(address, data=data, content_type=kind, follow=follow)

    def _files(self) -> Iterable[tuple[str, list[Upload]]]:
        for control in self.controls:
            if one(control.get("type")) == "file" and (name := one(control.get("name"))):
                yield name, self.files.get(name) or [("", b"", "application/octet-stream")]


def classes(tag: Tag) -> list[str]:
    return one(tag.get("class")).split()


def in_disabled(tag: Tag) -> bool:
    return any(parent.has_attr("disabled") for parent in tag.find_parents("fieldset"))


def bare(tag: Tag) -> bool:
    """A button without a type submits."""
    return tag.name == "button" and not tag.get("type")


def enabled_options(select: Tag) -> list[Tag]:
    return [option for option in select.find_all("option") if not option.has_attr("disabled")]


def option_value(option: Tag) -> str:
    return one(option["value"]) if option.has_attr("value") else words(option)


def initial(control: Tag) -> list[str]:
    """The values a browser would send for an untouched field."""
    kind = one(control.get("type"))
    if control.name == "textarea":
        return [control.get_text().replace("\r\n", "\n").removeprefix("\n")]
    if control.name == "select":
        options = enabled_options(control)
        chosen = [o for o in options if o.has_attr("selected")]
        first = [] if control.has_attr("multiple") else options[:1]
        return [option_value(o) for o in chosen or first]
    if kind in {"radio", "checkbox"}:
        return [one(control.get("value", "on"))] if control.has_attr("checked") else []
    return [] if kind in NOT_SENT else [one(control.get("value"))]


def upload(file: Upload) -> tuple[Any, ...]:
    name, content, *kind = file
    return (BytesIO(content), name, *kind)


class Client:
    """A visitor with cookies of their own. Every page is checked unless `check` is off."""

    def __init__(self, app: Flask, *, language: str = "") -> None:
        self.app = app
        self.http: FlaskClient = app.test_client()
        self.check = True
        if language:
            self.http.environ_base["HTTP_ACCEPT_LANGUAGE"] = language

    def get(
        self, address: str, *, status: int = 200, follow: bool = True, **arguments: Any
    ) -> Page:
        """Open an address; the final answer must have this status."""
        page = self._open("GET", address, follow=follow, **arguments)
        assert page.status == status or (not follow and page.status in REDIRECTS), self._say(page)
        return page

    def post(self, address: str, *, follow: bool = True, **arguments: Any) -> Page:
        """Send a form; a redirect is followed, an error is for the test to judge."""
        return self._open("POST", address, follow=follow, **arguments)

    def _open(self, method: str, address: str, *, follow: bool, **arguments: Any) -> Page:
        parts = urlsplit(address)
        path = parts.path or "/"
        if parts.query:
            path += f"?{parts.query}"
        response = self.http.open(path, method=method, **arguments)
        if follow and response.status_code in REDIRECTS:
            assert method == "GET" or response.status_code == 303, (
                f"{method} {address} answers {response.status_code}; after a form it must be 303"
            )
            return self._open("GET", urljoin(response.request.url, response.location), follow=True)
        page = Page(self, response)
        self._inspect(page)
        return page

    def _inspect(self, page: Page) -> None:
        assert page.status < 500, self._say(page)
        if not self.check or page.response.mimetype != "text/html" or page.status in REDIRECTS:
            return
        found = [*headers(dict(page.headers)), *problems(page.html, lambda: page.soup)]
        assert not found, "\n".join([f"{page!r} is not as it must be:", *found])

    @staticmethod
    def _say(page: Page) -> str:
        return f"{page.response.request.method} {page!r}: {page.errors() or page.main[:600]}"
