"""How long things took: counts of a Prometheus histogram, that can be subtracted and added."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Latency:
    """`count` things in `seconds` together; `within[limit]` of them took no longer than `limit` seconds."""

    count: int = 0
    seconds: float = 0.0
    within: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """From what as_json() made; nothing is no time."""
        return cls(**value)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def since(self, earlier: "Latency") -> "Latency":
        """What came after an earlier reading of the same counters, which begin anew where a server restarts."""
        if self.count < earlier.count:
            return self
        within = {limit: count - earlier.within.get(limit, 0) for limit, count in self.within.items()}
        return Latency(self.count - earlier.count, self.seconds - earlier.seconds, within)

    def __add__(self, other: "Latency") -> "Latency":
        limits = {**self.within, **other.within}
        within = {limit: self.within.get(limit, 0) + other.within.get(limit, 0) for limit in limits}
        return Latency(self.count + other.count, self.seconds + other.seconds, within)

    @property
    def mean_ms(self) -> float | None:
        """None where there was nothing."""
        return self.seconds / self.count * 1000 if self.count else None

    def over(self, limit: str) -> int:
        """How many took longer than a limit of the histogram: over("0.5")."""
        return self.count - self.within.get(limit, self.count)


def total(latencies: Iterable[Latency]) -> Latency:
    """All of them together."""
    return sum(latencies, Latency())
