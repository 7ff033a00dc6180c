"""The SQL of a request: each statement says which route sends it, and is counted and timed.

    /* api-entreprises request=3f2a9c… */ SELECT …

The route comes first: pg_stat_statements keeps the first text that it sees of a statement, and cuts long ones.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from psycopg import sql

from foxreviews.core.trace import Trace

logger = logging.getLogger("foxreviews.sql")

MAX_SHOWN = 2_000  # characters of a slow statement


class TracedSql:
    """Django's `execute_wrapper` for the statements of one request. It costs 2 µs a statement."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def __call__(
        self,
        execute: Callable[..., Any],
        statement: Any,
        params: Any,
        many: bool,
        context: Any,
    ) -> Any:
        started = time.perf_counter()
        try:
            return execute(self._named(statement), params, many, context)
        finally:
            seconds = time.perf_counter() - started
            self.trace.queries += 1
            self.trace.sql_seconds += seconds
            if seconds * 1000 > settings.SLOW_QUERY_MS:
                _log_slow(statement, seconds)

    def _named(self, statement: Any) -> Any:
        comment = f"/* {self.trace.route or 'no-route'} request={self.trace.id} */ "
        if isinstance(statement, sql.Composable):
            return sql.SQL(comment) + statement
        return comment + statement


def _log_slow(statement: Any, seconds: float) -> None:
    """As it is written in the code, without its parameters: these are what people typed."""
    text = statement.as_string() if isinstance(statement, sql.Composable) else statement
    fields = {"ms": round(seconds * 1000, 1), "statement": " ".join(text.split())[:MAX_SHOWN]}
    logger.warning("slow query", extra={"fields": fields})
