"""Rate limits, counted in a small file of their own that all workers share.

The file is disposable (``synchronous=OFF``) and apart from the site's database, because a
counter must survive the rollback of the request it counts. Networks are counted under a keyed
hash that changes daily.
"""

import hashlib
import hmac
import ipaddress
import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from limits import RateLimitItemPerHour
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.core.i18n import _, _n


class SQLiteStorage(Storage):
    """Fixed-window counters of the ``limits`` library in an SQLite file."""

    STORAGE_SCHEME = ["tanggap-sqlite"]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **_options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._path = urlsplit(uri).path
        self._local = threading.local()
        with self._connection() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS hits"
                " (key TEXT PRIMARY KEY, n INTEGER NOT NULL, expiry REAL NOT NULL) WITHOUT ROWID"
            )

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if (connection := getattr(self._local, "connection", None)) is None:
            connection = sqlite3.connect(self._path, timeout=2, isolation_level=None)
            connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON;"
            )
            self._local.connection = connection
        yield connection

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.time()
        with self._connection() as connection:
            connection.execute("DELETE FROM hits WHERE expiry < ?", (now,))
            row = connection.execute(
                "INSERT INTO hits VALUES (?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET n = n + excluded.n RETURNING n",
                (key, amount, now + expiry),
            ).fetchone()
        return int(row[0])

    def get(self, key: str) -> int:
        return int(self._row(key)[0])

    def get_expiry(self, key: str) -> float:
        return float(self._row(key)[1])

    def _row(self, key: str) -> tuple[int, float]:
        with self._connection() as connection:
            row = connection.execute(
                "SELECT n, expiry FROM hits WHERE key = ? AND expiry >= ?", (key, time.time())
            ).fetchone()
        return row or (0, time.time())

    def check(self) -> bool:
        with self._connection() as connection:
            return bool(connection.execute("SELECT 1").fetchone())

    def reset(self) -> int | None:
        with self._connection() as connection:
            return connection.execute("DELETE FROM hits").rowcount

    def clear(self, key: str) -> None:
        with self._connection() as connection:
            connection.execute("DELETE FROM hits WHERE key = ?", (key,))


class Limits:
    """Counts what went wrong (wrong codes, failed sign-ins) or was made (reports), per hour and
    key.
    """

    def __init__(self, url: str, secret: str, *, on: bool) -> None:
        self._strategy = FixedWindowRateLimiter(storage_from_string(url))
        self._secret = secret.encode()
        self._on = on

    def count(self, name: str, per_hour: int, *keys: str) -> bool:
        """Count one; False when that was more than allowed."""
        return not self._on or self._strategy.hit(RateLimitItemPerHour(per_hour), name, *keys)

    def wait(self, name: str, per_hour: int, *keys: str) -> int:
        """Seconds until one more is allowed, 0 when it is now; counts nothing."""
        item = RateLimitItemPerHour(per_hour)
        if not self._on or self._strategy.test(item, name, *keys):
            return 0
        window = self._strategy.get_window_stats(item, name, *keys)
        return max(1, int(window.reset_time - time.time()))

    def used(self, name: str, per_hour: int, *keys: str) -> int:
        """How many have been counted in the running hour."""
        if not self._on:
            return 0
        window = self._strategy.get_window_stats(RateLimitItemPerHour(per_hour), name, *keys)
        return per_hour - window.remaining

    def forget(self, name: str, per_hour: int, *keys: str) -> None:
        """Start anew for this key, as after a successful sign-in."""
        self._strategy.clear(RateLimitItemPerHour(per_hour), name, *keys)

    def network(self, address: str, day: datetime) -> str:
        """The hash an address is counted under on this day. IPv6 counts by its /64."""
        message = f"{day:%Y-%m-%d}|{_network(address)}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:32]


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def default_url(instance: Path) -> str:
    """The counters' file of a single machine."""
    return f"tanggap-sqlite://{instance / 'limits.sqlite'}"


def limits() -> Limits:
    """The limits of the running application."""
    found: Limits = current_app.extensions["limits"]
    return found


def waiting(seconds: int) -> str:
    """A waiting time in words: full minutes, rounded up."""
    minutes = math.ceil(seconds / 60)
    return _n("%(n)s menit", "%(n)s menit", minutes, n=minutes)


def too_many_codes(seconds: int) -> str:
    """What is said to a network from which too many wrong codes came."""
    return _(
        "Terlalu banyak kode salah dari jaringan ini. Coba lagi setelah %(wait)s.",
        wait=waiting(seconds),
    )


def network_key(now: datetime) -> str:
    """The key the network of this request is counted under today."""
    return limits().network(request.remote_addr or "", now)
