"""How fast a server answers, and how much processor time that takes it."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from bench._wire import Wire

CLIENTS = 4
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")

Ask = Callable[[Wire, int], None]
"""Does one operation on a connection; the number is never given twice."""


@dataclass(frozen=True)
class Operation:
    """Something people do, and the server that answers it (process id of its master)."""

    name: str
    port: int
    master: int
    ask: Ask


@dataclass(frozen=True)
class Sample:
    """One round of one operation."""

    count: int
    seconds: float
    cpu_ms: float
    latencies: list[float]  # seconds

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.count / self.seconds


@dataclass(frozen=True)
class Figures:
    """All rounds of one operation."""

    samples: list[Sample]

    @property
    def rate(self) -> float:
        """Operations a second, median of the rounds."""
        return median(sample.rate for sample in self.samples)

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds of the server for one operation, in its quietest round.

        Others on the machine can only add to it, by taking caches and shared cores.
        """
        return min(sample.cpu_ms / sample.count for sample in self.samples)

    @property
    def p95_ms(self) -> float:
        """Nineteen of twenty operations were answered within this time, all rounds together."""
        return 1000 * quantiles([t for s in self.samples for t in s.latencies], n=20)[-1]

    def ratio(self, other: "Figures") -> float:
        """Rate relative to another operation, round by round; the median."""
        pairs = zip(self.samples, other.samples, strict=True)
        return median(mine.rate / theirs.rate for mine, theirs in pairs)


def interleaved(operations: list[Operation], rounds: int, seconds: float) -> dict[str, Figures]:
    """Measure all operations in turn, several times, so that noise meets all of them alike."""
    counters = {operation.name: _Numbers() for operation in operations}
    samples: dict[str, list[Sample]] = {operation.name: [] for operation in operations}
    for operation in operations:  # what is made at the first request
        _sample(operation, counters[operation.name], seconds / 4)
    for _ in range(rounds):
        for operation in operations:
            samples[operation.name].append(_sample(operation, counters[operation.name], seconds))
    return {name: Figures(taken) for name, taken in samples.items()}


class _Numbers:
    """Hands out numbers to several threads."""

    def __init__(self) -> None:
        self._next = 0
        self._lock = threading.Lock()

    def take(self) -> int:
        with self._lock:
            self._next += 1
            return self._next


def _sample(operation: Operation, numbers: _Numbers, seconds: float) -> Sample:
    latencies: list[float] = []
    faults: list[BaseException] = []
    before, started = cpu_ms(operation.master), time.perf_counter()
    until = started + seconds

    def run() -> None:
        wire, own = Wire(operation.port), []
        try:
            while (begun := time.perf_counter()) < until:
                operation.ask(wire, numbers.take())
                own.append(time.perf_counter() - begun)
        except Exception as fault:
            faults.append(fault)
        finally:
            wire.close()
            latencies.extend(own)

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - started
    if faults:
        raise RuntimeError(f"{operation.name} failed") from faults[0]
    return Sample(len(latencies), taken, cpu_ms(operation.master) - before, latencies)


def cpu_ms(master: int) -> float:
    """Processor milliseconds a gunicorn has used: its master, its workers, and those that ended."""
    spent = _ticks(master, ended_children=True)
    for child in Path(f"/proc/{master}/task/{master}/children").read_text().split():
        spent += _ticks(int(child))
    return spent * TICK_MS


def _ticks(process: int, *, ended_children: bool = False) -> int:
    """User and system time of a process (proc(5): fields 14 to 17 of its stat)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if ended_children else 13]))
