"""Errors of pages, in the design of the pages, with the search box. Under /api/ they are the API's problem+json."""

import sys
from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy, override

from foxreviews.api import errors as of_api
from foxreviews.api.errors import RETRY_AFTER
from foxreviews.api.framework import ContentSecurityPolicy
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.trace import current
from foxreviews.web.language import LANGUAGES, address, language_of

NO_PAGES = ("/api/", "/admin/")
PASSING = (429, 500, 503)  # what may be gone a moment later
# What happened, and what to do
SENTENCES = {
    400: (
        gettext_lazy("This address cannot be read"),
        gettext_lazy("A part of it is not understood. Start again from the search box."),
    ),
    403: (gettext_lazy("This is not allowed"), gettext_lazy("You may not see this page.")),
    404: (
        gettext_lazy("This page does not exist"),
        gettext_lazy(
            "The address may be misspelt, or the register has no such number. Search for the name instead."
        ),
    ),
    410: (
        gettext_lazy("This company is gone"),
        gettext_lazy(
            "The register has withdrawn this number: it was given twice. Search for the name instead."
        ),
    ),
    413: (
        gettext_lazy("The list is too large"),
        gettext_lazy("It may have 200,000 bytes and 1,000 lines. Send it in parts."),
    ),
    429: (
        gettext_lazy("Too many pages at once"),
        gettext_lazy("You have asked for more pages than we give to one visitor. Wait a moment, then go on."),
    ),
    500: (
        gettext_lazy("Something failed here"),
        gettext_lazy("It is our fault, and it has been logged. Try again, or search for something else."),
    ),
    503: (
        gettext_lazy("The directory is busy"),
        gettext_lazy(
            "It does not answer right now. Try again in a moment; a longer or rarer word is found sooner."
        ),
    ),
}


class GoneError(FoxreviewsError):
    """There was a page, and there will be none again."""

    status = 410
    code = "gone"


def shown(request: HttpRequest, status: int, *, retry_after: int | None = None) -> HttpResponse:
    """The page of an error. It asks nothing of the database."""
    language = language_of(request)
    with override(language):
        title, advice = SENTENCES.get(status, SENTENCES[500])
        trace = current()
        context = {
            "language": language,
            "translations": {each: address("home", language=each) for each in LANGUAGES},
            "status": status,
            "title": title,
            "advice": advice,
            "request_id": trace.id if status >= 500 and trace else "",
            "q": request.GET.get("q", "") if status != 400 else "",
            "again": request.get_full_path() if request.method == "GET" and status in PASSING else "",
            "wait": retry_after,
        }
        response = render(request, "web/error.html", context, status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    response["Content-Language"] = language
    return response


def of_server(path: str, status: int) -> HttpResponse:
    """The page for a request that the web server refuses before Django has it."""
    request = HttpRequest()
    request.path = request.path_info = path
    return ContentSecurityPolicy(partial(shown, status=status))(request)


def of(request: HttpRequest, error: FoxreviewsError | OperationalError) -> HttpResponse:
    """The page of an error that a view has raised."""
    if isinstance(error, OperationalError):
        of_api.problem_response(error, {})  # its line in the log
        return shown(request, 503, retry_after=RETRY_AFTER)
    status = error.status if error.status in SENTENCES else 500
    retry_after = RETRY_AFTER if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return shown(request, status, retry_after=retry_after)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """The page for a client that has come too often, and may again in so many seconds."""
    return shown(request, 429, retry_after=seconds)


def handler500(request: HttpRequest) -> HttpResponse:
    """What no view expects."""
    if request.path.startswith(NO_PAGES):
        return of_api.handler500(request)
    error = sys.exception()
    return of(request, error) if isinstance(error, OperationalError) else shown(request, 500)


def _handler(status: int, in_api: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """One for Django: the API's under /api/, Django's own under /admin/, a page elsewhere."""

    def handler(request: HttpRequest, exception: Exception) -> HttpResponse:
        if request.path.startswith(NO_PAGES):
            return in_api(request, exception)
        if status == HTTPStatus.BAD_REQUEST and (trace := current()):
            trace.refused = type(exception).__name__
        return shown(request, status)

    return handler


handler400 = _handler(400, of_api.handler400)
handler403 = _handler(403, of_api.handler403)
handler404 = _handler(404, of_api.handler404)
