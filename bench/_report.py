"""What a measurement prints: progress, tables, and checks that decide its exit code."""

import sys
from collections.abc import Collection, Sequence

SHOWN = 5
"""How many of those that should not be are named."""


class Report:
    """Collects what was proved; ``code`` is what the process should end with."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def check(self, claim: str, holds: bool, found: object = "") -> None:
        """Print one claim and whether it holds."""
        words = f"{claim}: {found}" if found != "" else claim
        print(f"  {'ok  ' if holds else 'FAIL'}  {words}", flush=True)
        if not holds:
            self.failed.append(claim)

    def equal(self, claim: str, found: object, wanted: object) -> None:
        """Print one claim about two values that must be the same."""
        shown = found if found == wanted else f"{found} instead of {wanted}"
        self.check(claim, found == wanted, shown)

    def none(self, claim: str, found: Collection[object]) -> None:
        """Print one claim about things there must be none of."""
        self.check(claim, not found, sorted(map(str, found))[:SHOWN] or "none")

    @property
    def code(self) -> int:
        """0 when every claim held."""
        return 1 if self.failed else 0


def say(words: str) -> None:
    """A line of what happens now."""
    print(words, flush=True)


def progress(done: int, of: int, what: str) -> None:
    """How far it is; one line that is written over on a terminal, every tenth part elsewhere."""
    if sys.stdout.isatty():
        end = "\n" if done == of else ""
        print(f"\r  {what} {done:,} of {of:,} ", end=end, flush=True)
    elif done % max(1, of // 10) == 0:
        print(f"  {what} {done:,} of {of:,}", flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows under a head: words to the left, figures to the right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    for row in (head, *rows):
        cells = [f"{cell:<{width}}" if i == 0 else f"{cell:>{width}}"
                 for i, (cell, width) in enumerate(zip(row, widths, strict=True))]  # fmt: skip
        print("  " + "  ".join(cells).rstrip(), flush=True)
