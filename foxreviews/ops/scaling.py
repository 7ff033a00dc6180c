"""When to grow: the scaling plan's thresholds ("Quand migrer vers Elasticsearch ?") against what was measured."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils import timezone

from foxreviews.api.public import BROWSER_SECONDS
from foxreviews.core.findings import Finding, Severity
from foxreviews.core.sql import estimate
from foxreviews.enterprise.partitions import is_partitioned_now
from foxreviews.importing.models import ImportRun
from foxreviews.ops.indexes import TABLE
from foxreviews.ops.traffic import PrometheusError, Traffic, read_traffic
from foxreviews.workers import status as workers

MEAN_THRESHOLD = 200.0  # milliseconds; the scaling plan: searches, on average over 24 h
PEAKS_THRESHOLD, MIN_PEAKS = 0.01, 10  # the scaling plan: frequent peaks, without a figure
CPU_THRESHOLD = 0.80  # the scaling plan: constantly
GROWTH_THRESHOLD = 1_000_000  # companies a year
PARTITION_THRESHOLD = 8_000_000  # companies: the scaling plan's stage after 12 months
MIN_HOURS = 23.0  # of figures, to call them a day's
MIN_SPAN, YEAR = timedelta(days=30), timedelta(days=365)  # the register comes once a month


class Answer(StrEnum):
    """What to do, the heaviest first."""

    CLUSTER = "move search to a cluster"
    REPLICA = "add a replica"
    PARTITION = "partition"
    TUNE = "tune"
    STAY = "stay"


ORDER = list(Answer)
# The switch to turn, and where it is described
SWITCHES = {
    Answer.CLUSTER: (
        "The switch: SEARCH_ENGINE=opensearch. Before it: another web host (docs/howto/balancer.md).",
        "docs/howto/opensearch.md",
    ),
    Answer.REPLICA: ("The switch: DATABASE_REPLICA_URLS.", "docs/howto/read-replicas.md"),
    Answer.PARTITION: ("The switch: manage.py partition_entreprises.", "docs/howto/partition.md"),
    Answer.TUNE: ("No switch: first what is slow on this machine.", "docs/howto/grow.md"),
}
Judged = tuple[Finding, Answer]


@dataclass(frozen=True)
class Growth:
    """`rows` companies, of which imports have added `created` in the last `span`."""

    rows: int
    created: int
    span: timedelta

    @property
    def yearly(self) -> int:
        """Companies a year."""
        return round(self.created / (self.span / YEAR))


def findings(log: str) -> Iterator[Finding]:
    """The measurements, and the answer. `log` as for read_traffic()."""
    problem = ""
    try:
        traffic = read_traffic(log)
    except PrometheusError as error:
        traffic, problem = None, str(error)
    runs = ImportRun.objects.filter(status=ImportRun.Status.DONE, finished_at__gt=timezone.now() - YEAR)
    loads = [(run.finished_at, run.report.get("created", 0)) for run in runs if run.finished_at]
    yield switches()
    yield from workers.check()
    yield from judge(traffic, growth(estimate(TABLE), loads, timezone.now()), problem)


def switches() -> Finding:
    """What is switched on of all that docs/howto/grow.md describes."""
    states = {
        "CACHE_URL": bool(settings.CACHE_URL),
        "DATABASE_REPLICA_URLS": bool(settings.REPLICA_WEIGHTS),
        "SEARCH_ENGINE=opensearch": settings.SEARCH_ENGINE == "opensearch",
        "CELERY_BROKER_URL": bool(settings.CELERY_BROKER_URL),
        "CDN": settings.STATIC_URL.startswith("http") or settings.CDN_SECONDS > BROWSER_SECONDS,
        "partitions": is_partitioned_now(),
    }
    on = ", ".join(name for name, is_on in states.items() if is_on) or "nothing"
    off = ", ".join(name for name, is_on in states.items() if not is_on) or "nothing"
    why = "When each pays: docs/howto/grow.md"
    return Finding("switches", Severity.OK, f"on: {on}; off: {off}", why, figures=states)


def growth(rows: int, loads: Iterable[tuple[datetime, int]], now: datetime) -> Growth:
    """From the end of each import and how many companies it created."""
    ordered = sorted(loads)
    if not ordered:
        return Growth(rows, 0, timedelta(0))
    # A first load is no growth: counting begins after the last of them, or after the oldest import of the year.
    first = max((place for place, (_, created) in enumerate(ordered) if created >= rows / 2), default=0)
    return Growth(rows, sum(created for _, created in ordered[first + 1 :]), now - ordered[first][0])


def judge(traffic: Traffic | None, grown: Growth, problem: str = "") -> Iterator[Finding]:
    """Every threshold, and the answer. `problem` is why `traffic` could not be read."""
    judged = [*_growth(grown)]
    if traffic is None:
        yield _unmeasured(problem)
    else:
        yield _source(traffic)
        why = "The scaling plan's first step is to see that every query uses its index."
        judged += [
            _mean("search, mean", traffic.search_ms, *_why_slow(traffic)),
            _search_peaks(traffic),
            _mean("pages, mean", traffic.page_ms, why, "manage.py doctor"),
            _cpu(traffic),
        ]
    yield from (finding for finding, _ in judged)
    yield _answer(judged, is_complete=traffic is not None and traffic.cpu is not None)


def _answer(judged: list[Judged], *, is_complete: bool) -> Finding:
    answer = min((answer for _, answer in judged), key=ORDER.index)
    if answer is Answer.STAY:
        if is_complete:
            return Finding("answer", Severity.OK, answer.value, figures={"answer": answer.value})
        found = f"{answer.value}, by what was measured; not all was"
        return Finding("answer", Severity.NOTE, found, figures={"answer": answer.value})
    because = [finding.subject for finding, each in judged if each is answer]
    severity = max(finding.severity for finding, each in judged if each is answer)
    found = f"{answer.value}, because of: {', '.join(because)}"
    figures = {"answer": answer.value, "because": because}
    return Finding("answer", severity, found, *SWITCHES[answer], figures)


def _unmeasured(problem: str) -> Finding:
    """Neither requests nor processors."""
    severity = Severity.WARNING if problem else Severity.NOTE
    why = problem or "Set PROMETHEUS_URL, or name the log of the web server (LOG_FORMAT=json)."
    return Finding("requests", severity, "not measured", why, "manage.py scaling --log FILE")


def _source(traffic: Traffic) -> Finding:
    found = f"{traffic.pages:,} pages and {traffic.searches:,} searches in {traffic.hours:.0f} h, from {traffic.source}"
    if not traffic.pages:
        why = "No request is in it. A log has every request where LOG_FORMAT=json."
        return Finding("requests", Severity.WARNING, found, why, "manage.py scaling --log FILE")
    if traffic.hours < MIN_HOURS:
        return Finding("requests", Severity.NOTE, found, "The scaling plan's thresholds are means over 24 h.")
    return Finding("requests", Severity.OK, found)


def _mean(subject: str, ms: float | None, why: str, fix: str) -> Judged:
    """The mean of searches or pages."""
    if ms is None:
        return Finding(subject, Severity.NOTE, "none", figures={"ms": None}), Answer.STAY
    found = f"{ms:.1f} ms; the scaling plan's limit is {MEAN_THRESHOLD:.0f} ms over 24 h"
    if ms <= MEAN_THRESHOLD:
        return Finding(subject, Severity.OK, found, figures={"ms": ms}), Answer.STAY
    return Finding(subject, Severity.WARNING, found, why, fix, {"ms": ms}), Answer.TUNE


def _search_peaks(traffic: Traffic) -> Judged:
    share = traffic.peaks / max(traffic.searches, 1)
    subject, figures = "search, over 500 ms", {"share": share, "searches": traffic.peaks}
    found = f"{share:.1%} of the searches; more than {PEAKS_THRESHOLD:.0%} is frequent"
    if share <= PEAKS_THRESHOLD or traffic.peaks < MIN_PEAKS:
        return Finding(subject, Severity.OK, found, figures=figures), Answer.STAY
    answer = Answer.TUNE if _is_postgres(traffic) else Answer.CLUSTER
    return Finding(subject, Severity.ERROR, found, *_why_slow(traffic), figures), answer


def _is_postgres(traffic: Traffic) -> bool:
    """Whether PostgreSQL answered for the embedded index often."""
    return traffic.by_postgres > PEAKS_THRESHOLD * traffic.searches


def _why_slow(traffic: Traffic) -> tuple[str, str]:
    """The reason, and the command."""
    if _is_postgres(traffic):
        share = traffic.by_postgres / traffic.searches
        return (
            f"PostgreSQL answered {share:.0%} of them: bring the index back first.",
            "manage.py search_status",
        )
    return "The embedded index answered: this machine or the size is the reason.", "make bench-search"


def _cpu(traffic: Traffic) -> Judged:
    subject = "CPU"
    if traffic.cpu is None:
        why = "Prometheus knows it where node_exporter runs on the database's machine."
        return Finding(subject, Severity.NOTE, "not measured", why, "uptime"), Answer.STAY
    figures = {"share": traffic.cpu}
    found = f"{traffic.cpu:.0%} of the busiest machine; the scaling plan's limit is {CPU_THRESHOLD:.0%}, constantly"
    if traffic.cpu <= CPU_THRESHOLD:
        return Finding(subject, Severity.OK, found, figures=figures), Answer.STAY
    count = len(settings.REPLICA_WEIGHTS)
    more = f"one more than the {count} of DATABASE_REPLICA_URLS" if count else "DATABASE_REPLICA_URLS"
    why = (
        f"It was busier than that over a whole day. Where it is the database's, a replica takes the reading: {more}. "
        "Where it is the web server's: another web host (docs/howto/balancer.md)."
    )
    return Finding(
        subject, Severity.ERROR, found, why, "docs/howto/read-replicas.md", figures
    ), Answer.REPLICA


def _growth(grown: Growth) -> Iterator[Judged]:
    if grown.span < MIN_SPAN:
        found, why = f"{grown.rows:,} companies", "Growth shows in imports that are 30 days apart."
        yield Finding("growth", Severity.NOTE, f"{found}; not known yet", why), Answer.STAY
        yield _size("size", grown.rows)
        return
    figures = {"rows": grown.rows, "created": grown.created, "rows_a_year": grown.yearly}
    found = (
        f"{grown.rows:,} companies; imports created {grown.created:,} in {grown.span.days:,} days, "
        f"{grown.yearly:+,} a year; the scaling plan's limit is {GROWTH_THRESHOLD:+,}"
    )
    if grown.yearly <= GROWTH_THRESHOLD:
        yield Finding("growth", Severity.OK, found, figures=figures), Answer.STAY
    else:
        why = "The scaling plan: prepare a search cluster now. Move to it when the times above say so."
        yield (
            Finding("growth", Severity.WARNING, found, why, _forecast(grown.rows + grown.yearly), figures),
            Answer.STAY,
        )
    yield _size("in a year", grown.rows + grown.yearly)


def _size(subject: str, rows: int) -> Judged:
    figures = {"rows": rows}
    if rows < PARTITION_THRESHOLD:
        found = f"{rows:,} companies; the scaling plan partitions from {PARTITION_THRESHOLD:,}"
        return Finding(subject, Severity.OK, found, figures=figures), Answer.STAY
    why = (
        "The scaling plan partitions the table by département at this size. Lists of the whole country become slower: "
        "read docs/howto/partition.md first."
    )
    return Finding(
        subject, Severity.WARNING, f"{rows:,} companies", why, _forecast(rows), figures
    ), Answer.PARTITION


def _forecast(rows: int) -> str:
    return f"manage.py preflight --rows {round(rows, -5)}"
