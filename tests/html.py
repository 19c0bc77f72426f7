"""What every page must fulfil, whoever made it: checked on each HTML answer of the tests.

`problems` returns sentences, so that a failing test says at once what to mend.
"""

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import html5lib
from bs4 import BeautifulSoup, Tag

LANGUAGES = {"id", "en"}
#: Bytes of a page's HTML as sent compressed: it must come quickly over a weak line.
HEAVIEST = 10_000
DATA_BLOCKS = {"application/json", "application/ld+json"}
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
#: Attributes that name the ids of other elements.
REFERENCES = (
    "aria-controls",
    "aria-describedby",
    "aria-details",
    "aria-errormessage",
    "aria-labelledby",
    "aria-owns",
    "for",
    "form",
    "headers",
    "list",
)
#: What a template leaves behind when a placeholder or a value is missing.
LEFTOVERS = re.compile(
    r"%\(\w*|\{\{|\}\}|\{%|%\}|\{[a-z_]+(?::[\w:]+)?\}|<[\w.]+ object at 0x|LazyString"
)
#: A gap that a script fills, in the words an attribute hands it.
FOR_SCRIPTS = re.compile(r"\{[a-z_]+\}")
CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")

#: Texts the tests typed themselves; they may look like a leftover and are not one.
TYPED: set[str] = set()


def one(value: object) -> str:
    """A single attribute value of BeautifulSoup as text; lists (class, headers) joined."""
    return " ".join(value) if isinstance(value, list) else str(value or "")


