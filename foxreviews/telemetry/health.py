"""Whether this process can serve: quick looks at the database, its tables, the index and the disk."""

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import cache
from math import inf
from threading import Lock
from typing import Any, cast

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg_pool import ConnectionPool

from foxreviews.core import files
from foxreviews.core.findings import Finding, Severity
from foxreviews.core.postgresql import replicas
from foxreviews.core.redis_server import AwayError, redis_server
from foxreviews.core.server_watch import watch
from foxreviews.search.lag import read_lag

LAG_THRESHOLD = 60.0  # seconds: an index further behind is a warning
MIN_FREE = 0.10  # of the disk
FRESH_SECONDS = 1.0  # how long one look answers every probe
PATIENCE = 1.5  # seconds, for a connection, and for a look


class Health:
    """The last look, shared by the threads of a worker.

    A web worker looks in a thread of its own, so that a probe is answered whatever hangs.
    """

    def __init__(self, look: Callable[[], list[Finding]], executor: Executor | None = None) -> None:
        self._look, self._executor = look, executor
        self._at, self._last = -inf, Future[list[Finding]]()
        self._last.set_result([])
        self._lock = Lock()

    def findings(self) -> list[Finding]:
        """What was found a moment ago, or is found now. There is one look at a time."""
        with self._lock:
            if self._last.done() and time.monotonic() > self._at + FRESH_SECONDS:
                self._at, self._last = time.monotonic(), self._start()
            last = self._last
        try:
            return last.result(PATIENCE)
        except TimeoutError:
            return [_no_answer(f"has not answered a probe for {PATIENCE} s"), *_replicas()]

    def _start(self) -> "Future[list[Finding]]":
        if self._executor:
            return self._executor.submit(self._look)
        found = Future[list[Finding]]()
        found.set_result(self._look())
        return found


def look_aside() -> list[Finding]:
    """look(), and its connection back in the pool, where no request ends that would do so."""
    try:
        return look()
    finally:
        connection.close()


def look() -> list[Finding]:
    """Each check. ERROR: requests would fail. WARNING: they are answered, but the operator should look."""
    try:
        reach_database()
        pending = pending_migrations()
        index = [] if pending else [_index()]
    except Error as error:
        kind = type(error.__cause__ or error).__name__  # its text may name the host and the account
        return [_no_answer(f"does not answer: {kind}"), *_replicas(), _disk()]
    answers = Finding("database", Severity.OK, "answers")
    return [answers, *_replicas(), _migrations(pending), *index, *_cache(), _disk()]


def _no_answer(found: str) -> Finding:
    """Of the primary: where there are replicas, the API and pages are answered still."""
    if replicas.guard and replicas.guard.readable():
        return Finding("database", Severity.WARNING, f"{found}; replicas answer what only reads")
    return Finding("database", Severity.ERROR, found)


def _replicas() -> list[Finding]:
    if (guard := replicas.guard) is None:
        return []
    states = {replica.alias: guard.why_out(replica) for replica in guard.replicas}
    return [
        Finding(alias, Severity.WARNING if why else Severity.OK, why or "is read")
        for alias, why in states.items()
    ]


def connection_pool() -> "ConnectionPool[Any] | None":
    """Django's pool, which the threads of a web worker share; None in a command, which has one connection."""
    return cast("ConnectionPool[Any] | None", getattr(connection, "pool", None))


def reach_database() -> None:
    """Raises OperationalError where it does not answer within PATIENCE: the pool alone waits longer."""
    if connection.connection is None and (pool := connection_pool()):
        with connection.wrap_database_errors:
            watch.require_answer()
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
        who = "Another engine" if settings.SEARCH_ENGINE == "opensearch" else "PostgreSQL"
        return Finding("search index", Severity.WARNING, f"{who} answers: {lag.why}")
    return judge_lag(lag.changes, lag.seconds)


def judge_lag(changes: int, seconds: float) -> Finding:
    """How many changes of the database the index lacks; `seconds` is the age of the oldest."""
    behind = f"{changes:,} changes behind, the oldest {seconds:,.0f} s old"
    if seconds > LAG_THRESHOLD:
        return Finding("search index", Severity.WARNING, behind, fix="manage.py search_status")
    return Finding("search index", Severity.OK, behind if changes else "in sync")


def _cache() -> list[Finding]:
    """The Redis of CACHE_URL, where there is one: without it everything is answered, by each process alone."""
    if (server := redis_server(settings.CACHE_URL)) is None:
        return []
    try:
        server.ask(lambda client: client.ping())
    except AwayError:
        fix = "See docs/howto/cache.md"
        return [Finding("cache", Severity.WARNING, "Redis does not answer", fix=fix)]
    return [Finding("cache", Severity.OK, "Redis answers")]


def _disk() -> Finding:
    return judge_disk(*files.disk_space(settings.SEARCH_INDEX_DIR))


def judge_disk(free: int, total: int) -> Finding:
    """The disk of the search index, in bytes."""
    share = free / total
    severity = Severity.WARNING if share < MIN_FREE else Severity.OK
    return Finding("disk", severity, f"{share:.0%} free")
