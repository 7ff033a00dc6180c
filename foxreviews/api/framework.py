"""What the frameworks use of this project: the JSON renderer, limits for clients, middleware (config/settings.py)."""

import math
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, cast

import orjson
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, FormParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from foxreviews.api.errors import CompressedBodyError, MalformedBodyError
from foxreviews.core import rate_limiter
from foxreviews.core.messages import say
from foxreviews.core.rate_table import Rate

ALL_LOGINS = Rate(2, 10)  # a tenth of a core, and never more than two passwords at once


class OrjsonRenderer(BaseRenderer):
    """JSON in UTF-8, dates as ISO 8601 in UTC. 20 rows: 12 µs, where DRF's own renderer takes 150 µs."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=_text, option=orjson.OPT_UTC_Z)


class OrjsonParser(BaseParser):
    """JSON in UTF-8. What is nested too deep or has half of a character is malformed; json takes the one and fails."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        _refuse_compressed(parser_context)
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise MalformedBodyError(say(_("The body is no JSON: {why}."), why=str(error))) from error


class UncompressedFormParser(FormParser):
    """A form. What is compressed would be one without a field."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        _refuse_compressed(parser_context)
        return super().parse(stream, media_type, parser_context)


def _refuse_compressed(parser_context: Mapping[str, Any] | None) -> None:
    request = (parser_context or {}).get("request")
    coding = request.META.get("HTTP_CONTENT_ENCODING", "").strip() if request else ""
    if coding.lower() not in ("", "identity"):
        sentence = _("A body with Content-Encoding: {coding} is not read here: send it as it is.")
        raise CompressedBodyError(say(sentence, coding=coding[:50]))


def _text(value: object) -> str:
    """A sentence that waits for its language; orjson knows every other type an answer may hold."""
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class Negotiation(DefaultContentNegotiation):
    """Who accepts anything gets the first renderer: DRF parses what is accepted for each answer to find that out."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        if request.META.get("HTTP_ACCEPT", "*/*") == "*/*":
            return renderers[0], renderers[0].media_type
        chosen: tuple[Any, str] = super().select_renderer(request, renderers, format_suffix)
        return chosen


class ContentSecurityPolicy:
    """settings.CONTENT_SECURITY_POLICY as a header of each answer.

    No view changes it, so django-csp builds it once: its middleware does so twice for each answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response, self.policy = get_response, build_policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response


class BodylessHead:
    """A HEAD is answered without a body; its headers say how long the body is. Gunicorn warns of one that has it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "HEAD" and not response.streaming:
            response.content = b""
        return response


class LastSlash(CommonMiddleware):
    """Django's own, which leads an address without its last slash to the one with it; what was posted is posted there.

    Of a 301 clients make a GET, which an address for POST refuses.
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        answer: Any = super().process_response(request, response)
        if answer is not response and request.method not in {"GET", "HEAD"}:
            return HttpResponsePermanentRedirect(answer.url, preserve_request=True)
        return answer


class LoginLimit:
    """A middleware: attempts to log in to the admin are counted before a password is hashed, which takes half a second.

    By client, also on this machine; by account, so that nobody tries one from many addresses; and all of them, so that
    strangers cannot take the time of searches. One that succeeds is not counted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.FOUND:
            _give_back(getattr(request, "login_attempts", ()))
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Django has found the route."""
        if getattr(request.resolver_match, "view_name", "") != "admin:login":
            return None
        limits = {f"login page {client(request)}": settings.RATES["page"]}
        if request.method == "POST":
            account = request.POST.get("username", "").casefold()
            rate = settings.RATES["login"]
            limits = {f"login {client(request)}": rate, f"account {account}": rate, "logins": ALL_LOGINS}
        taken: list[tuple[str, Rate]] = []
        request.login_attempts = taken if request.method == "POST" else ()  # type: ignore[attr-defined]
        for who, each in limits.items():
            if wait := rate_limiter.take(who, each).wait:
                _give_back(taken)
                return _come_later(math.ceil(wait))
            taken.append((who, each))
        return None


def _give_back(taken: Iterable[tuple[str, Rate]]) -> None:
    for who, rate in taken:
        rate_limiter.give_back(who, rate)


def _come_later(seconds: int) -> HttpResponse:
    text = f"Too many attempts to log in. The next one is heard in {seconds:,} seconds.\n"
    headers = {"Retry-After": str(seconds), "Cache-Control": "no-store"}
    return HttpResponse(text, status=429, content_type="text/plain; charset=utf-8", headers=headers)


def client(request: HttpRequest | Request) -> str:
    """Whom a request is counted for: an IPv4 address, or an IPv6 network of /64, which is one client's.

    Behind proxies it is the address that the outermost trusted one saw (`TRUSTED_PROXIES`): what a client writes into
    X-Forwarded-For itself is not believed.
    """
    seen = BaseThrottle().get_ident(cast("Request", request))
    address = _parsed(seen) or _parsed(request.META.get("REMOTE_ADDR"))
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or "unknown")


def is_from_this_machine(request: HttpRequest | Request) -> bool:
    """Whether no proxy passed it on."""
    address = _parsed(request.META.get("REMOTE_ADDR"))
    return "HTTP_X_FORWARDED_FOR" not in request.META and address is not None and address.is_loopback


def _parsed(text: str | None) -> IPv4Address | IPv6Address | None:
    """The address, None for what is not one (::ffff:192.0.2.1 is 192.0.2.1)."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