def soup_of(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def words(tag: Tag | None) -> str:
    """The text of an element with single spaces."""
    return " ".join(tag.get_text(" ").split()) if tag else ""


def invalid(html: str) -> Iterator[str]:
    """Errors of the HTML standard's own parser."""
    parser = html5lib.HTMLParser()
    parser.parse(html)
    for (line, column), code, data in parser.errors:
        yield f"HTML error in line {line}, column {column}: {code} {data or ''}".rstrip()


def frame(soup: BeautifulSoup) -> Iterator[str]:
    if len(soup.find_all("h1")) != 1 or not words(soup.h1):
        yield f"{len(soup.find_all('h1'))} h1 (exactly one with text is needed)"
    if not words(soup.title):
        yield "no title"
    if one(soup.html and soup.html.get("lang")) not in LANGUAGES:
        yield "html has no lang of ours"
    if len(soup.find_all("main")) != 1:
        yield f"{len(soup.find_all('main'))} main (exactly one is needed)"


def identities(soup: BeautifulSoup) -> Iterator[str]:
    """Doubled ids, and references that lead nowhere."""
    ids = Counter(one(tag["id"]) for tag in soup.find_all(id=True))
    yield from (f"id {name!r} stands {n} times" for name, n in ids.items() if n > 1)
    for tag in soup.find_all(True):
        for attribute in REFERENCES:
            for name in one(tag.get(attribute)).split():
                if name not in ids:
                    yield f"<{tag.name}> {attribute}={name!r} has no target"
        address = one(tag.get("href"))
        if address.startswith("#") and address[1:] not in ids:
            yield f"<{tag.name}> href={address!r} has no target"


def labelled(control: Tag, soup: BeautifulSoup) -> bool:
    if words_of_aria(control, soup):
        return True
    label = soup.find("label", attrs={"for": one(control.get("id"))}) if control.get("id") else None
    return bool(words(label or control.find_parent("label")))


def words_of_aria(tag: Tag, soup: BeautifulSoup) -> str:
    """The name that aria-label or aria-labelledby gives."""
    parts = [soup.find(id=name) for name in one(tag.get("aria-labelledby")).split()]
    return one(tag.get("aria-label")) or " ".join(words(part) for part in parts)


def names(soup: BeautifulSoup) -> Iterator[str]:
    """Controls, links, buttons and pictures that a screen reader could not name."""
    for control in soup.find_all(["input", "select", "textarea"]):
        if one(control.get("type")) not in UNLABELLED and not labelled(control, soup):
            yield f"<{control.name} name={one(control.get('name'))!r}> has no label"
    for tag in soup.find_all(["a", "button"]):
        pictured = any(one(image.get("alt")) for image in tag.find_all("img"))
        if not (words(tag) or words_of_aria(tag, soup) or pictured):
            yield f"<{tag.name} {one(tag.get('href'))}> has no name"
    for image in soup.find_all("img"):
        if image.get("alt") is None:
            yield f"<img src={one(image.get('src'))!r}> has no alt"
        if not (image.get("width") and image.get("height")):
            yield f"<img src={one(image.get('src'))!r}> has no size: the page would jump"


def inline_code(soup: BeautifulSoup) -> Iterator[str]:
    """What the Content-Security-Policy would block."""
    for script in soup.find_all("script"):
        if not script.get("src") and one(script.get("type")) not in DATA_BLOCKS:
            yield "an inline script"
    if soup.find("style"):
        yield "an inline style element"
    for tag in soup.find_all(True):
        for attribute in tag.attrs:
            if attribute == "style" or attribute.startswith("on"):
                yield f"<{tag.name}> has an inline {attribute}"
        if one(tag.get("href")).lower().startswith(("javascript:", "data:")):
            yield f"<{tag.name}> runs its address"


def forms(soup: BeautifulSoup) -> Iterator[str]:
    for form in soup.find_all("form"):
        method = one(form.get("method")).lower()
        if method == "post" and not form.find("input", attrs={"name": "csrf_token", "value": True}):
            yield f"form {one(form.get('action'))!r} has no csrf_token"
        if method != "post" and form.find("input", attrs={"type": ["password", "file"]}):
            yield f"form {one(form.get('action'))!r} would put secrets into the address"
        if not form.select("button:not([type=button]), input[type=submit], input[type=image]"):
            yield f"form {one(form.get('action'))!r} has no button"


def leftovers(soup: BeautifulSoup) -> Iterator[str]:
    texts = [str(text) for text in soup.find_all(string=True) if not text.find_parent("script")]
    values = [
        FOR_SCRIPTS.sub("", one(value)) if name.startswith("data-") else one(value)
        for tag in soup.find_all(True)
        for name, value in tag.attrs.items()
    ]
    for text in (*texts, *values):
        if text.strip() in {"None", "Undefined"}:
            yield f"{text.strip()!r} stands where a value should"
        for typed in TYPED:
            text = text.replace(typed, "")
        if found := LEFTOVERS.search(text) or CHARACTERS.search(text):
            yield f"leftover {found.group()!r} in {text.strip()[:80]!r}"


CHECKS: tuple[Callable[[BeautifulSoup], Iterator[str]], ...] = (
    frame,
    identities,
    names,
    inline_code,
    forms,
    leftovers,
)


def headers(given: Mapping[str, str]) -> Iterator[str]:
    policy = given.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy:
        yield f"Content-Security-Policy is {policy!r}"
    if given.get("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options is not nosniff"
    if given.get("Referrer-Policy", "") not in {"same-origin", "no-referrer", "strict-origin"}:
        yield f"Referrer-Policy is {given.get('Referrer-Policy')!r}"
    if "charset=utf-8" not in given.get("Content-Type", "").lower():
        yield f"Content-Type is {given.get('Content-Type')!r}"


def weight(html: str) -> Iterator[str]:
    if (size := len(gzip.compress(html.encode(), 6))) > HEAVIEST:
        yield f"{size:,} bytes compressed (at most {HEAVIEST:,})"


def problems(html: str) -> list[str]:
    """Everything wrong with a page, empty when all is well."""
    soup = soup_of(html)
    found = [*invalid(html), *weight(html)]
    for check in CHECKS:
        found.extend(check(soup))
    return list(dict.fromkeys(found))
