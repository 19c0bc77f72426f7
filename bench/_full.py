"""A site full of made-up reports, made once and kept for the next run."""

import hashlib
import shutil
import tempfile
import time
from pathlib import Path

from bench._report import say
from scripts.site import Site
from scripts.steps import ROOT

#: What the reports are made by: when it changes, they are made anew.
MAKERS = ("app/complaints/demo*.py", "app/city/*.*", "app/**/models.py", "migrations/versions/*.py")


def full_folder(count: int, folder: Path) -> None:
    """Make the folder of a site with so many reports, as a copy of one that an earlier run made."""
    kept = Path(tempfile.gettempdir()) / f"tanggap-bench-{count}-{_fingerprint()}"
    for outdated in set(kept.parent.glob(f"tanggap-bench-{count}-*")) - {kept}:
        shutil.rmtree(outdated)
    if kept.is_dir():
        say(f"  {count:,} made-up reports from an earlier run: {kept}")
    else:
        _make(count, kept)
    shutil.copytree(kept, folder, dirs_exist_ok=True)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in MAKERS:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _make(count: int, kept: Path) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tanggap-bench-draft-") as folder:
        site = Site(Path(folder) / "site")
        site.prepare()
        site.flask("demo", "--complaints", str(count))
        site.folder.rename(kept)  # a run that is broken off leaves nothing half made
    say(f"  {count:,} made-up reports made in {time.monotonic() - started:.0f} s")
