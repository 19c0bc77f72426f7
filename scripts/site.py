"""A whole site in a folder of its own, as `make run` would start it: for pictures and measurements.

with Site(folder, RATE_LIMITS="off") as site:
    site.flask("demo", "--complaints", "300")
    urlopen(site.address)
"""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.steps import BIN, ROOT

#: Seconds a process may take to answer, or to end.
PATIENCE = 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class Site:
    """The processes of one site, web and perhaps worker; everything they write is in `folder`."""

    def __init__(self, folder: Path, *, worker: bool = False, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environ = {
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "INSTANCE_DIR": str(folder),
            "CITY_DIR": str(folder / "city"),
            "PORT": str(self.port),
            "PUBLIC_URL": self.address,
            "PYTHONUNBUFFERED": "1",
            **settings,
        }
        self.commands = [["gunicorn", "wsgi:app"]] + ([["flask", "worker"]] if worker else [])
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def log(self) -> Path:
        """What all its processes said."""
        return self.folder / "site.log"

    def flask(self, *command: str) -> str:
        """Run a command of the site; raises CalledProcessError when it fails."""
        done = subprocess.run(
            ["flask", *command],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def prepare(self) -> None:
        """Make the tables and read the city, as before the first start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.flask("db", "upgrade")
        self.flask("city", "sync")

    def start(self) -> None:
        """Start the processes; raises RuntimeError with the log when the site does not answer."""
        with self.log.open("ab") as log:
            for command in self.commands:
                self.processes.append(
                    subprocess.Popen(
                        command,
                        cwd=ROOT,
                        env=self.environ,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > deadline or self.processes[0].poll() is not None:
                self.stop()
                raise RuntimeError(f"the site does not answer:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """End every process of the site at once, as a power cut would."""
        for process in self.processes:
            with suppress(ProcessLookupError):  # gunicorn's workers outlive a dead master
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)
        self.processes.clear()

    def stop(self) -> None:
        """End the processes in order; those that do not listen are killed."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                break
        self.kill()

    def __enter__(self) -> Self:
        self.prepare()
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
