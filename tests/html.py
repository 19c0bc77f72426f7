"""What every page must fulfil, whoever made it: checked on each HTML answer of the tests.

`problems` returns sentences, so that a failing test says at once what to mend.
"""

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import html5lib
from bs4 import BeautifulSoup, Tag

LANGUAGES = {"id", "en"}
SPRITE = Path(__file__).resolve().parents[1] / "static" / "img" / "icons.svg"
#: Names of the pictures that are drawn.
SYMBOLS = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text(encoding="utf-8")))
#: Bytes of a page's HTML as sent compressed: it must come quickly over a weak line.
HEAVIEST = 10_000
DATA_BLOCKS = {"application/json", "application/ld+json"}
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
#: Attributes that name the ids of other elements.
REFERENCES = {
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
}
#: What a template leaves behind when a placeholder or a value is missing.
LEFTOVERS = re.compile(
    r"%\(\w*|\{\{|\}\}|\{%|%\}|\{[a-z_]+(?::[\w:]+)?\}|<[\w.]+ object at 0x|LazyString"
)
#: A gap that a script fills, in the words an attribute hands it.
FOR_SCRIPTS = re.compile(r"\{[a-z_]+\}")
CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")

HIDDEN = re.compile(r"<input[^>]*type=\"hidden\"[^>]*>")
TOKEN = re.compile(r"value=\"[^\"]{20,}\"")

#: Hashes of pages that had no problems: many tests open the same ones.
GOOD: set[int] = set()
#: Texts the tests typed themselves; they may look like a leftover and are not one.
TYPED: set[str] = set()


def one(value: object) -> str:
    """A single attribute value of BeautifulSoup as text; lists (class, headers) joined."""
    return " ".join(value) if isinstance(value, list) else str(value or "")


def soup_of(html: str) -> BeautifulSoup:
    """The tree of a page. Where a word may be broken, it is still one word."""
    return BeautifulSoup(html.replace("<wbr>", ""), "html.parser")


def words(tag: Tag | None) -> str:
    """The text of an element with single spaces."""
    return " ".join(tag.get_text(" ").split()) if tag else ""


class Document:
    """A parsed page; what several checks look for is collected once."""

    def __init__(self, soup: BeautifulSoup) -> None:
        self.soup = soup
        self.tags = self.soup.find_all(True)

    def named(self, *names: str) -> list[Tag]:
        return [tag for tag in self.tags if tag.name in names]

    @cached_property
    def ids(self) -> Counter[str]:
        return Counter(one(tag["id"]) for tag in self.tags if tag.has_attr("id"))

    @cached_property
    def labels(self) -> dict[str, str]:
        """Words of the labels that name their field, by its id."""
        return {one(tag["for"]): words(tag) for tag in self.named("label") if tag.has_attr("for")}

    def words_of_aria(self, tag: Tag) -> str:
        """The name that aria-label or aria-labelledby gives."""
        parts = [self.soup.find(id=name) for name in one(tag.get("aria-labelledby")).split()]
        return one(tag.get("aria-label")) or " ".join(words(part) for part in parts)

    def labelled(self, control: Tag) -> bool:
        by_label = self.labels.get(one(control.get("id"))) or words(control.find_parent("label"))
        return bool(by_label or self.words_of_aria(control))


def invalid(html: str) -> Iterator[str]:
    """Errors of the HTML standard's own parser."""
    parser = html5lib.HTMLParser()
    parser.parse(html)
    for (line, column), code, data in parser.errors:
        yield f"HTML error in line {line}, column {column}: {code} {data or ''}".rstrip()


def frame(page: Document) -> Iterator[str]:
    headings, mains = page.named("h1"), page.named("main")
    if len(headings) != 1 or not words(headings[0]):
        yield f"{len(headings)} h1 (exactly one with text is needed)"
    if not words(page.soup.title):
        yield "no title"
    if one(page.soup.html and page.soup.html.get("lang")) not in LANGUAGES:
        yield "html has no lang of ours"
    if len(mains) != 1:
        yield f"{len(mains)} main (exactly one is needed)"


def identities(page: Document) -> Iterator[str]:
    """Doubled ids, and references that lead nowhere."""
    yield from (f"id {name!r} stands {n} times" for name, n in page.ids.items() if n > 1)
    for tag in page.tags:
        for attribute in REFERENCES & tag.attrs.keys():
            for name in one(tag[attribute]).split():
                if name not in page.ids:
                    yield f"<{tag.name}> {attribute}={name!r} has no target"
        address = one(tag.get("href"))
        if address.startswith("#") and address[1:] not in page.ids:
            yield f"<{tag.name}> href={address!r} has no target"


