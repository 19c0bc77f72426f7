"""Every dependency is there for a written reason, and every lock fits its list."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LISTS = sorted(ROOT.glob("requirements*.in"))


def normal(name: str) -> str:
    """PEP 503 name of a requirement: `psycopg[binary]~=3.3` is `psycopg`."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[~=<>!;\s]", name)[0]).lower()


def listed(path: Path) -> set[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return {normal(line) for line in lines if line and not line.startswith(("#", "-"))}


def locked(path: Path) -> dict[str, str]:
    pins = re.findall(r"^([\w.\-\[\]]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {normal(name): version for name, version in pins}


def explained() -> set[str]:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    return {normal(name) for name in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)}


def test_every_dependency_has_its_reason_and_no_reason_is_left_over() -> None:
    assert explained() == set().union(*map(listed, LISTS))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_lock_holds_what_is_listed_with_hashes_and_no_index(path: Path) -> None:
    lock = path.with_suffix(".txt")
    text = lock.read_text(encoding="utf-8")
    assert listed(path) <= locked(lock).keys()
    assert len(locked(lock)) <= text.count("--hash=sha256:")
    assert "://" not in text
    assert not re.search(r"^--?(index|extra|find|trusted)", text, re.MULTILINE)


def test_locks_agree_on_every_version() -> None:
    seen: dict[str, str] = {}
    for path in LISTS:
        for name, version in locked(path.with_suffix(".txt")).items():
            assert seen.setdefault(name, version) == version, name
