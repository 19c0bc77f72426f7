"""JSON lines on standard error, without personal data.

No line holds an address, a user agent, a query string, a path with its values, or a referrer: on
public routes nothing may trace an anonymous filer. A request is named by its endpoint.
"""

import json
import logging
import secrets
import sys
import time
from datetime import UTC, datetime

from flask import Flask, g, request
from werkzeug.wrappers import Response

_EXTRAS = ("request", "method", "endpoint", "status", "ms", "job", "count", "incident")


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the extras this project logs and nothing else."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        line |= {key: value for key in _EXTRAS if (value := record.__dict__.get(key)) is not None}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def init_app(app: Flask) -> None:
    """Log to standard error as JSON, one line a request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("tanggap")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    app.logger.handlers[:] = []
    app.logger.addHandler(handler)
    app.before_request(_start)
    app.after_request(_finish)


def _start() -> None:
    g.request_id = secrets.token_hex(6)
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    logging.getLogger("tanggap").info(
        "request",
        extra={
            "request": g.get("request_id"),
            "method": request.method,
            "endpoint": request.endpoint or "-",
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        },
    )
    return response
