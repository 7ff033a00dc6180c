"""What the web workers have counted since they started, read from /metrics as Prometheus would."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.ops.latency import Latency

NOT_PAGES = ("none", "health-", "metrics", "admin:")
SECONDS = 10.0  # to wait
HTTP, UNIX = "http://", "unix:"


class WebServerSilent(FoxreviewsError):
    """/metrics was not answered."""


@dataclass(frozen=True)
class WebFigures:
    """Since the server started."""

    pages: Latency
    searches: dict[str, Latency]  # by engine
    fallbacks: int


def read_web_figures(places: Sequence[str]) -> WebFigures:
    """Of the first of these places that answers. Raises WebServerSilent, UsageError."""
    for place in places:
        if not place.startswith((HTTP, UNIX)):
            raise UsageError(f"{place} is no place of a web server: give {HTTP}HOST:PORT or {UNIX}SOCKET")
    refused = []
    for place in places:
        try:
            return parse(_read(place))
        except (OSError, HTTPException, ValueError) as error:
            refused.append(f"{place} does not answer with figures: {error}")
    raise WebServerSilent("; ".join(refused))


def _read(place: str) -> str:
    connection = (
        _UnixConnection(place.removeprefix(UNIX))
        if place.startswith(UNIX)
        else HTTPConnection(place.removeprefix(HTTP).rstrip("/"), timeout=SECONDS)
    )
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != HTTPStatus.OK:
            raise HTTPException(f"{answer.status} {answer.reason}")
        return text
    finally:
        connection.close()


class _UnixConnection(HTTPConnection):
    """HTTP over a unix socket, as nginx speaks it."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(SECONDS)
        self.sock.connect(self._path)


def parse(text: str) -> WebFigures:
    """The figures in the text of /metrics. Raises ValueError."""
    families = {family.name: family for family in text_string_to_metric_families(text)}
    searches = families.get("foxreviews_search_seconds")
    engines = {sample.labels["engine"] for sample in searches.samples} if searches else set()
    fallbacks = families.get("foxreviews_search_fallbacks")
    return WebFigures(
        pages=_latency(families.get("foxreviews_request_seconds"), _is_page),
        searches={engine: _latency(searches, _by(engine)) for engine in sorted(engines)},
        fallbacks=int(sum(s.value for s in fallbacks.samples if s.name.endswith("_total")))
        if fallbacks
        else 0,
    )


def _is_page(sample: Sample) -> bool:
    return sample.labels["method"] == "GET" and not sample.labels["route"].startswith(NOT_PAGES)


def _by(engine: str) -> Callable[[Sample], bool]:
    return lambda sample: sample.labels["engine"] == engine


def _latency(family: Metric | None, wanted: Callable[[Sample], bool]) -> Latency:
    count, seconds = 0.0, 0.0
    within: dict[str, int] = {}
    for sample in family.samples if family else ():
        if not wanted(sample):
            continue
        if sample.name.endswith("_count"):
            count += sample.value
        elif sample.name.endswith("_sum"):
            seconds += sample.value
        elif (limit := sample.labels.get("le", "+Inf")) != "+Inf":
            within[limit] = within.get(limit, 0) + int(sample.value)
    return Latency(int(count), seconds, within)
