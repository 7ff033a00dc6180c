"""Every error under /api/ is application/problem+json (RFC 9457), with a stable `code` for programs.

`type` is "about:blank": the status says what kind of problem it is, `code` which one, `detail` what to do. Title and
sentences are in the language that the client prefers (api.language), `code` is not. Errors of our own carry their
status and code in their class (core.errors).
"""

import logging
import sys
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

import orjson
from django.core.exceptions import PermissionDenied
from django.db import Error, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views import defaults
from rest_framework import exceptions, serializers

from foxreviews.api.language import LANGUAGES, language_of
from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.core.messages import Message, join, say
from foxreviews.core.postgresql import routing
from foxreviews.core.postgresql.routing import ReplicaBehindError
from foxreviews.core.trace import current

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
UNACCEPTABLE = _("Answers are JSON: ask with Accept: application/json, or without Accept.")
RETRY_AFTER = 5  # seconds, where the service itself cannot say better

# The names of the statuses: Python's differ from release to release, and have no French.
TITLES: Mapping[int, Message] = {
    400: _("Bad Request"),
    401: _("Unauthorized"),
    403: _("Forbidden"),
    404: _("Not Found"),
    405: _("Method Not Allowed"),
    406: _("Not Acceptable"),
    409: _("Conflict"),
    411: _("Length Required"),
    412: _("Precondition Failed"),
    413: _("Content Too Large"),
    414: _("URI Too Long"),
    415: _("Unsupported Media Type"),
    417: _("Expectation Failed"),
    422: _("Unprocessable Content"),
    428: _("Precondition Required"),
    429: _("Too Many Requests"),
    431: _("Request Header Fields Too Large"),
    500: _("Internal Server Error"),
    501: _("Not Implemented"),
    502: _("Bad Gateway"),
    503: _("Service Unavailable"),
}

# What the web server refuses before Django sees it (config/worker.py): code and sentence by status
OF_SERVER: Mapping[int, tuple[str, Message]] = {
    400: (
        "malformed-request",
        _(
            "The request is no HTTP that is understood. In an address letters with accents and spaces are "
            "percent-encoded: %C3%A9, %20."
        ),
    ),
    403: ("not-allowed", _("This is not allowed.")),
    411: ("length-required", _("Say how long the request is: Content-Length.")),
    413: ("content-too-large", _("The request is longer than {most} bytes.")),
    414: ("address-too-long", _("The address is longer than {most} bytes. Ask for less.")),
    417: ("malformed-request", _("Expect has 100-continue or nothing.")),
    431: ("headers-too-long", _("There are too many headers, or too long ones.")),
    500: ("internal-error", _("Something failed here that should not. It has been logged.")),
    501: ("malformed-request", _("This way of transfer is not understood.")),
}

CODES: Mapping[type[exceptions.APIException], str] = {
    exceptions.ParseError: "malformed-request",
    exceptions.ValidationError: "invalid-parameters",
    exceptions.NotAuthenticated: "not-authenticated",
    exceptions.AuthenticationFailed: "not-authenticated",
    exceptions.PermissionDenied: "not-allowed",
    exceptions.NotFound: "not-found",
    exceptions.MethodNotAllowed: "method-not-allowed",
    exceptions.NotAcceptable: "not-acceptable",
    exceptions.UnsupportedMediaType: "unsupported-media-type",
    exceptions.Throttled: "too-many-requests",
}


class InvalidParametersError(UsageError):
    """The parameters of a request are invalid: `errors` gives sentences for each."""

    code = "invalid-parameters"

    def __init__(self, errors: Mapping[str, Sequence[Message]]) -> None:
        super().__init__(join(*(join(f"{name}:", *sentences) for name, sentences in errors.items())))
        self.errors = errors


class MalformedBodyError(UsageError):
    """The body of a request cannot be read."""

    code = "malformed-request"


class CompressedBodyError(FoxreviewsError):
    """The body of a request is compressed, which nothing here unpacks."""

    status = 415
    code = "unsupported-media-type"


class NotFoundError(FoxreviewsError):
    """The directory does not have what the address names."""

    status = 404
    code = "not-found"


class ProblemSerializer(serializers.Serializer[dict[str, Any]]):
    """What an error looks like, for the schema."""

    type = serializers.CharField()
    title = serializers.CharField(
        help_text="The name of the HTTP status, in French or English by Accept-Language."
    )
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened, and what to do, in the same language.")
    code = serializers.CharField(help_text="A stable word for programs.")
    request_id = serializers.CharField(
        required=False, help_text="With a status from 500 on: the id under which the server's log has it."
    )
    errors = serializers.DictField(  # type: ignore[assignment]  # as a field it does not hide Serializer.errors
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Sentences for each parameter that is not understood.",
    )


def problems(*statuses: int) -> dict[tuple[int, str], type[ProblemSerializer]]:
    """The errors of a route, for `@extend_schema(responses=...)`."""
    return {(status, MEDIA_TYPE): ProblemSerializer for status in statuses}


