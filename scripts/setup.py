"""Make `.venv` fit the locked requirement files; a no-op when nothing changed.

    python3 scripts/setup.py [dev] [postgres] [s3] [browser]

`requirements.txt` is always installed; each word adds its own `requirements-<word>.txt`, and
`browser` makes sure that Debian's Chromium is there. `DATABASE_URL` naming PostgreSQL adds
`postgres`. Only the standard library is used, because nothing is installed yet; `uv` does the
work when it is present (seconds instead of half a minute), otherwise pip.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
EXTRAS = {"dev": ("postgres", "s3", "dev"), "postgres": ("postgres",), "s3": ("s3",)}
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
APT = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")


def say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def wanted_files(words: list[str]) -> list[Path]:
    """The requirement files that the words and the database address ask for."""
    extras = {extra for word in words for extra in EXTRAS.get(word, ())}
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        extras.add("postgres")
    names = ["requirements", *(f"requirements-{extra}" for extra in sorted(extras))]
    return [ROOT / f"{name}.txt" for name in names]


def fingerprint(path: Path) -> str:
    """Changes when the file or the Python that runs this does."""
    return hashlib.sha256(sys.version.encode() + path.read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """What the environment was last made from: file name to fingerprint."""
    if not (PYTHON.exists() and STAMP.exists()):
        return {}
    stamps: dict[str, str] = json.loads(STAMP.read_text())
    return stamps


def run(*command: str | Path, quiet: bool = False) -> bool:
    """Whether the command succeeded; `quiet` drops what it says while going well."""
    stdout = subprocess.DEVNULL if quiet else None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    parts = [str(part) for part in command]
    done = subprocess.run(parts, cwd=ROOT, check=False, stdout=stdout, env=environment)
    return done.returncode == 0


def install(files: list[Path]) -> None:
    """Install the files with uv, or with pip when uv is missing or cannot.

    Raises SystemExit when neither can.
    """
    if not PYTHON.exists() and not run(sys.executable, "-m", "venv", "--without-pip", VENV):
        raise SystemExit("set-up: cannot make .venv (on Debian: apt-get install python3-venv)")
    lists = [part for path in files for part in ("-r", path)]
    uv = shutil.which("uv")
    if uv and run(uv, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", *lists):
        return
    has_pip = run(PYTHON, "-m", "ensurepip", "--default-pip", quiet=True)
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    if not has_pip or not run(PYTHON, "-m", "pip", "install", *quiet, "--require-hashes", *lists):
        raise SystemExit("set-up: installing failed; the message above says why")


def ensure_packages(words: list[str]) -> None:
    """Bring `.venv` up to the requirement files, touching nothing when it is."""
    files = wanted_files(words)
    stamps = installed()
    stale = [path for path in files if stamps.get(path.name) != fingerprint(path)]
    if not stale:
        return
    say("installing " + ", ".join(path.name for path in files) + " into .venv")
    install(files)
    stamps.update((path.name, fingerprint(path)) for path in files)
    STAMP.write_text(json.dumps(stamps, indent=1))


def ensure_browser() -> None:
    """Install Chromium where that is allowed; otherwise say loudly what is missing."""
    if Path(CHROMIUM).exists():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("installing Debian's chromium")
        run("apt-get", "update", quiet=True)
        run(*APT, quiet=True)
    if not Path(CHROMIUM).exists():
        say(f"NO CHROMIUM: the browser journeys will be SKIPPED. Run: sudo {' '.join(APT)}")


def main(words: list[str]) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - said before anything fails
        raise SystemExit("set-up: Python 3.11 or newer is needed")
    started = time.monotonic()
    ensure_packages(words)
    if "browser" in words:
        ensure_browser()
    say(f"ready in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
