"""Run commands one after the other or two at a time, saying what is done and how long it takes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    """One command with a title for people. `env` is added to the environment."""

    title: str
    command: tuple[str, ...]
    env: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Result:
    step: Step
    code: int
    seconds: float
    output: str

    def line(self) -> str:
        mark = "ok  " if self.code == 0 else "FAIL"
        return f"{mark} {self.seconds:6.1f} s  {self.step.title}"


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, with the tools of this environment found first."""
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", **(extra or {})}


def run(step: Step, *, quiet: bool = False) -> Result:
    """Run the step to its end; with `quiet` its output is kept instead of shown."""
    started = time.monotonic()
    done = subprocess.run(
        step.command,
        cwd=ROOT,
        env=environment(step.env),
        text=True,
        check=False,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
    )
    return Result(step, done.returncode, time.monotonic() - started, done.stdout or "")


def need(step: Step) -> None:
    """Run a step nothing can go on without; raises SystemExit when it fails."""
    print(f"{step.title} …", flush=True)
    result = run(step)
    print(result.line(), flush=True)
    if result.code:
        raise SystemExit(result.code)


def all_of(title: str, steps: Iterable[Step], *, at_once: int = 1, tail: int = 0) -> int:
    """Run every step, `at_once` side by side, and show the output of those that failed.

    Of those that passed the last `tail` lines are shown. Returns the exit code.
    """
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        failed = 0
        for result in pool.map(lambda step: run(step, quiet=True), steps):
            lines = result.output.rstrip().splitlines()
            print("\n".join(lines if result.code else lines[-tail:] if tail else []))
            print(result.line(), flush=True)
            failed += result.code != 0
    verdict = f"{failed} FAILED" if failed else "all good"
    print(f"{title}: {verdict} in {time.monotonic() - started:.1f} s", flush=True)
    return 1 if failed else 0
