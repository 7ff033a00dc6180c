"""How often a client may come: a middleware, before anything is done for a request, also where a cache has the answer.

A client is an address of IPv4 or a network of IPv6 (framework.client). Each class of requests has a rate of its own
(settings.RATES): searches, what a view names itself (`rate`), and all else under /api/. A view outside of it is counted
where it says how it refuses (`refuse`): a page, by a page.
"""

import math
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from foxreviews.api.errors import problem
from foxreviews.api.framework import client, is_from_this_machine
from foxreviews.core import rate_limiter

PREFIX = "/api/"


class RateLimit:
    """Requests that come directly from this machine, the operator's own scripts and checks, are not limited."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for header, value in getattr(request, "rate_headers", {}).items():
            response.headers[header] = value
        return response

    def process_view(self, request: HttpRequest, view: Any, *_arguments: Any) -> HttpResponse | None:
        """Django has found the route."""
        refuse = getattr(view, "refuse", None)
        if not (refuse or request.path_info.startswith(PREFIX)) or is_from_this_machine(request):
            return None
        kind = rate_class(request, view)
        rate = settings.RATES[kind]
        taken = rate_limiter.take(f"{kind} {client(request)}", rate)
        request.rate_headers = {  # type: ignore[attr-defined]
            "RateLimit-Policy": f'"{kind}";q={rate.count};w={rate.seconds}',
            "RateLimit": f'"{kind}";r={taken.left};t={_seconds(taken.wait or taken.full)}',
        }
        if not taken.wait:
            return None
        seconds = _seconds(taken.wait)
        if refuse:
            refused: HttpResponse = refuse(request, seconds)
            return refused
        detail = f"Too many requests: {rate.count:,} in {rate.seconds:,} seconds. Ask again in {seconds:,} seconds."
        return problem(429, "too-many-requests", detail, retry_after=seconds)


def _seconds(exact: float) -> int:
    """Whole ones, in which it is certainly over. A clock counts seconds since 1970 to a tenth of a microsecond."""
    return math.ceil(round(exact, 3))


def rate_class(request: HttpRequest, view: Any) -> str:
    """The name of a rate. What has one of its own has it as `rate`: a function, or the class of a view."""
    of_view: str = getattr(view, "rate", "") or getattr(getattr(view, "cls", None), "rate", "")
    return of_view or ("search" if "q" in request.GET else "page")
