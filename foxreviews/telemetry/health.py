"""Whether this process can serve: quick looks at the database, its tables, the index and the disk."""

import time
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, cast

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg_pool import ConnectionPool

from foxreviews.core import files
from foxreviews.core.findings import Finding, Severity
from foxreviews.search.index.lag import read_lag

LAG_THRESHOLD = 60.0  # seconds: an index further behind is a warning
MIN_FREE = 0.10  # of the disk
FRESH_SECONDS = 1.0  # how long one look answers every probe
PATIENCE = 2.0  # seconds, for a connection, and for a look that another thread takes


class Health:
    """The last look, shared by the threads of a worker."""

    def __init__(self, look: Callable[[], list[Finding]]) -> None:
        self._look = look
        self._found: list[Finding] = []
        self._at = 0.0
        self._lock = Lock()

    def findings(self) -> list[Finding]:
        """What was found a moment ago, or is found now. Two threads never look at once."""
        if not self._lock.acquire(timeout=PATIENCE):
            return [
                Finding("database", Severity.ERROR, f"has not answered another probe for {PATIENCE:.0f} s")
            ]
        try:
            if not self._found or time.monotonic() > self._at + FRESH_SECONDS:
                self._found = self._look()
                self._at = time.monotonic()
            return self._found
        finally:
            self._lock.release()


def look() -> list[Finding]:
    """Each check. ERROR: requests would fail. WARNING: they are answered, but the operator should look."""
    try:
        reach_database()
        pending = pending_migrations()
        index = [] if pending else [_index()]
    except Error as error:
        kind = type(error.__cause__ or error).__name__  # its text may name the host and the account
        return [Finding("database", Severity.ERROR, f"does not answer: {kind}"), _disk()]
    return [Finding("database", Severity.OK, "answers"), _migrations(pending), *index, _disk()]


def connection_pool() -> "ConnectionPool[Any] | None":
    """Django's pool, which the threads of a web worker share; None in a command, which has one connection."""
    return cast("ConnectionPool[Any] | None", getattr(connection, "pool", None))


def reach_database() -> None:
    """Raises OperationalError where it does not answer within seconds: the pool alone waits for 10."""
    if connection.connection is None and (pool := connection_pool()):
        with connection.wrap_database_errors:
            pool.open()
            pool.putconn(pool.getconn(PATIENCE))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def pending_migrations() -> int:
    """How many migrations of this program the database has not seen. Those of a newer program are no harm."""
    return len(_known_migrations() - set(MigrationRecorder(connection).applied_migrations()))


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.nodes)


def _migrations(pending: int) -> Finding:
    if pending:
        return Finding("migrations", Severity.ERROR, f"{pending} pending", fix="manage.py migrate")
    return Finding("migrations", Severity.OK, "none pending")


def _index() -> Finding:
    if settings.SEARCH_ENGINE == "postgres":
        return Finding("search index", Severity.OK, "not used")
    lag = read_lag()
    if lag.why:
        return Finding("search index", Severity.WARNING, f"PostgreSQL answers: {lag.why}")
    return judge_lag(lag.changes, lag.seconds)


def judge_lag(changes: int, seconds: float) -> Finding:
    """How many changes of the database the index lacks; `seconds` is the age of the oldest."""
    behind = f"{changes:,} changes behind, the oldest {seconds:,.0f} s old"
    if seconds > LAG_THRESHOLD:
        return Finding("search index", Severity.WARNING, behind, fix="manage.py search_status")
    return Finding("search index", Severity.OK, behind if changes else "in sync")


def _disk() -> Finding:
    return judge_disk(*files.disk_space(settings.SEARCH_INDEX_DIR))


def judge_disk(free: int, total: int) -> Finding:
    """The disk of the search index, in bytes."""
    share = free / total
    severity = Severity.WARNING if share < MIN_FREE else Severity.OK
    return Finding("disk", severity, f"{share:.0%} free")
