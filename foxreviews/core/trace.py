"""The request that this thread answers: who does a part of the work notes it here.

Log lines, comments in SQL and figures are made of it (core.logs, telemetry.middleware). Outside of a request there
is none, and nothing is noted.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

# Why PostgreSQL answered for the index
NOT_READY, FAILED = "not-ready", "failed"
# What became of a request that was sent to a replica; after the last two another server answers
ANSWERED, FAILED_THERE, BEHIND = "answered", "failed", "behind"


@dataclass(slots=True)
class Trace:
    """What is known of one request so far."""

    id: str
    route: str = ""  # the name of its address in urls.py, "" where it has none
    queries: int = 0
    sql_seconds: float = 0.0
    index_seconds: float = 0.0  # waited for the index to be opened
    pool_seconds: float = 0.0  # waited for a connection
    searches: list[tuple[str, float]] = field(default_factory=list)  # by which engine, in how many seconds
    cached: list[tuple[str, str]] = field(default_factory=list)  # what was asked of the cache, and who had it
    fallback: str = ""  # NOT_READY, FAILED, or "" where the engine that was asked answered
    replicas: list[tuple[str, str]] = field(default_factory=list)  # that were asked: which one, ANSWERED…
    search_until: float = 0.0  # when its searches in PostgreSQL have had their time; 0 before the first
    is_partial: bool = False  # it lacks what took too long: a calmer moment gives more
    refused: str = ""  # the kind of error for which Django refused it: a host, a thousand parameters
    is_probe: bool = False  # it comes every few seconds and is worth no line
    _is_searching: bool = False


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """The request that is being answered."""
    return _current.get()


@contextmanager
def tracing(trace: Trace) -> Iterator[None]:
    """What happens in the block is done for this request."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)


def waited_for_index(seconds: float) -> None:
    """The request waited for an index that was being opened."""
    if trace := _current.get():
        trace.index_seconds += seconds


def waited_for_connection(seconds: float) -> None:
    """The request waited for a connection to the database."""
    if trace := _current.get():
        trace.pool_seconds += seconds


def asked_replica(alias: str, outcome: str) -> None:
    """The request was sent to a replica, and it ANSWERED, FAILED_THERE or was BEHIND."""
    if trace := _current.get():
        trace.replicas.append((alias, outcome))


def asked_cache(kind: str, found: str) -> None:
    """A value of that kind was wanted, and was in the memory of the process, in Redis, or computed."""
    if trace := _current.get():
        trace.cached.append((kind, found))


@contextmanager
def searching(engine: str) -> Iterator[None]:
    """The block is a search by this engine; what it asks of another one is part of it. Also decorates a function."""
    trace = _current.get()
    if trace is None or trace._is_searching:
        yield
        return
    trace._is_searching = True
    started = time.perf_counter()
    try:
        yield
    finally:
        trace._is_searching = False
        trace.searches.append((engine, time.perf_counter() - started))


def answers_in_part() -> None:
    """Something took too long, or is not there now: the answer goes without it, and nobody keeps it."""
    if trace := _current.get():
        trace.is_partial = True


def fell_back(why: str) -> None:
    """PostgreSQL answers for the index: it is NOT_READY, or has FAILED."""
    if trace := _current.get():
        trace.fallback = why
