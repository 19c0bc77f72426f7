"""Run all tests: everything on SQLite, what meets the database again on PostgreSQL, the journeys.

The long ones come first, so that both cores have work until the end.

python -m scripts.test [arguments of pytest]
"""

import sys

from scripts.steps import Step, all_of

PYTEST = (sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider")


def steps(arguments: list[str]) -> list[Step]:
    lanes = {
        "pages on SQLite": ("tests/web",),
        "pages and database on PostgreSQL": ("--database=postgres", "tests/web", "tests/database"),
        "journeys in Chromium": ("tests/journeys",),
        "policy and database on SQLite": ("--ignore=tests/web", "--ignore=tests/journeys"),
    }
    return [Step(title, (*PYTEST, *lane, *arguments)) for title, lane in lanes.items()]


def main() -> int:
    return all_of("make test", steps(sys.argv[1:]), at_once=3, tail=12)


if __name__ == "__main__":
    sys.exit(main())
