"""Everything about the code that needs no running site: style, types, templates, texts, imports."""

import sys

from scripts.steps import ROOT, Step, all_of

#: The tests that stand directly in `tests/` look at the repository, not at the running site.
REPOSITORY_TESTS = [
    str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").glob("test_*.py"))
]

STEPS = (
    Step("style (ruff check)", ("ruff", "check", ".")),
    Step("format (ruff format)", ("ruff", "format", "--check", ".")),
    Step("types (mypy --strict)", ("mypy",)),
    Step("templates (djlint)", ("djlint", "--lint", "--quiet", "templates")),
    Step("texts (every one has its English)", (sys.executable, "-m", "scripts.strings", "--check")),
    Step("import directions, dependencies", ("pytest", "--quiet", *REPOSITORY_TESTS)),
)


def main() -> int:
    return all_of("make check", STEPS)


if __name__ == "__main__":
    sys.exit(main())
