"""Every kind of error is problem+json with the status of its class."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

import foxreviews
from foxreviews.api.errors import CODES, InvalidParametersError, problem_response
from foxreviews.core.errors import FoxreviewsError


def answer(error: Exception) -> dict[str, Any]:
    request = APIRequestFactory().get("/api/entreprises/")
    response = problem_response(error, {"view": APIView(), "request": request})
    assert response is not None
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert {"type", "title", "status", "detail", "code"} <= set(body)
    assert body["status"] == response.status_code
    return body | {"headers": dict(response.headers)}


def our_errors() -> Iterator[type[FoxreviewsError]]:
    for module in pkgutil.walk_packages(foxreviews.__path__, "foxreviews."):
        if module.name.endswith((".errors", ".views", ".pagination")):
            importlib.import_module(module.name)
    waiting = [FoxreviewsError]
    while waiting:
        kind = waiting.pop()
        yield kind
        waiting += kind.__subclasses__()


def test_each_of_our_errors_answers_with_the_status_and_code_of_its_class() -> None:
    kinds = list(our_errors())
    assert len(kinds) > 8
    for kind in kinds:
        error = kind.__new__(kind)
        Exception.__init__(error, "What to do.")
        body = answer(error)
        assert (body["status"], body["code"], body["detail"]) == (kind.status, kind.code, "What to do.")


def test_errors_of_one_status_have_codes_that_tell_them_apart() -> None:
    codes = {
        kind.__name__: kind.code for kind in our_errors() if kind.__module__.startswith("foxreviews.search")
    }
    assert len(set(codes.values())) == len(codes)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (exceptions.ParseError(), 400, "malformed-request"),
        (exceptions.ValidationError("no"), 400, "invalid-parameters"),
        (exceptions.NotAuthenticated(), 401, "not-authenticated"),
        (exceptions.AuthenticationFailed(), 401, "not-authenticated"),
        (exceptions.PermissionDenied(), 403, "not-allowed"),
        (PermissionDenied(), 403, "not-allowed"),
        (exceptions.NotFound(), 404, "not-found"),
        (Http404("Look elsewhere."), 404, "not-found"),
        (exceptions.MethodNotAllowed("POST"), 405, "method-not-allowed"),
        (exceptions.NotAcceptable(), 406, "not-acceptable"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported-media-type"),
        (exceptions.Throttled(7), 429, "too-many-requests"),
        (exceptions.APIException(), 500, "internal-error"),
        (OperationalError("password of the database"), 503, "database-unavailable"),
    ],
)
def test_the_framework_s_errors_answer_with_their_status(error: Exception, status: int, code: str) -> None:
    body = answer(error)
    assert (body["status"], body["code"]) == (status, code)
    assert "password" not in body["detail"]


def test_every_error_of_the_framework_has_a_code() -> None:
    kinds = {kind for kind in vars(exceptions).values() if isinstance(kind, type)}
    ours = {kind for kind in kinds if issubclass(kind, exceptions.APIException)} - {exceptions.APIException}
    assert ours == set(CODES)


def test_an_unforeseen_error_is_left_to_the_server_s_log() -> None:
    assert problem_response(ZeroDivisionError(), {"view": APIView()}) is None


def test_parameters_are_named_with_their_sentences() -> None:
    body = answer(InvalidParametersError({"naf": ["It is not a code."], "q": ["It is blank."]}))
    assert body["detail"] == "naf: It is not a code. q: It is blank."
    assert body["errors"] == {"naf": ["It is not a code."], "q": ["It is blank."]}


@pytest.mark.parametrize("error", [exceptions.Throttled(7), OperationalError()])
def test_the_answer_to_come_back_later_says_when(error: Exception) -> None:
    assert int(answer(error)["headers"]["Retry-After"]) > 0
