"""When to grow: the scaling plan's thresholds ("Quand migrer vers Elasticsearch ?") against what was measured."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from foxreviews.core.files import shown
from foxreviews.core.findings import Finding, Severity
from foxreviews.ops.latency import Latency, total
from foxreviews.ops.models import Sample
from foxreviews.ops.samples import DAY, MONTH, YEAR, merged

SEARCH_MS = 200.0  # the plan: on average over 24 h
PEAK = "0.5"  # seconds; the plan: frequent peaks, for which it gives no figure
FREQUENT, FEWEST_PEAKS = 0.01, 10
CPU = 0.80  # the plan: constantly
GROWTH = 1_000_000  # companies a year
PARTITION_ROWS = 8_000_000  # the plan's stage after 12 months
LEAST_SPAN = MONTH  # the register comes once a month: less says nothing of growth
NOT_YET = "–"
WINDOWS = {"24 h": DAY, "30 days": MONTH, "1 year": YEAR}


class Answer(StrEnum):
    """What to do, the weightiest first."""

    CLUSTER = "move search to a cluster"
    REPLICA = "add a replica"
    PARTITION = "partition"
    TUNE = "tune"
    STAY = "stay"


ORDER = list(Answer)
Judged = tuple[Finding, Answer]


@dataclass(frozen=True)
class History:
    """All samples, the oldest first."""

    samples: list[Sample]

    @property
    def newest(self) -> Sample:
        return self.samples[-1]

    def over(self, span: timedelta) -> Sample:
        """The samples of the span that ends with the newest one, as one."""
        since = self.newest.taken_at - span
        return merged([sample for sample in self.samples if sample.taken_at > since])

    def each(self, read: Callable[[Sample], float | None]) -> dict[str, float | None]:
        """A figure over a day, a month and a year; None where the samples go back no further than the one before."""
        reach = self.newest.taken_at - self.samples[0].taken_at
        shorter = (timedelta(0), *WINDOWS.values())
        return {
            name: read(self.over(span)) if reach > before or span == DAY else None
            for before, (name, span) in zip(shorter, WINDOWS.items(), strict=False)
        }


def findings(now: datetime) -> Iterator[Finding]:
    """The evidence, and the answer."""
    samples = list(Sample.objects.order_by("taken_at"))
    if not samples:
        yield Finding(
            "samples",
            Severity.WARNING,
            "none yet",
            "What is asked here is answered by measurements: have one taken every five minutes.",
            "manage.py scaling_sample",
        )
        return
    history = History(samples)
    yield _samples(history, now)
    judged = [
        _search_mean(history),
        _search_peaks(history),
        _pages(history),
        _cpu(history),
        *_growth(history),
    ]
    yield from (finding for finding, _ in judged)
    answer = min((answer for _, answer in judged), key=ORDER.index)
    because = [finding.subject for finding, each in judged if each is answer]
    severity = max(finding.severity for finding, each in judged if each is answer)
    if answer is Answer.STAY:
        yield Finding("answer", Severity.OK, answer.value, figures={"answer": answer.value})
    else:
        found = f"{answer.value}, because of: {', '.join(because)}"
        yield Finding("answer", severity, found, figures={"answer": answer.value, "because": because})


def _samples(history: History, now: datetime) -> Finding:
    newest, span = history.newest, history.newest.taken_at - history.samples[0].taken_at
    age = now - newest.taken_at
    found = f"{len(history.samples):,} over {_days(span)}, the newest {age.total_seconds() / 60:,.0f} min old"
    if age > timedelta(hours=1):
        why = "Nobody takes samples any more: what follows is of the time before."
        return Finding("samples", Severity.WARNING, found, why, "manage.py scaling_sample")
    if span < DAY:
        return Finding("samples", Severity.NOTE, found, "The plan's thresholds are means over 24 h.")
    return Finding("samples", Severity.OK, found)


def _search_mean(history: History) -> Judged:
    means = history.each(lambda sample: _searches(sample).mean_ms)
    subject, found = (
        "search, mean",
        f"{_shown(means, 'ms')}; the plan's limit is {SEARCH_MS:.0f} ms over 24 h",
    )
    if means["24 h"] is None:
        return Finding(
            subject, Severity.NOTE, "nobody has searched in the last 24 h", figures=means
        ), Answer.STAY
    if means["24 h"] <= SEARCH_MS:
        return Finding(subject, Severity.OK, found, figures=means), Answer.STAY
    finding = Finding(subject, Severity.WARNING, found, _why_slow(history), _fix(history), means)
    return finding, Answer.TUNE


def _search_peaks(history: History) -> Judged:
    shares = history.each(lambda sample: _share_over(_searches(sample)))
    day = _searches(history.over(DAY))
    subject = "search, over 500 ms"
    found = f"{_shown(shares, '%')}; frequent is {FREQUENT:.0%} of a day's searches"
    if (shares["24 h"] or 0) <= FREQUENT * 100 or day.over(PEAK) < FEWEST_PEAKS:
        return Finding(subject, Severity.OK, found, figures=shares), Answer.STAY
    tune = _postgres_share(history) > FREQUENT
    finding = Finding(subject, Severity.ERROR, found, _why_slow(history), _fix(history), shares)
    return finding, Answer.TUNE if tune else Answer.CLUSTER


def _pages(history: History) -> Judged:
    means = history.each(lambda sample: Latency.of(sample.pages).mean_ms)
    found = f"{_shown(means, 'ms')}; the plan's limit is {SEARCH_MS:.0f} ms"
    if (means["24 h"] or 0) <= SEARCH_MS:
        return Finding("pages, mean", Severity.OK, found, figures=means), Answer.STAY
    why = "The plan's first step is to see that every query uses its index."
    return Finding("pages, mean", Severity.WARNING, found, why, "manage.py doctor", means), Answer.TUNE


def _cpu(history: History) -> Judged:
    shares = history.each(lambda sample: None if sample.cpu is None else sample.cpu * 100)
    active = history.over(DAY).active
    if shares["24 h"] is None:
        work = "" if active is None else f"; {active:.2f} statements at work at once over 24 h"
        why = "PostgreSQL does not tell it, and its processes are not on this machine: look there."
        return Finding("database CPU", Severity.NOTE, f"not to be read from here{work}", why), Answer.STAY
    found = f"{_shown(shares, '%')} of the cores; the plan's limit is {CPU:.0%}, constantly"
    if shares["24 h"] <= CPU * 100:
        return Finding("database CPU", Severity.OK, found, figures=shares), Answer.STAY
    why = (
        "The database was busier than that over a whole day. What asks most is in `manage.py doctor`; "
        "a replica takes the reading."
    )
    return Finding("database CPU", Severity.ERROR, found, why, "manage.py doctor", shares), Answer.REPLICA


def _growth(history: History) -> Iterator[Judged]:
    newest = history.newest
    size = f"{newest.rows:,} companies, {shown(newest.bytes)}"
    year = [each for each in history.samples if each.taken_at > newest.taken_at - YEAR]
    # A first load is no growth: counted from when half of today's companies were there.
    first = next(each for each in year if each.rows >= newest.rows / 2)
    span = newest.taken_at - first.taken_at
    if span < LEAST_SPAN:
        why = "The register comes once a month: growth is told after 30 days of samples."
        yield Finding("growth", Severity.NOTE, f"{size}; not to be told yet", why), Answer.STAY
        return
    rows, size_grown = ((now - then) / (span / YEAR) for now, then in (
        (newest.rows, first.rows), (newest.bytes, first.bytes)
    ))  # fmt: skip
    figures = {"rows": newest.rows, "rows_a_year": round(rows), "bytes_a_year": round(size_grown)}
    found = (
        f"{size}; in {_days(span)} {newest.rows - first.rows:+,}, that is {rows:+,.0f} and "
        f"{'+' if size_grown >= 0 else '-'}{shown(abs(size_grown))} a year; the plan's limit is {GROWTH:+,} a year"
    )
    severity = Severity.WARNING if rows > GROWTH else Severity.OK
    why = (
        "The plan: prepare a cluster for search now. It is moved when the times above say so."
        if severity
        else ""
    )
    fix = f"manage.py capacity --rows {round(newest.rows + rows, -5):.0f}" if severity else ""
    yield Finding("growth", severity, found, why, fix, figures), Answer.STAY
    yield _in_a_year(round(newest.rows + rows))


def _in_a_year(rows: int) -> Judged:
    subject, figures = "in a year", {"rows": rows}
    if rows < PARTITION_ROWS:
        found = f"{rows:,} companies; the plan partitions from {PARTITION_ROWS:,}"
        return Finding(subject, Severity.OK, found, figures=figures), Answer.STAY
    why = "The plan partitions the table by département at this size; rehearse it on a copy first."
    fix = f"manage.py capacity --rows {round(rows, -5)}"
    return Finding(subject, Severity.WARNING, f"{rows:,} companies", why, fix, figures), Answer.PARTITION


def _searches(sample: Sample) -> Latency:
    return total(map(Latency.of, sample.searches.values()))


def _share_over(latency: Latency) -> float | None:
    """Percent of them."""
    return latency.over(PEAK) / latency.count * 100 if latency.count else None


def _postgres_share(history: History) -> float:
    """Of the last day's searches."""
    day = history.over(DAY)
    return Latency.of(day.searches.get("postgres", {})).count / max(_searches(day).count, 1)


def _why_slow(history: History) -> str:
    if (share := _postgres_share(history)) > FREQUENT:
        return f"PostgreSQL answered {share:.0%} of the searches: the embedded index is quicker, bring it back first."
    return "The embedded index answered, so it is this machine or the size that slows it down."


def _fix(history: History) -> str:
    return "manage.py search_status" if _postgres_share(history) > FREQUENT else "make bench-search"


def _shown(figures: dict[str, float | None], unit: str) -> str:
    """«24 h 3.1 ms, 30 days 3.4 ms, 1 year –»."""
    return ", ".join(
        f"{name} {NOT_YET if value is None else f'{value:.1f} {unit}'}" for name, value in figures.items()
    )


def _days(span: timedelta) -> str:
    return f"{span.days:,} days" if span >= 2 * DAY else f"{span.total_seconds() / 3600:,.0f} h"
