"""How log lines look: for people, or as JSON; each with the request that it belongs to.

`logger.info("…", extra={"fields": {"ms": 12}})` adds fields to a line. Whatever else a library hangs on a record is
left out: Django's own has the whole request, and with it what people typed.
"""

import datetime as dt
import logging
from typing import Any

import orjson

from foxreviews.core import clock
from foxreviews.core.trace import current


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    trace = current()
    of_request = {"request": trace.id, "route": trace.route} if trace else {}
    return {**getattr(record, "fields", {}), **of_request}


class TextFormatter(logging.Formatter):
    """«2026-03-01 04:15:00 CET WARNING foxreviews.request slow request status=200 ms=812.4 request=3f2a…»."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", clock.LOG_FORMAT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return " ".join(
            [super().formatMessage(record), *(f"{name}={value}" for name, value in _fields(record).items())]
        )


class JsonFormatter(logging.Formatter):
    """One JSON object a line; `time` is ISO 8601 in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class WithoutAddress(logging.Filter):
    """Django's «Internal Server Error: /api/villes/what-was-typed/» with the name of the route for the address."""

    def filter(self, record: logging.LogRecord) -> bool:
        trace = current()
        if isinstance(record.args, tuple) and record.args:
            record.args = (*record.args[:-1], (trace and trace.route) or "no route")
        return True
