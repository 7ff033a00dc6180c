"""The schema is the truth about what is answered, also to requests that no sane client would send."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from rest_framework.authtoken.models import Token
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from foxreviews.api.exports.params import KEYS
from foxreviews.api.rate_limit import RateLimit
from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests leave the test's connection open, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def api_schema(company: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, _one_connection: None) -> Any:
    monkeypatch.setattr(RateLimit, "process_view", lambda *_: None)
    Ville.objects.create(
        code_insee="75056",
        nom="Paris",
        slug="paris",
        departement="75",
        nom_recherche="PARIS",
        codes_postaux=["75001"],
    )
    for nom in ("A", "0", "BOULANGERIE", "É"):
        company(nom, departement="75", ville_id="75056", code_postal="75001", naf_code="62.01Z")
    return described()


@cache  # made in half a second, and the same whatever the database has
def described() -> Any:
    return schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())


LISTS = (
    "/api/entreprises/",
    "/api/etablissements/",
    "/api/villes/",
    "/api/suggestions/",
    "/api/statistiques/",
)
# Of wrong values there are more kinds than of right ones.
EXAMPLES = {GenerationMode.POSITIVE: 30, GenerationMode.NEGATIVE: 60}
SINGLES = (
    "/api/entreprises/{siren}/",
    "/api/entreprises/{siren}/etablissements/",
    "/api/etablissements/{siret}/",
    "/api/entreprises/{siren}/successions/",
    "/api/etablissements/{siret}/successions/",
    "/api/villes/{code_insee}/",
)
POSTS = ("/api/lots/",)
# Processes that see what is committed: tests/integration/exports and tests/acceptance/test_exports.py try them.
EXPORTS = tuple(f"/api/exports/{table}.{{form}}" for table in KEYS)
POSTS = ("/api/lots/", "/api/appariements/")
WRITTEN = ("/api/corrections/", "/api/modifications/", "/api/entreprises/{siren}/corrections/{field}/")
WRITES = (
    ("/api/entreprises/", "POST"), ("/api/entreprises/{siren}/", "PUT"), ("/api/entreprises/{siren}/", "PATCH"),
    ("/api/entreprises/{siren}/", "DELETE"), ("/api/entreprises/{siren}/corrections/{field}/", "DELETE"),
    ("/api/corrections/", "GET"), ("/api/modifications/", "GET"),
)  # fmt: skip
INDEXED = ("/api/appariements/",)  # without an index it is a 503, which is a server's error


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        *((path, GenerationMode.POSITIVE) for path in LISTS + SINGLES + POSTS),
        # any text is a text: an address has no wrong one
        *((path, GenerationMode.NEGATIVE) for path in LISTS + POSTS),
    ],
)
def test_whatever_is_asked_the_answer_is_one_that_the_schema_states(
    api_schema: Any, path: str, mode: GenerationMode, index: Callable[[], None]
) -> None:
    if path in INDEXED:
        index()

    @settings(max_examples=EXAMPLES[mode], suppress_health_check=list(HealthCheck))
    @given(case=api_schema[path]["POST" if path in POSTS else "GET"].as_strategy(generation_mode=mode))
    def hold(case: Any) -> None:
        case.call_and_validate(
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ]
        )

    hold()


@pytest.mark.parametrize(("path", "method"), WRITES)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_staff_send_the_answer_is_one_that_the_schema_states(
    api_schema: Any, path: str, method: str, mode: GenerationMode
) -> None:
    token = Token.objects.create(user=User.objects.create_superuser("marie")).key
    siren = Entreprise.objects.values_list("siren", flat=True)[0]

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(case=api_schema[path][method].as_strategy(generation_mode=mode))
    def hold(case: Any) -> None:
        if case.path_parameters and mode is GenerationMode.POSITIVE:
            case.path_parameters["siren"] = siren
        case.call_and_validate(
            headers={"Authorization": f"Token {token}", "If-Match": "*"},
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    hold()


def test_the_schema_has_no_route_that_is_not_tried_here(api_schema: Any) -> None:
    assert set(api_schema) == {*LISTS, *SINGLES, *POSTS, *EXPORTS, *WRITTEN}
