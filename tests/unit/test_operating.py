"""The operator's guide says what the code does."""

import re
import sqlite3
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.config import Settings, SettingsError
from app.core.backup import backup
from app.core.database import NotHere

GUIDE = Path("docs/operating.md").read_text(encoding="utf-8")
KEY = "k" * 40
SAFE = {
    "TANGGAP_ENV": "production",
    "PUBLIC_URL": "https://tanggap.test",
    "SECRET_KEY": KEY,
    "DATA_KEYS": f"{KEY},{KEY}",
    "SMTP_URL": "smtp://127.0.0.1:25",
}


def test_the_guide_lists_exactly_the_settings_the_code_reads() -> None:
    written = set(re.findall(r"^\| `([A-Z_]+)` \|", GUIDE, re.M))
    read = set(re.findall(r'"([A-Z][A-Z_]{3,})"', Path("app/config.py").read_text()))
    assert written == read


def test_production_starts_when_it_has_what_it_needs(tmp_path: Path) -> None:
    settings = Settings.from_environ(SAFE, tmp_path)
    assert settings.secure
    assert len(settings.data_keys) == 2
    assert settings.code_keys == ()


@pytest.mark.parametrize("missing", sorted(set(SAFE) - {"TANGGAP_ENV"}))
def test_production_refuses_to_start_without(missing: str, tmp_path: Path) -> None:
    environ = {name: value for name, value in SAFE.items() if name != missing}
    with pytest.raises(SettingsError, match=missing):
        Settings.from_environ(environ, tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "٨٠٠٠"),
        ("RATE_LIMITS", "perhaps"),
        ("PUBLIC_URL", "https://tanggap.test/path"),
        ("PUBLIC_URL", "tanggap.test"),
        ("DATA_KEYS", "short"),
        ("CODE_KEYS", "short"),
        ("CODE_KEYS", KEY),  # it would still open data
        ("SECRET_KEY", "short"),
    ],
)
def test_a_malformed_value_is_named(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ({**SAFE, name: value}, tmp_path)


def test_development_makes_its_keys_once_and_keeps_them(tmp_path: Path) -> None:
    first, second = (Settings.from_environ({}, tmp_path) for _ in range(2))
    assert first.secret_key == second.secret_key
    assert first.data_keys == second.data_keys
    assert (tmp_path / "data_keys.txt").stat().st_mode & 0o077 == 0


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    old = "o" * 40
    said = repr(Settings.from_environ({**SAFE, "CODE_KEYS": old}, tmp_path))
    assert KEY not in said
    assert old not in said


def test_a_backup_holds_rows_still_in_the_write_ahead_log_and_the_files(tmp_path: Path) -> None:
    live = sqlite3.connect(tmp_path / "tanggap.sqlite", isolation_level=None)
    live.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (n); INSERT INTO t VALUES (7);")
    for name in ("photos/ab/cd/photo", "letters/ab/cd/letter", "drafts/half"):
        path = tmp_path / "uploads" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"jpeg")
    url = f"sqlite:///{tmp_path / 'tanggap.sqlite'}"
    now = datetime(2026, 11, 24, tzinfo=UTC)
    made = backup(url, tmp_path / "uploads", tmp_path / "backups", now)
    with tarfile.open(made) as archive:
        archive.extractall(tmp_path / "restored", filter="data")
    restored = sqlite3.connect(tmp_path / "restored" / "tanggap.sqlite")
    assert restored.execute("SELECT n FROM t").fetchall() == [(7,)]
    kept = [path for path in (tmp_path / "restored" / "uploads").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [b"jpeg"] * 2
    assert list(made.parent.iterdir()) == [made]
    assert made.stat().st_mode & 0o077 == 0
    assert made.parent.stat().st_mode & 0o077 == 0
    restored.close()
    live.close()


def test_another_database_is_left_to_its_own_tools(tmp_path: Path) -> None:
    with pytest.raises(NotHere):
        backup("postgresql://host/db", tmp_path, tmp_path, datetime(2026, 11, 24, tzinfo=UTC))


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_proxy_samples_write_nothing_that_traces_a_filer(name: str) -> None:
    sample = re.sub(r"#.*", "", (Path("deploy") / name).read_text(encoding="utf-8"))
    logged = " ".join(re.findall(r"log_format[^;]*;", sample))
    for traced in ("remote_addr", "user_agent", "referer", "$request ", "request_uri", "args"):
        assert traced not in logged
    if name == "nginx.conf":
        logs = re.findall(r"access_log ([^;]+);", sample)
        assert logs
        assert all(log == "off" or log.endswith(" tanggap") for log in logs)
        assert set(re.findall(r"error_log (\S+)", sample)) == {"/dev/null"}
    else:
        assert "output discard" in sample
