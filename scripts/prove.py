"""Run every measurement of bench/ in its bounded default mode, and the longer tests.

Those are what is marked `long`, and all of pages and database on PostgreSQL, with what `make test`
runs on SQLite alone.
Names as arguments choose some: `python -m scripts.prove http postgres`.
"""

import sys

from scripts.steps import ROOT, Step, run
from scripts.test import PYTEST

WHOLE = (*PYTEST, "--database=postgres", "--whole", "tests/web", "tests/database")


def proofs() -> dict[str, Step]:
    """Everything that can be proved, by name."""
    found = {}
    for path in sorted((ROOT / "bench").glob("*.py")):
        if not path.stem.startswith("_"):
            found[path.stem] = Step(path.name, (sys.executable, "-m", f"bench.{path.stem}"))
    found["long"] = Step("the long tests", (*PYTEST, "--whole", "-m", "long"))
    found["postgres"] = Step("all pages and database on PostgreSQL", WHOLE)
    return found


def main(names: list[str]) -> int:
    failed = 0
    for name, step in proofs().items():
        if names and name not in names:
            continue
        print(f"\n== {step.title}", flush=True)
        result = run(step)
        print(result.line(), flush=True)
        failed += result.code != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
