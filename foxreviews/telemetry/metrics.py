"""The figures of requests, for Prometheus: each worker counts in files that /metrics adds up.

docs/reference/metrics.md says what each means. Those of the database and the index are read at each scrape
(telemetry.gauges).
"""

import time
from functools import cache
from itertools import product

from django.conf import settings
from django.db import connection
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from foxreviews.core.trace import ANSWERED, BEHIND, FAILED, FAILED_THERE, NOT_READY, Trace
from foxreviews.telemetry.gauges import Gauges
from foxreviews.telemetry.health import connection_pool

SECONDS = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.2,
    0.5,
    1.0,
    2.5,
    10.0,
)  # 0.2 and 0.5 are the scaling plan's limits
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}  # others are a client's invention
NO_ROUTE = "none"

disable_created_metrics()  # type: ignore[no-untyped-call]  # with several workers there are none

# Not in the default registry: it would add what Python and the process say of themselves, which workers cannot share.
REQUESTS = Histogram(
    "foxreviews_request_seconds",
    "How long requests took.",
    ("route", "method", "status"),
    buckets=SECONDS,
    registry=None,
)
QUERIES = Counter("foxreviews_sql_queries", "Statements that requests sent.", ("route",), registry=None)
SQL_SECONDS = Counter(
    "foxreviews_sql_seconds", "How long requests waited for the database.", ("route",), registry=None
)
POOL_SECONDS = Counter(
    "foxreviews_pool_wait_seconds", "How long requests waited for a connection.", ("route",), registry=None
)
INDEX_SECONDS = Counter(
    "foxreviews_index_wait_seconds",
    "How long requests waited for the index to be opened.",
    ("route",),
    registry=None,
)
SEARCHES = Histogram(
    "foxreviews_search_seconds",
    "How long searches took, by the engine that was asked.",
    ("engine",),
    buckets=SECONDS,
    registry=None,
)
FALLBACKS = Counter(
    "foxreviews_search_fallbacks", "Searches that PostgreSQL answered for the index.", ("why",), registry=None
)
REPLICAS = Counter(
    "foxreviews_replica_requests",
    "Requests that were sent to a replica, by what became of them.",
    ("replica", "outcome"),
    registry=None,
)
CACHED = Counter(
    "foxreviews_cache_requests",
    "Values wanted of the cache, by who had them.",
    ("kind", "found"),
    registry=None,
)
POOL_SIZE = Gauge(
    "foxreviews_pool_connections",
    "Connections to the database that the workers hold.",
    registry=None,
    multiprocess_mode="livesum",
)
POOL_IDLE = Gauge(
    "foxreviews_pool_idle_connections",
    "Of these, those that no request uses.",
    registry=None,
    multiprocess_mode="livesum",
)
POOL_WAITING = Gauge(
    "foxreviews_pool_waiting",
    "Requests that wait for a connection.",
    registry=None,
    multiprocess_mode="livesum",
)
METRICS = (
    REQUESTS,
    QUERIES,
    SQL_SECONDS,
    POOL_SECONDS,
    INDEX_SECONDS,
    SEARCHES,
    FALLBACKS,
    REPLICAS,
    CACHED,
    POOL_SIZE,
    POOL_IDLE,
    POOL_WAITING,
)
for why in (FAILED, NOT_READY):  # a rate needs a first 0
    FALLBACKS.labels(why)
for alias, outcome in product(settings.REPLICA_WEIGHTS, (ANSWERED, FAILED_THERE, BEHIND)):
    REPLICAS.labels(alias, outcome)


@cache
def _of_route(route: str, method: str, status: int) -> tuple[Histogram, Counter, Counter, Counter, Counter]:
    """Looking them up takes longer than counting."""
    counters = QUERIES.labels(route), SQL_SECONDS.labels(route)
    waits = POOL_SECONDS.labels(route), INDEX_SECONDS.labels(route)
    return REQUESTS.labels(route, method, status), *counters, *waits


def count(method: str | None, status: int, trace: Trace, seconds: float) -> None:
    """A request has been answered."""
    named = method if method in METHODS else "other"
    requests, queries, sql_seconds, pool_seconds, index_seconds = _of_route(
        trace.route or NO_ROUTE, named, status
    )
    requests.observe(seconds)
    queries.inc(trace.queries)
    sql_seconds.inc(trace.sql_seconds)
    pool_seconds.inc(trace.pool_seconds)
    index_seconds.inc(trace.index_seconds)
    for engine, taken in trace.searches:
        SEARCHES.labels(engine).observe(taken)
    for kind, found in trace.cached:
        CACHED.labels(kind, found).inc()
    if trace.fallback:
        FALLBACKS.labels(trace.fallback).inc()
    for replica, outcome in trace.replicas:
        REPLICAS.labels(replica, outcome).inc()
    _pool.watch()


class _Pool:
    """The state of the worker's pool, looked at once a second and no more."""

    seen_at = 0.0

    def watch(self) -> None:
        if time.monotonic() > self.seen_at + 1 and (pool := connection_pool()):
            self.seen_at = time.monotonic()
            state = pool.get_stats()
            POOL_SIZE.set(state["pool_size"])
            POOL_IDLE.set(
                state["pool_available"] + (connection.connection is not None)
            )  # this thread's is about to be
            POOL_WAITING.set(state["requests_waiting"])


_pool = _Pool()


def exposition(accept: str) -> tuple[bytes, str]:
    """What Prometheus reads, and its Content-Type."""
    registry = CollectorRegistry()
    if settings.METRICS_DIR:
        MultiProcessCollector(registry, settings.METRICS_DIR)  # type: ignore[no-untyped-call]
    else:
        for metric in METRICS:
            registry.register(metric)
    registry.register(Gauges())
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type
