"""One measured thing: many runs after a first one, and where wanted one on cold caches before them."""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from foxreviews.core.errors import UsageError
from foxreviews.localdb import own_cluster
from foxreviews.localdb.cluster import Cluster

RUNS = 20

# Runs once; milliseconds, and a note on what it found
Run = Callable[[], tuple[float, str]]


@dataclass(frozen=True)
class Measure:
    """What is to be measured, under the heading `group`, and the scaling plan's limit in milliseconds."""

    group: str
    what: str
    limit: float
    run: Run


@dataclass(frozen=True)
class Line:
    """Milliseconds. `cold` is None where the caches were left as they were."""

    group: str
    what: str
    limit: float
    p50: float
    p95: float
    cold: float | None
    note: str

    @property
    def holds(self) -> bool:
        """Whether the 95th percentile is within the limit."""
        return self.p95 <= self.limit

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"holds": self.holds}


def measured(measure: Measure, make_cold: Callable[[], None] | None) -> Line:
    """Run it: once on cold caches where they can be made, once to warm them, then RUNS times."""
    cold = None
    if make_cold:
        make_cold()
        cold = measure.run()[0]
    note = measure.run()[1]
    times = sorted(measure.run()[0] for _ in range(RUNS))
    p95 = times[int(len(times) * 0.95) - 1]
    return Line(measure.group, measure.what, measure.limit, times[len(times) // 2], p95, cold, note)


class ColdCaches:
    """Calling it makes them cold: the server is restarted, and its files leave the system's memory as well.

    It restarts the project's own server, and no other. Raises UsageError where that is not the one in use.
    """

    def __init__(self) -> None:
        if settings.DATABASE_URL or not hasattr(os, "posix_fadvise"):
            raise UsageError(
                "--cold restarts the project's own PostgreSQL before each measure; the one that DATABASE_URL "
                "names is not stopped for this. Leave --cold out."
            )
        self.cluster: Cluster = own_cluster()

    def __call__(self) -> None:
        connection.close()
        self.cluster.stop()
        for file in (self.cluster.data / "base").glob("*/*"):
            _forget(file)
        self.cluster.start()
        connection.ensure_connection()


def _forget(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)
