"""Answers that are the same for all who ask the same, until the dataset changes: of the API, and pages.

`public` says so of a view. Browsers and caches in front may keep what it answers, a client that has it gets 304 before
any table or index is read, and with `kept=True` the whole answer stays in the cache (core.cache).
"""

import re
from collections.abc import Callable, Sequence
from functools import partial, wraps
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, cast

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from foxreviews.core.cache import cache_of_process
from foxreviews.core.postgresql import routing
from foxreviews.core.trace import FAILED, current
from foxreviews.search import version as dataset
from foxreviews.search.version import Version

View = Callable[..., HttpResponse]

BROWSER_SECONDS = 10  # without asking again
STALE_SECONDS = 10  # while a cache in front asks again
STALE_IF_ERROR_SECONDS = 600  # while no web server answers
# A date of HTTP is a whole second. In one that has begun, another version may still come.
SETTLED_SECONDS = 2.0
MAX_KEPT = 512 * 1024  # bytes of an answer
VERSIONED = re.compile(r'(W/"[0-9a-f]{24})-[0-9a-f]{18}"')  # see _headers, enterprise.corrections.version_of
SHARED = {HTTPStatus.OK, HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.NOT_MODIFIED}


def public(
    view: View, *, kept: bool = False, versioned: bool = False, vary: Sequence[str] = ("Accept",)
) -> View:
    """The view, which answers by the address and these headers of the request alone.

    `kept`: worth a place in the cache, but for pages further on (`cursor`): hardly anybody asks for the same one.
    `versioned`: its own ETag is a row's version, with which staff write (api.staff). It ends the ETag of the answer,
    and only who has the whole of that has the answer: a 304 with less would leave the client without it.
    """
    # Not request.headers, which are made of all headers of a request: 100 calls.
    varied = [f"HTTP_{header.upper().replace('-', '_')}" for header in vary]

    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **parameters: Any) -> HttpResponse:
        make = partial(view, request, *arguments, **parameters)
        version = dataset.version() if _is_for_all(request) else None
        if version is None:
            return make()
        name = _name(version, request, varied)
        headers = _headers(version, name)
        if known := _known(request, headers, versioned=versioned):
            response: HttpResponse = HttpResponseNotModified()
            headers["ETag"] = known
        else:
            routing.require(version.read_up_to)  # rows of before would stay under this version
            response = _kept(name, make) if kept and "cursor" not in request.GET else make()
        if _is_shared(response):
            if of_row := response.headers.get("ETag", "").strip('"'):
                del response.headers["ETag"]
                headers["ETag"] = f'{headers["ETag"][:-1]}-{of_row}"'
            for header, value in headers.items():
                response.headers.setdefault(header, value)
            patch_vary_headers(response, vary)
        return response

    return answer


class NotStored:
    """A middleware: no browser and no cache keeps what is not public: the admin, errors, refusals."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _is_for_all(request: HttpRequest) -> bool:
    return request.method in {"GET", "HEAD"} and "HTTP_AUTHORIZATION" not in request.META


def _name(version: Version, request: HttpRequest, varied: Sequence[str]) -> str:
    """Two answers that have the same are the same."""
    given = (request.META.get(each, "") for each in varied)
    return "\n".join((version.name, request.build_absolute_uri(), *given))


def _headers(version: Version, name: str) -> dict[str, str]:
    """The ETag is weak: what is read a moment later than its version may be newer, and nginx compresses it."""
    digest = blake2b(name.encode(errors="replace"), digest_size=12).hexdigest()
    headers = {
        "Cache-Control": f"public, max-age={BROWSER_SECONDS}, s-maxage={settings.CDN_SECONDS}, "
        f"stale-while-revalidate={STALE_SECONDS}, stale-if-error={STALE_IF_ERROR_SECONDS}",
        "ETag": f'W/"{digest}"',
        "X-Dataset-Version": version.name,
    }
    if version.age > SETTLED_SECONDS:
        headers["Last-Modified"] = http_date(int(version.seen_at))
    return headers


def _known(request: HttpRequest, headers: dict[str, str], *, versioned: bool) -> str | None:
    """The ETag of the answer that the client has; None where it has none or another one.

    Its date counts only where it gives no ETag.
    """
    etag = headers["ETag"]
    if (tags := request.META.get("HTTP_IF_NONE_MATCH")) is not None:
        given = [f"W/{each.removeprefix('W/')}" for each in parse_etags(tags)]
        if versioned:
            return next((each for each in given if _without_version(each) == etag), None)
        return etag if etag in given else None
    date = request.META.get("HTTP_IF_MODIFIED_SINCE")
    if versioned or date is None or "Last-Modified" not in headers:
        return None
    since, changed = parse_http_date_safe(date), parse_http_date_safe(headers["Last-Modified"])
    return etag if since is not None and changed is not None and since >= changed else None


def _without_version(etag: str) -> str:
    found = VERSIONED.fullmatch(etag)
    return f'{found[1]}"' if found else ""


def _kept(name: str, make: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of before, or a new one."""
    made: list[HttpResponse] = []

    def compute() -> bytes | None:
        made.append(response := _rendered(make()))
        return _packed(response) if _is_worth_keeping(response) else None

    packed = cache_of_process().get_or_compute("answer", name, compute)
    if made:
        return made[-1]
    return _unpacked(packed) if packed else make()


def _is_shared(response: HttpResponse) -> bool:
    """Not what the next answer may have more of: PostgreSQL's where the index failed, and one without its count."""
    trace = current()
    is_whole = trace is None or (trace.fallback != FAILED and not trace.is_partial)
    return response.status_code in SHARED and not response.cookies and is_whole


def _fallback() -> str:
    trace = current()
    return trace.fallback if trace else ""


def _rendered(response: HttpResponse) -> HttpResponse:
    return cast("HttpResponse", response.render()) if hasattr(response, "render") else response


def _is_worth_keeping(response: HttpResponse) -> bool:
    is_small = not response.streaming and len(response.content) <= MAX_KEPT
    return response.status_code == HTTPStatus.OK and is_small and _is_shared(response) and not _fallback()


def _packed(response: HttpResponse) -> bytes:
    """The headers in a line, and the body."""
    return orjson.dumps(dict(response.headers.items())) + b"\n" + response.content


def _unpacked(packed: bytes) -> HttpResponse:
    headers, _, body = packed.partition(b"\n")
    return HttpResponse(body, headers=orjson.loads(headers))