def problem(
    status: int,
    code: str,
    detail: object,
    *,
    errors: Mapping[str, Sequence[Message]] | None = None,
    retry_after: int | None = None,
    language: str = LANGUAGES[0],
) -> HttpResponse:
    """The answer for one error. `detail` is a message, or an error that is one, and is put into words here."""
    with override(language):
        body = {
            "type": "about:blank",
            "title": str(TITLES.get(status) or HTTPStatus(status).phrase),
            "status": status,
            "detail": str(detail),
            "code": code,
        }
        if errors:
            body["errors"] = {name: [str(sentence) for sentence in each] for name, each in errors.items()}
    if status >= 500 and (trace := current()):
        body["request_id"] = trace.id
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return HttpResponse(orjson.dumps(body), status=status, content_type=MEDIA_TYPE, headers=headers)


def of_server(status: int, language: str, **values: int) -> HttpResponse:
    """The answer to a request that the web server refuses, with the values that its sentence names."""
    status = status if status in OF_SERVER else HTTPStatus.BAD_REQUEST
    code, sentence = OF_SERVER[status]
    return problem(status, code, say(sentence, **values), language=language)


def problem_response(  # noqa: PLR0911 - a kind of error after the other
    error: Exception, context: Mapping[str, Any]
) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER. None for any other: Django logs it and calls `handler500`.

    What fails on a replica is not answered here: core.postgresql.routing asks another server.
    """
    if isinstance(error, Error | ReplicaBehindError) and routing.reads_replica():
        return None
    request = context.get("request")
    language = language_of(request) if request is not None else LANGUAGES[0]
    if isinstance(error, FoxreviewsError):
        retry_after = getattr(error, "retry_after", None)
        if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
            retry_after = RETRY_AFTER
        errors = getattr(error, "errors", None)
        return problem(
            error.status, error.code, error, errors=errors, retry_after=retry_after, language=language
        )
    if isinstance(error, OperationalError):
        return _database_problem(error, language)
    if isinstance(error, Http404):
        return problem(404, "not-found", str(error) or _("There is nothing here."), language=language)
    if isinstance(error, PermissionDenied):
        return problem(403, "not-allowed", str(error) or _("This is not allowed."), language=language)
    if isinstance(error, exceptions.APIException):
        return _rest_framework_problem(error, context, language)
    return None


def _database_problem(error: OperationalError, language: str) -> HttpResponse:
    """One line in the log for each request: while the database is away, tracebacks would fill a disk."""
    logger.error("The database does not answer: %s", str(error).partition("\n")[0])
    detail = _("The database does not answer. Try again shortly.")
    return problem(503, "database-unavailable", detail, retry_after=RETRY_AFTER, language=language)


def _rest_framework_problem(
    error: exceptions.APIException, context: Mapping[str, Any], language: str
) -> HttpResponse:
    code = next((code for kind, code in CODES.items() if isinstance(error, kind)), "internal-error")
    if isinstance(error, exceptions.ValidationError) and isinstance(error.detail, dict):
        refused = InvalidParametersError(
            {name: [str(sentence) for sentence in sentences] for name, sentences in error.detail.items()}
        )
        return problem(error.status_code, code, refused, errors=refused.errors, language=language)
    retry_after = None
    if isinstance(error, exceptions.Throttled):
        retry_after = int(getattr(error, "wait", None) or 0) + 1
    detail = _rest_framework_detail(error, context)
    response = problem(error.status_code, code, detail, retry_after=retry_after, language=language)
    if isinstance(error, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    if how := getattr(error, "auth_header", None):  # with 401
        response["WWW-Authenticate"] = how
    return response


def _rest_framework_detail(error: exceptions.APIException, context: Mapping[str, Any]) -> Message:
    """What the framework says, which puts it into words before the language is known, in words that wait."""
    if isinstance(error, exceptions.NotAcceptable):
        return UNACCEPTABLE
    if isinstance(error, exceptions.MethodNotAllowed):
        allowed = ", ".join(context["view"].allowed_methods)
        method = context["request"].method
        return say(_("{method} is not answered here, only {allowed}."), method=method, allowed=allowed)
    if isinstance(error, exceptions.UnsupportedMediaType):
        given = context["request"].content_type[:100]
        return say(_("A body of «{given}» is not read here: send application/json."), given=given)
    said, usual = str(error.detail), cast("Message", error.default_detail)
    return usual if said == str(usual) else said


def _in_api(request: HttpRequest, status: int, code: str, detail: Message) -> HttpResponse | None:
    """The answer under /api/; None elsewhere, where Django's page is."""
    if not request.path.startswith("/api/"):
        return None
    return problem(status, code, detail, language=language_of(request))


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django itself refuses: an unknown host, a thousand parameters. Its line in the log says which."""
    if trace := current():
        trace.refused = type(exception).__name__
    detail = _("The request is malformed: check its host and its parameters.")
    return _in_api(request, 400, "malformed-request", detail) or defaults.bad_request(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    answer = _in_api(request, 403, "not-allowed", _("This is not allowed."))
    return answer or defaults.permission_denied(request, exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that no route has."""
    detail = say(_("There is no {path} here: /api/ lists the addresses."), path=request.path)
    return _in_api(request, 404, "not-found", detail) or defaults.page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """An unexpected error: it is in the server's log, not in the answer. A database that is away has its own."""
    if isinstance(error := sys.exception(), OperationalError):
        return _database_problem(error, language_of(request))
    detail = _("Something failed here that should not. It has been logged.")
    return _in_api(request, 500, "internal-error", detail) or defaults.server_error(request)
