"""What a page weighs on its first visit, compressed as the shipped nginx sample does it."""

import gzip
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from bench._citizen import Citizen, Page
from scripts.steps import ROOT

LEVEL = 1
"""gzip_comp_level of nginx unless it is set."""
_LINKED = re.compile(r'<(?:link|script|img|use)\b[^>]*?\b(?:href|src)="(/static/[^"#]+)')
_IMPORTED = re.compile(r"""\bimport\b[^"';]*["'](\.[^"']+)["']""")


@dataclass(frozen=True)
class Weight:
    """Compressed bytes of a page and of everything a browser fetches for it, and how many files."""

    page: int
    everything: int
    files: int


def compressed_types() -> set[str]:
    """The media types the sample compresses; HTML always."""
    sample = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    found = re.search(r"^\s*gzip_types ([^;]+);", sample, re.MULTILINE)
    return {"text/html", *(found[1].split() if found else ())}


def weigh(citizen: Citizen, path: str) -> Weight:
    """Weigh a page with its styles, scripts, what these import, and pictures; no map, no photos."""
    types = compressed_types()
    page = citizen.get(path).expect()
    queue, seen = sorted(set(_LINKED.findall(page.text))), dict[str, int]()
    while queue:
        address = queue.pop()
        if address in seen:
            continue
        part = citizen.get(address).expect()
        seen[address] = _size(part, types)
        if address.partition("?")[0].endswith(".js"):
            queue += [urljoin(address, found) for found in _IMPORTED.findall(part.text)]
    whole = _size(page, types)
    return Weight(whole, whole + sum(seen.values()), 1 + len(seen))


def _size(page: Page, types: set[str]) -> int:
    kind = page.headers.get_content_type()
    return len(gzip.compress(page.body, LEVEL) if kind in types else page.body)
