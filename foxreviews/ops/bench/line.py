"""One measured thing: many runs after a first one, and where it can be made, one on cold caches before them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

RUNS = 20

# Runs once; milliseconds, and what was seen beside them
Run = Callable[[], tuple[float, str]]


@dataclass(frozen=True)
class Measure:
    """What is to be measured, under the heading `group`, and the plan's limit in milliseconds."""

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
        """Whether the 95th percentile is within the plan's limit."""
        return self.p95 <= self.limit

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"holds": self.holds}


def measured(measure: Measure, make_cold: Callable[[], None] | None) -> Line:
    """Run it: once on cold caches where they can be made, once to warm them, then as often as counts."""
    cold = None
    if make_cold:
        make_cold()
        cold = measure.run()[0]
    note = measure.run()[1]
    times = sorted(measure.run()[0] for _ in range(RUNS))
    p95 = times[int(len(times) * 0.95) - 1]
    return Line(measure.group, measure.what, measure.limit, times[len(times) // 2], p95, cold, note)