def names(page: Document) -> Iterator[str]:
    """Controls, links, buttons and pictures that a screen reader could not name."""
    for control in page.named("input", "select", "textarea"):
        if one(control.get("type")) not in UNLABELLED and not page.labelled(control):
            yield f"<{control.name} name={one(control.get('name'))!r}> has no label"
    for tag in page.named("a", "button"):
        pictured = any(one(image.get("alt")) for image in tag.find_all("img"))
        if not (words(tag) or page.words_of_aria(tag) or pictured):
            yield f"<{tag.name} {one(tag.get('href'))}> has no name"
    for image in page.named("img"):
        if image.get("alt") is None:
            yield f"<img src={one(image.get('src'))!r}> has no alt"
        if not (image.get("width") and image.get("height")):
            yield f"<img src={one(image.get('src'))!r}> has no size: the page would jump"


def icons(page: Document) -> Iterator[str]:
    """Pictures nobody has drawn: they would leave a gap."""
    for use in page.named("use"):
        name = one(use.get("href")).rpartition("#")[2]
        if name not in SYMBOLS:
            yield f"icon {name!r} is not drawn"


def inline_code(page: Document) -> Iterator[str]:
    """What the Content-Security-Policy would block."""
    for script in page.named("script"):
        if not script.get("src") and one(script.get("type")) not in DATA_BLOCKS:
            yield "an inline script"
    if page.named("style"):
        yield "an inline style element"
    for tag in page.tags:
        for attribute in tag.attrs:
            if attribute == "style" or attribute.startswith("on"):
                yield f"<{tag.name}> has an inline {attribute}"
        if one(tag.get("href")).lower().startswith(("javascript:", "data:")):
            yield f"<{tag.name}> runs its address"


def forms(page: Document) -> Iterator[str]:
    for form in page.named("form"):
        method = one(form.get("method")).lower()
        if method == "post" and not form.find("input", attrs={"name": "csrf_token", "value": True}):
            yield f"form {one(form.get('action'))!r} has no csrf_token"
        if method != "post" and form.find("input", attrs={"type": ["password", "file"]}):
            yield f"form {one(form.get('action'))!r} would put secrets into the address"
        if not form.select("button:not([type=button]), input[type=submit], input[type=image]"):
            yield f"form {one(form.get('action'))!r} has no button"


def texts(page: Document) -> Iterator[str]:
    """All that people or their devices read: text, and values of attributes."""
    for text in page.soup.find_all(string=True):
        if text.parent is None or text.parent.name != "script":
            yield str(text)
    for tag in page.tags:
        for name, value in tag.attrs.items():
            yield FOR_SCRIPTS.sub("", one(value)) if name.startswith("data-") else one(value)


def leftovers(page: Document) -> Iterator[str]:
    for text in texts(page):
        if text.strip() in {"None", "Undefined"}:
            yield f"{text.strip()!r} stands where a value should"
        if (found := leftover(text)) and (found := leftover(untyped(text))):
            yield f"leftover {found!r} in {text.strip()[:80]!r}"


def leftover(text: str) -> str:
    found = LEFTOVERS.search(text) or CHARACTERS.search(text)
    return found.group() if found else ""


def untyped(text: str) -> str:
    """The text without what the tests typed."""
    for typed in sorted(TYPED, key=len, reverse=True):
        text = text.replace(typed, "")
    return text


CHECKS: tuple[Callable[[Document], Iterator[str]], ...] = (
    frame,
    identities,
    names,
    icons,
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


def without_tokens(html: str) -> str:
    """The page with its long hidden values, which differ each time, made the same."""
    return HIDDEN.sub(lambda found: TOKEN.sub('value="token"', found.group()), html)


def problems(html: str, soup: Callable[[], BeautifulSoup] | None = None) -> list[str]:
    """Everything wrong with a page, empty when all is well; `soup` gives it parsed."""
    known = hash(without_tokens(html))
    if known in GOOD:
        return []
    page = Document(soup() if soup else soup_of(html))
    found = [*invalid(html), *weight(html)]
    for check in CHECKS:
        found.extend(check(page))
    if not found:
        GOOD.add(known)
    return list(dict.fromkeys(found))
