"""The worker as a process: it starts, does its round, says so, and stops when told."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.core.clock import now
from app.core.heartbeat import beat, last_beat
from app.worker import Worker
from tests.conftest import START, Block, environ_for, run_flask
from tests.histories import filed
from tests.mailbox import Mailbox
from tests.shipped import ROOT

PATIENCE = 30.0


def wait_for(path: Path) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if path.exists():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_sends_and_stops_when_told(
    app: Flask, write: Block, mailbox: Mailbox, database_url: str, instance: Path, told: int
) -> None:
    with write() as session:
        filed(session, START, email="siti@contoh.test")
    environ = environ_for(database_url, instance, SMTP_URL=mailbox.url, PATH=os.environ["PATH"])
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        cwd=ROOT,
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert wait_for(instance / "worker.heartbeat")
        process.send_signal(told)
        _, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0, said
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["message"] for line in lines][-1] == "worker stopped"
    assert {"job": "mails", "count": 1}.items() <= lines[1].items()
    assert len(mailbox.to("siti@contoh.test")) == 1
    assert "siti" not in said


def test_one_round_can_be_had_from_the_command_line(
    app: Flask, write: Block, mailbox: Mailbox, database_url: str, instance: Path
) -> None:
    with write() as session:
        filed(session, START, email="siti@contoh.test")
    environ = environ_for(database_url, instance, SMTP_URL=mailbox.url)
    run_flask(environ, "tick", "--once")
    run_flask(environ, "tick", "--once")
    assert len(mailbox.to("siti@contoh.test")) == 1
    seen = last_beat(instance)
    assert seen is not None


def test_a_part_that_fails_does_not_hold_up_the_others(
    app: Flask,
    write: Block,
    mailbox: Mailbox,
    instance: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with write() as session:
        filed(session, now(), email="siti@contoh.test")

    def broken(*_: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr("app.worker.clocks.run", broken)
    with app.app_context():
        assert not Worker(app).round()
    assert len(mailbox.mails) == 1
    assert last_beat(instance) is None  # a worker that cannot do its work is not well


def test_a_worker_that_never_ran_has_no_heartbeat(tmp_path: Path) -> None:
    assert last_beat(tmp_path) is None
    beat(tmp_path, START)
    beat(tmp_path, START + timedelta(minutes=1))
    assert last_beat(tmp_path) == START + timedelta(minutes=1)
    assert [path.name for path in tmp_path.iterdir()] == ["worker.heartbeat"]
