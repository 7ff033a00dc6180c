"""/health/live, /health/ready and /metrics: for load balancers and Prometheus, not for clients.

Answered before Django looks at the request's host and scheme, so that a probe may call the machine by its address.
"""

import ipaddress
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from foxreviews.core.findings import Severity, worst
from foxreviews.core.trace import current
from foxreviews.telemetry.health import Health, look, look_aside
from foxreviews.telemetry.metrics import exposition

STATUS = {Severity.ERROR: "unready", Severity.WARNING: "degraded"}
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")

_is_web_worker = "pool" in settings.DATABASES["default"].get("OPTIONS", {})
_health = Health(look_aside, ThreadPoolExecutor(1, "health")) if _is_web_worker else Health(look)


class Probes:
    """A middleware that answers these addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        route, answer = ADDRESSES.get(request.path_info, ("", None))
        if answer is None or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        if trace := current():
            trace.route, trace.is_probe = route, True
        response = answer(request)
        response["Cache-Control"] = "no-store"
        response["Content-Length"] = str(len(response.content))
        return response


def live(_request: HttpRequest) -> HttpResponse:
    """The process answers. Nothing is looked at: a restart would repair nothing else."""
    return _json({"status": "live"}, 200)


def ready(request: HttpRequest) -> HttpResponse:
    """Whether it can serve: 503 where it cannot. The checks are shown to a near client."""
    found = _health.findings()
    severity = worst(found)
    answer: dict[str, object] = {"status": STATUS.get(severity, "ready")}
    if is_near(request):
        answer["checks"] = [finding.as_json() for finding in found]
    return _json(answer, 503 if severity is Severity.ERROR else 200)


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, to a near client."""
    if not is_near(request):
        return _json({"status": "Figures are shown to this machine and its private network only."}, 403)
    text, content_type = exposition(request.headers.get("Accept", ""))
    return HttpResponse(text, content_type=content_type)


def is_near(request: HttpRequest) -> bool:
    """Whether it comes directly from this machine or a private network: what a proxy passes on says so."""
    if any(header in request.META for header in FORWARDED):
        return False
    text = request.META.get("REMOTE_ADDR", "")
    if not text:  # a unix socket
        return True
    with suppress(ValueError):
        address = ipaddress.ip_address(text)
        return (getattr(address, "ipv4_mapped", None) or address).is_private
    return False


def _json(answer: dict[str, object], status: int) -> HttpResponse:
    return HttpResponse(orjson.dumps(answer) + b"\n", status=status, content_type="application/json")


ADDRESSES: dict[str, tuple[str, Callable[[HttpRequest], HttpResponse]]] = {
    "/health": ("health-ready", ready),  # as other software has it
    "/health/": ("health-ready", ready),
    "/health/live": ("health-live", live),
    "/health/ready": ("health-ready", ready),
    "/metrics": ("metrics", metrics),
}
