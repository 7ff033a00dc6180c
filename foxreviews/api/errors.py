"""Every error under /api/ is application/problem+json (RFC 9457), with a stable `code` for programs.

`type` is "about:blank": the status says what kind of problem it is, `code` which one, `detail` what to do.
Errors of our own carry their status and code in their class (core.errors).
"""

import logging
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.db import Error, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views import defaults
from rest_framework import exceptions, serializers

from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.core.postgresql import replicas
from foxreviews.core.postgresql.replicas import ReplicaBehindError
from foxreviews.core.trace import current

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
UNACCEPTABLE = "Answers are JSON: ask with Accept: application/json, or without Accept."
RETRY_AFTER = 5  # seconds, where the service itself cannot say better

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

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(" ".join(f"{name}: {' '.join(sentences)}" for name, sentences in errors.items()))
        self.errors = errors


class NotFoundError(FoxreviewsError):
    """The directory does not have what the address names."""

    status = 404
    code = "not-found"


class ProblemSerializer(serializers.Serializer[dict[str, Any]]):
    """What an error looks like, for the schema."""

    type = serializers.CharField()
    title = serializers.CharField(help_text="The name of the HTTP status.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened, and what to do.")
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
    detail: str,
    *,
    errors: Mapping[str, Any] | None = None,
    retry_after: int | None = None,
) -> HttpResponse:
    """The answer for one error."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    if status >= 500 and (trace := current()):
        body["request_id"] = trace.id
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return HttpResponse(orjson.dumps(body), status=status, content_type=MEDIA_TYPE, headers=headers)


def problem_response(  # noqa: PLR0911 - a kind of error after the other
    error: Exception, context: Mapping[str, Any]
) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER. None for any other: Django logs it and calls `handler500`.

    What fails on a replica is not answered here: core.postgresql.replicas asks another server.
    """
    if isinstance(error, Error | ReplicaBehindError) and replicas.reads_replica():
        return None
    if isinstance(error, FoxreviewsError):
        retry_after = getattr(error, "retry_after", None)
        if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
            retry_after = RETRY_AFTER
        errors = getattr(error, "errors", None)
        return problem(error.status, error.code, str(error), errors=errors, retry_after=retry_after)
    if isinstance(error, OperationalError):
        return _database_problem(error)
    if isinstance(error, Http404):
        return problem(404, "not-found", str(error) or "There is nothing here.")
    if isinstance(error, PermissionDenied):
        return problem(403, "not-allowed", str(error) or "This is not allowed.")
    if isinstance(error, exceptions.APIException):
        return _rest_framework_problem(error, context)
    return None


def _database_problem(error: OperationalError) -> HttpResponse:
    """One line in the log for each request: while the database is away, tracebacks would fill a disk."""
    logger.error("The database does not answer: %s", str(error).partition("\n")[0])
    detail = "The database does not answer. Try again shortly."
    return problem(503, "database-unavailable", detail, retry_after=RETRY_AFTER)


def _rest_framework_problem(error: exceptions.APIException, context: Mapping[str, Any]) -> HttpResponse:
    code = next((code for kind, code in CODES.items() if isinstance(error, kind)), "internal-error")
    if isinstance(error, exceptions.ValidationError) and isinstance(error.detail, dict):
        refused = InvalidParametersError(
            {name: [str(sentence) for sentence in sentences] for name, sentences in error.detail.items()}
        )
        return problem(error.status_code, code, str(refused), errors=refused.errors)
    retry_after = None
    if isinstance(error, exceptions.Throttled):
        retry_after = int(getattr(error, "wait", None) or 0) + 1
    if isinstance(error, exceptions.MethodNotAllowed):
        allowed = ", ".join(context["view"].allowed_methods)
        detail = f"{context['request'].method} is not answered here, only {allowed}."
        response = problem(error.status_code, code, detail)
        response["Allow"] = allowed
        return response
    detail = UNACCEPTABLE if isinstance(error, exceptions.NotAcceptable) else str(error.detail)
    response = problem(error.status_code, code, detail, retry_after=retry_after)
    if how := getattr(error, "auth_header", None):  # with 401
        response["WWW-Authenticate"] = how
    return response


def _in_api(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse | None:
    """The answer under /api/; None elsewhere, where Django's page is."""
    return problem(status, code, detail) if request.path.startswith("/api/") else None


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django itself refuses: an unknown host, a thousand parameters. Its line in the log says which."""
    if trace := current():
        trace.refused = type(exception).__name__
    detail = "The request is malformed: check its host and its parameters."
    return _in_api(request, 400, "malformed-request", detail) or defaults.bad_request(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    answer = _in_api(request, 403, "not-allowed", "This is not allowed.")
    return answer or defaults.permission_denied(request, exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that no route has."""
    detail = f"There is no {request.path} here: /api/ lists the addresses."
    return _in_api(request, 404, "not-found", detail) or defaults.page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """An unexpected error: it is in the server's log, not in the answer. A database that is away has its own."""
    if isinstance(error := sys.exception(), OperationalError):
        return _database_problem(error)
    detail = "Something failed here that should not. It has been logged."
    return _in_api(request, 500, "internal-error", detail) or defaults.server_error(request)
