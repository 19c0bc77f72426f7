"""How the web process runs, wherever it is started: `make run`, systemd, the benches.

Threads keep slow and idle connections from holding a worker, and need no monkey-patching; the
measured alternatives were slower on real pages or had ten times the tail. A command-line flag
(`gunicorn --bind 0.0.0.0:8000 wsgi:app`) wins over this file.
"""

import os
from pathlib import Path

from app.config import Settings

_settings = Settings.from_environ(os.environ)

bind = f"127.0.0.1:{_settings.port}"
workers = _settings.web_workers
worker_class = "gthread"
threads = 4
preload_app = True  # one copy of code and city in memory for all workers
max_requests = 5000  # whatever leaks, leaks little
max_requests_jitter = 500
control_socket_disable = True  # it would be one shared path for each user, in the home folder
accesslog = None  # addresses of reporters are never written down
if Path("/dev/shm").is_dir():  # noqa: S108 - a heartbeat on disk can block a worker
    worker_tmp_dir = "/dev/shm"  # noqa: S108
