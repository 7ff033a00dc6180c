"""The last 24 hours of the service, from Prometheus or from the request log."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import orjson
from django.conf import settings

from foxreviews.core.errors import FoxreviewsError, UsageError

DAY = timedelta(hours=24)
TIMEOUT = 30.0  # seconds, for one answer of Prometheus
LOGGER = b'"foxreviews.request"'
NOT_PAGES = ("health-", "metrics", "admin:", "staff-")  # routes that no client waits for
PEAK_MS = 500.0  # the scaling plan's

PAGES = 'method="GET",route!~"none|health-.*|metrics|admin:.*|staff-.*"'
QUERIES = {
    "hours": "(time() - min(min_over_time(timestamp(foxreviews_database_up)[1d:5m]))) / 3600",
    "searches": "sum(increase(foxreviews_search_seconds_count[1d]))",
    "search_seconds": "sum(increase(foxreviews_search_seconds_sum[1d]))",
    "within_peak": 'sum(increase(foxreviews_search_seconds_bucket{le="0.5"}[1d]))',
    "by_postgres": 'sum(increase(foxreviews_search_seconds_count{engine="postgres"}[1d]))',
    "pages": f"sum(increase(foxreviews_request_seconds_count{{{PAGES}}}[1d]))",
    "page_seconds": f"sum(increase(foxreviews_request_seconds_sum{{{PAGES}}}[1d]))",
    # Of node_exporter, where Prometheus reads one: the machine whose processors are busiest.
    "cpu": 'max(1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1d])))',
}


class PrometheusError(FoxreviewsError):
    """Prometheus does not answer, or refuses a query."""


@dataclass
class Traffic:
    """Searches and pages of at most the last 24 hours; `cpu` is a share of 1, None where it is not measured."""

    source: str
    hours: float = 0.0
    searches: int = 0
    search_seconds: float = 0.0
    peaks: int = 0  # searches that took longer than PEAK_MS
    by_postgres: int = 0  # searches
    pages: int = 0
    page_seconds: float = 0.0
    cpu: float | None = None

    @property
    def search_ms(self) -> float | None:
        """The mean; None where nothing was searched."""
        return self.search_seconds / self.searches * 1000 if self.searches else None

    @property
    def page_ms(self) -> float | None:
        return self.page_seconds / self.pages * 1000 if self.pages else None


def read_traffic(log: str) -> Traffic | None:
    """From `log` ("-" is stdin), else Prometheus, else the log of the settings; None where none of them is named.

    Raises UsageError, PrometheusError.
    """
    if not log and settings.PROMETHEUS_URL:
        return from_prometheus(settings.PROMETHEUS_URL)
    if log == "-":
        return from_log("standard input", sys.stdin.buffer)
    if path := log or settings.REQUEST_LOG:
        try:
            with Path(path).open("rb") as lines:
                return from_log(path, lines)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}. Name the log: --log FILE") from error
    return None


def from_log(source: str, lines: Iterable[bytes]) -> Traffic:
    """The JSON lines of foxreviews.request (core.logs) that are at most 24 hours old; others are skipped."""
    now = datetime.now(UTC)
    since = (now - DAY).isoformat()
    traffic, oldest = Traffic(source), now.isoformat()
    for text in lines:
        if LOGGER not in text:
            continue
        try:
            line = orjson.loads(text[text.index(b"{") :])
        except ValueError:  # cut short, or another program's
            continue
        if line.get("logger") != "foxreviews.request":
            continue
        oldest = min(oldest, max(line["time"], since))
        if line["time"] >= since:
            _add(traffic, line)
    traffic.hours = (now - datetime.fromisoformat(oldest)) / timedelta(hours=1)
    return traffic


def _add(traffic: Traffic, line: dict[str, object]) -> None:
    """What telemetry.middleware writes of one request."""
    if isinstance(taken := line.get("search_ms"), float):
        traffic.searches += 1
        traffic.search_seconds += taken / 1000
        traffic.peaks += taken > PEAK_MS
        traffic.by_postgres += line.get("engine") == "postgres"
    route, ms = str(line.get("route", "")), line.get("ms")
    if line.get("method") == "GET" and route and not route.startswith(NOT_PAGES) and isinstance(ms, float):
        traffic.pages += 1
        traffic.page_seconds += ms / 1000


def from_prometheus(url: str) -> Traffic:
    """Its own counts of /metrics. Raises PrometheusError."""
    found = {name: _query(url, query) for name, query in QUERIES.items()}
    known = {name: value or 0.0 for name, value in found.items()}
    return Traffic(
        source=url,
        hours=known["hours"],
        searches=round(known["searches"]),
        search_seconds=known["search_seconds"],
        peaks=round(known["searches"] - known["within_peak"]),
        by_postgres=round(known["by_postgres"]),
        pages=round(known["pages"]),
        page_seconds=known["page_seconds"],
        cpu=found["cpu"],
    )


def _query(url: str, query: str) -> float | None:
    """The one value of an instant query; None where there is no series of that name."""
    address = f"{url.rstrip('/')}/api/v1/query?{urlencode({'query': query})}"
    try:
        with urlopen(address, timeout=TIMEOUT) as answer:  # noqa: S310 - the settings take http:// and https:// alone
            result = json.load(answer)["data"]["result"]
        return float(result[0]["value"][1]) if result else None
    except HTTPError as error:
        said = error.read(500).decode(errors="replace")
        raise PrometheusError(f"Prometheus refuses {query!r}: {error.code} {said}") from error
    except (URLError, OSError, ValueError, LookupError, TypeError) as error:
        raise PrometheusError(
            f"{url} does not answer as Prometheus: {error}. Check PROMETHEUS_URL: curl {url}/-/ready"
        ) from error
