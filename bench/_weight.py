"""What a page weighs on its first visit, compressed as the shipped nginx sample does it."""

import gzip
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from bench._citizen import Citizen, Page
from scripts.steps import ROOT

_LINKED = re.compile(r'<(?:link|script|img|use)\b[^>]*?\b(?:href|src)="(/static/[^"#]+)')
_IMPORTED = re.compile(r"""\bimport\b[^"';]*["'](\.[^"']+)["']""")


@dataclass(frozen=True)
class Weight:
    """Compressed bytes of a page and of everything a browser fetches for it, and how many files."""

    page: int
    everything: int
    files: int


class Proxy:
    """How the sample compresses."""

    def __init__(self) -> None:
        self._sample = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        self.types = {"text/html", *self._setting("gzip_types").split()}
        self.level = int(self._setting("gzip_comp_level"))

    def _setting(self, name: str) -> str:
        found = re.search(rf"^\s*{name} ([^;]+);", self._sample, re.MULTILINE)
        if found is None:
            raise LookupError(f"deploy/nginx.conf does not set {name}")
        return found[1]

    def size(self, page: Page) -> int:
        """Bytes of an answer on the line, without its headers."""
        kind = page.headers.get_content_type()
        return len(gzip.compress(page.body, self.level) if kind in self.types else page.body)


def weigh(citizen: Citizen, path: str) -> Weight:
    """Weigh a page with its styles, scripts, what these import, and pictures; no map, no photos."""
    proxy = Proxy()
    page = citizen.get(path).expect()
    queue, seen = sorted(set(_LINKED.findall(page.text))), dict[str, int]()
    while queue:
        address = queue.pop()
        if address in seen:
            continue
        part = citizen.get(address).expect()
        seen[address] = proxy.size(part)
        if address.partition("?")[0].endswith(".js"):
            queue += [urljoin(address, found) for found in _IMPORTED.findall(part.text)]
    whole = proxy.size(page)
    return Weight(whole, whole + sum(seen.values()), 1 + len(seen))
