"""The set-up installs what is asked for, and nothing when nothing changed."""

import json
from pathlib import Path

import pytest

from scripts import setup


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with requirement files and an empty environment, in which nothing is installed."""
    for name in ("", "-dev", "-postgres", "-s3"):
        (tmp_path / f"requirements{name}.txt").write_text(f"package{name}==1\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "PYTHON", python)
    monkeypatch.setattr(setup, "STAMP", tmp_path / ".venv" / "installed.json")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def installs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The file names of every installation."""
    done: list[list[str]] = []
    monkeypatch.setattr(setup, "install", lambda files: done.append([path.name for path in files]))
    return done


def test_a_second_set_up_installs_nothing(installs: list[list[str]]) -> None:
    setup.ensure_packages([])
    setup.ensure_packages([])
    assert installs == [["requirements.txt"]]


def test_a_changed_file_is_installed_again(folder: Path, installs: list[list[str]]) -> None:
    setup.ensure_packages(["dev"])
    (folder / "requirements-dev.txt").write_text("package-dev==2\n")
    setup.ensure_packages([])
    setup.ensure_packages(["dev"])
    assert len(installs) == 2


def test_a_lost_environment_is_made_again(folder: Path, installs: list[list[str]]) -> None:
    setup.ensure_packages([])
    setup.PYTHON.unlink()
    setup.ensure_packages([])
    assert len(installs) == 2


def test_a_failed_installation_leaves_no_stamp(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_files: list[Path]) -> None:
        raise SystemExit("no network")

    monkeypatch.setattr(setup, "install", fail)
    with pytest.raises(SystemExit):
        setup.ensure_packages([])
    assert not setup.STAMP.exists()


def test_postgresql_brings_its_driver(
    installs: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/tanggap")
    setup.ensure_packages([])
    assert installs == [["requirements.txt", "requirements-postgres.txt"]]
    assert "requirements-postgres.txt" in json.loads(setup.STAMP.read_text())


def test_missing_chromium_is_said_loudly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "CHROMIUM", "/nowhere/chromium")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    setup.ensure_browser()
    said = capsys.readouterr().out
    assert "SKIPPED" in said
    assert "sudo apt-get install" in said
