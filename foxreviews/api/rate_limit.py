"""How often a client may come: a middleware, before anything is done for a request, also where a cache has the answer.

A client is an address of IPv4 or a network of IPv6 (framework.client), or who has a key (api.keys), which has
API_KEY_FACTOR times the rate. Each class of requests has a rate of its own
(settings.RATES): searches, what a view names itself (`rate`), and all else under /api/. A view outside of it is counted
where it says how it refuses (`refuse`): a page, by a page. A view that finds several searches in one request counts the
others (`count_batch`).
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from foxreviews.api import keys
from foxreviews.api.errors import problem
from foxreviews.api.framework import client, is_from_this_machine
from foxreviews.api.language import language_of
from foxreviews.core import rate_limiter
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.messages import Message, join, say
from foxreviews.core.rate_limiter import Taken
from foxreviews.core.rate_table import Rate

PREFIX = "/api/"


class TooManyRequestsError(FoxreviewsError):
    """A batch has more requests than its client has left."""

    status = 429
    code = "too-many-requests"

    def __init__(self, message: Message, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


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
        kind, wrong_key = rate_class(request, view), None
        try:
            who, rate = _counted_for(request, kind)
        except keys.UnknownKeyError as error:
            who, rate, wrong_key = f"{kind} {client(request)}", settings.RATES[kind], error
        taken = rate_limiter.take(who, rate)
        _note(request, kind, rate, taken)
        if taken.wait:
            return _refused(request, refuse, rate, _seconds(taken.wait))
        return _without_key(request, wrong_key) if wrong_key else None


def count_batch(request: HttpRequest, kind: str, size: int) -> None:
    """Count a request, which was counted as one of its kind, as `size`: at most as many as a client has at once.

    Raises TooManyRequestsError where it has not as many left; nothing is counted then.
    """
    if is_from_this_machine(request):
        return
    who, rate = _counted_for(request, kind)
    more = min(size, rate.count) - 1
    if more < 1:
        return
    taken = rate_limiter.take(who, rate, more)
    _note(request, kind, rate, taken)
    if taken.wait:
        rate_limiter.give_back(who, rate)
        seconds = _seconds(taken.wait)
        each = _("Each query of a batch is one.")
        raise TooManyRequestsError(join(_too_many(rate, seconds), each), seconds)


def _counted_for(request: HttpRequest, kind: str) -> tuple[str, Rate]:
    """Whose requests these are, and how many there may be. Raises UnknownKeyError."""
    rate: Rate = settings.RATES[kind]
    if name := keys.holder(request):
        return f"{kind} key {name}", replace(rate, count=rate.count * settings.API_KEY_FACTOR)
    return f"{kind} {client(request)}", rate


def _refused(
    request: HttpRequest, refuse: Callable[[HttpRequest, int], HttpResponse] | None, rate: Rate, seconds: int
) -> HttpResponse:
    if refuse:
        return refuse(request, seconds)
    code, language = TooManyRequestsError.code, language_of(request)
    return problem(429, code, _too_many(rate, seconds), retry_after=seconds, language=language)


def _without_key(request: HttpRequest, error: keys.UnknownKeyError) -> HttpResponse:
    response = problem(error.status, error.code, error, language=language_of(request))
    response["WWW-Authenticate"] = keys.HEADER
    return response


def _note(request: HttpRequest, kind: str, rate: Rate, taken: Taken) -> None:
    request.rate_headers = {  # type: ignore[attr-defined]
        "RateLimit-Policy": f'"{kind}";q={rate.count};w={rate.seconds}',
        "RateLimit": f'"{kind}";r={taken.left};t={_seconds(taken.wait or taken.full)}',
    }


def _too_many(rate: Rate, seconds: int) -> Message:
    sentence = _("Too many requests: {count} in {period} seconds. Ask again in {seconds} seconds.")
    return say(sentence, count=rate.count, period=rate.seconds, seconds=seconds)


def _seconds(exact: float) -> int:
    """Whole ones, in which it is certainly over. A clock counts seconds since 1970 to a tenth of a microsecond."""
    return math.ceil(round(exact, 3))


def rate_class(request: HttpRequest, view: Any) -> str:
    """The name of a rate. What has one of its own has it as `rate`: a function, or the class of a view."""
    of_view: str = getattr(view, "rate", "") or getattr(getattr(view, "cls", None), "rate", "")
    return of_view or ("search" if "q" in request.GET else "page")
