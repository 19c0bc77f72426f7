"""Start the site: bring the database up to date, then run web and worker until Ctrl-C.

python -m scripts.run [--complaints N]
"""

import argparse
import os
import sys
import threading
import time
import urllib.error
import urllib.request

from honcho.environ import parse_procfile
from honcho.manager import Manager

from scripts.steps import ROOT, Step, environment, need

#: Seconds after which the site is said not to answer.
PATIENCE = 60


def prepare(complaints: int) -> None:
    need(Step("database: bring the tables up to date", ("flask", "db", "upgrade")))
    need(Step("city: read areas, units and categories", ("flask", "city", "sync")))
    if complaints:
        command = ("flask", "demo", "--complaints", str(complaints))
        need(Step(f"demo: {complaints:,} made-up reports", command))


def announce(address: str, since: float) -> None:
    """Say when the site answers, or that it does not."""
    while time.monotonic() - since < PATIENCE:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                print(f"\nReady after {time.monotonic() - since:.1f} s: {address}  (Ctrl-C ends)\n")
                return
        except urllib.error.HTTPError as error:
            print(f"\n{address}/healthz answers {error.code}; see the messages above\n")
            return
        except OSError:
            time.sleep(0.2)
    print(f"\n{address} does not answer after {PATIENCE} s\n")


def serve(started: float) -> int:
    """Run what the Procfile names until one process ends or a signal comes."""
    address = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
    manager = Manager()
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command, env=environment(), cwd=str(ROOT))
    threading.Thread(target=announce, args=(address, started), daemon=True).start()
    manager.loop()
    stopped_by_hand = manager.returncode in (130, 143)
    return 0 if stopped_by_hand else int(manager.returncode or 0)


def main() -> int:
    parser = argparse.ArgumentParser(description="Start the site, web and worker together.")
    parser.add_argument("--complaints", type=int, default=0, help="made-up reports to fill in")
    started = time.monotonic()
    prepare(parser.parse_args().complaints)
    return serve(started)


if __name__ == "__main__":
    sys.exit(main())
