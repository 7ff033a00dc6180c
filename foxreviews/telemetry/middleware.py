"""The outermost middleware: each request has an id, its statements a name, and its end a line in the log.

All of it, with the figures of telemetry.metrics, costs a request 50 µs, of which the line in the log takes 35.
"""

import logging
import re
import time
from collections.abc import Callable
from random import getrandbits
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from foxreviews.core.trace import Trace, current, tracing
from foxreviews.telemetry import metrics
from foxreviews.telemetry.sql_comment import TracedSql

logger = logging.getLogger("foxreviews.request")

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)  # it stands in comments of SQL
NAME = re.compile(r"[a-z_]{1,20}")
WAIT_THRESHOLD = 0.001  # seconds, for a connection or for the index, that are worth a word
MAX_NAMES = 20  # of parameters, in a line


class Tracing:
    """Takes a well-formed X-Request-ID of a proxy, or makes one, and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        trace = Trace(given if WELL_FORMED.fullmatch(given) else f"{getrandbits(128):032x}")
        started = time.perf_counter()
        with tracing(trace), connection.execute_wrapper(TracedSql(trace)):
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            _write_line(request, response, trace, seconds)
        metrics.count(request.method, response.status_code, trace, seconds)
        response[HEADER] = trace.id
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Django has found the route."""
        trace, match = current(), request.resolver_match
        if trace and match:
            trace.route = match.view_name


def _write_line(request: HttpRequest, response: HttpResponse, trace: Trace, seconds: float) -> None:
    failed = response.status_code >= 500
    slow = seconds * 1000 > settings.SLOW_REQUEST_MS
    # Django would log a failure again when the request's id is no longer known.
    setattr(response, "_has_been_logged", True)  # noqa: B010 - it has no such attribute for mypy
    level = logging.ERROR if failed else logging.WARNING if slow or trace.refused else logging.INFO
    words = {"failed": failed, "refused": trace.refused, "slow": slow}
    if (trace.is_probe and not slow) or not logger.isEnabledFor(level):
        return
    message = next((f"{word} request" for word, holds in words.items() if holds), "request")
    logger.log(level, message, extra={"fields": _figures(request, response, trace, seconds)})


def _figures(request: HttpRequest, response: HttpResponse, trace: Trace, seconds: float) -> dict[str, Any]:
    """What happened, and where the time went. Nothing that was typed, and no address of a client."""
    figures: dict[str, Any] = {
        "method": request.method,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "sql_ms": round(trace.sql_seconds * 1000, 1),
        "queries": trace.queries,
    }
    waits = {"pool_ms": trace.pool_seconds, "index_ms": trace.index_seconds}
    figures |= {name: round(taken * 1000, 1) for name, taken in waits.items() if taken > WAIT_THRESHOLD}
    if trace.replicas:
        figures["replicas"] = " ".join(f"{alias}:{outcome}" for alias, outcome in trace.replicas)
    if trace.refused:
        figures["refused"] = trace.refused
    if trace.searches:
        figures["engine"] = trace.searches[-1][0]
        figures["search_ms"] = round(sum(taken for _, taken in trace.searches) * 1000, 1)
    if trace.fallback:
        figures["fallback"] = trace.fallback
    if trace.cached:
        figures["cache"] = dict(trace.cached)
    if lengths := _lengths(request, response):
        figures["params"] = lengths
    return figures


def _lengths(request: HttpRequest, response: HttpResponse) -> dict[str, int]:
    """How long each parameter is. The names of a refused request may be anything."""
    if response.status_code == 400 or not request.META.get("QUERY_STRING"):
        return {}
    names = [name for name in request.GET if NAME.fullmatch(name)]
    return {name: len(request.GET[name]) for name in names[:MAX_NAMES]}
