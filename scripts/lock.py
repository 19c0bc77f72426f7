"""Resolve `requirements*.in` into `requirements*.txt`, every version pinned with its hashes.

python3 scripts/lock.py [--upgrade]
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: In this order, because each takes the versions of those before it.
NAMES = ("requirements", "requirements-postgres", "requirements-s3", "requirements-dev")
COMPILE = (
    "uv", "pip", "compile", "--quiet", "--generate-hashes", "--python-version", "3.11",
    "--no-header", "--no-emit-index-url", "--no-emit-find-links",
)  # fmt: skip


def main(flags: list[str]) -> None:
    if not shutil.which("uv"):
        raise SystemExit("lock: uv is needed for this one command: pip install uv")
    for name in NAMES:
        command = [*COMPILE, *flags, f"{name}.in", "--output-file", f"{name}.txt"]
        subprocess.run(command, cwd=ROOT, check=True)
        print(f"lock: {name}.txt")


if __name__ == "__main__":
    main(sys.argv[1:])
