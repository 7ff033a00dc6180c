"""The schema is the truth about what is answered, also to requests that no sane client would send."""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from rest_framework.authtoken.models import Token
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from foxreviews.api.exports import views as exports
from foxreviews.api.exports.params import FORMATS, KEYS
from foxreviews.api.exports.process import RefusedExportError
from foxreviews.api.rate_limit import RateLimit
from foxreviews.api.schema import SIREN
from foxreviews.core.errors import UsageError
from foxreviews.enterprise.models import Entreprise
from foxreviews.exports import run
from foxreviews.location.models import Ville

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
COUNTED: Counter[str] = Counter()  # answers by mode and status, of this process


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests leave the test's connection open, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class ExportHere:
    """An export in this process: one of its own would not see the rows of a test, which nobody commits."""

    def __init__(
        self, arguments: list[str], parameters: str, on_end: Callable[[], object], _refusals: Any
    ) -> None:
        table, _, _, form, *compressed = arguments
        file = io.BytesIO()
        try:
            run.Export(table, form, parameters, compressed[-1] if compressed else "uncompressed").write(file)
        except UsageError as error:
            raise RefusedExportError(str(error)) from error
        finally:
            on_end()
        self._content = file.getvalue()

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


@pytest.fixture
def api_schema(
    company: Callable[..., Any],
    index: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    _one_connection: None,
) -> Any:
    monkeypatch.setattr(RateLimit, "process_view", lambda *_: None)
    monkeypatch.setattr(exports, "Export", ExportHere)
    monkeypatch.setattr(run, "prefetch", lambda blocks: iter(list(blocks)))
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
    index()  # without one matching is a 503, which is a server's error
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
    "/api/reconciliation/",
)
# Of wrong values there are more kinds than of right ones.
EXAMPLES = {GenerationMode.POSITIVE: 30, GenerationMode.NEGATIVE: 60}
FEW = 10  # of what has hardly a parameter
SINGLES = (
    "/api/entreprises/{siren}/",
    "/api/entreprises/{siren}/etablissements/",
    "/api/etablissements/{siret}/",
    "/api/entreprises/{siren}/successions/",
    "/api/etablissements/{siret}/successions/",
    "/api/villes/{code_insee}/",
    "/api/reconciliation/suggest/{what}",
    "/api/reconciliation/properties",
    "/api/reconciliation/view/{identifier}/",
    "/api/reconciliation/preview/{identifier}/",
)
EXPORTS = tuple(f"/api/exports/{table}.{{form}}" for table in KEYS)
POSTS = ("/api/lots/", "/api/appariements/", "/api/reconciliation/")
STAFF = (
    ("POST", "/api/entreprises/"),
    ("PUT", "/api/entreprises/{siren}/"),
    ("PATCH", "/api/entreprises/{siren}/"),
    ("DELETE", "/api/entreprises/{siren}/"),
    ("DELETE", "/api/entreprises/{siren}/corrections/{field}/"),
    ("GET", "/api/corrections/"),
    ("GET", "/api/modifications/"),
)


@pytest.mark.parametrize(
    ("method", "path", "mode"),
    [
        *(("GET", path, GenerationMode.POSITIVE) for path in LISTS + SINGLES + EXPORTS),
        # any text is a text: an address has no wrong one
        *(("GET", path, GenerationMode.NEGATIVE) for path in LISTS + EXPORTS),
        *(("POST", path, mode) for path in POSTS for mode in EXAMPLES),
    ],
)
def test_whatever_is_asked_the_answer_is_one_that_the_schema_states(
    api_schema: Any, method: str, path: str, mode: GenerationMode
) -> None:
    @settings(
        max_examples=FEW if path in SINGLES else EXAMPLES[mode],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api_schema[path][method].as_strategy(generation_mode=mode))
    def hold(case: Any) -> None:
        response = case.call()
        COUNTED[f"{mode.value} {response.status_code}"] += 1
        case.validate_response(response, checks=CHECKS)

    hold()


def token() -> str:
    """Of an account that may do everything."""
    return f"Token {Token.objects.create(user=User.objects.create_superuser('marie')).key}"


@pytest.mark.parametrize(("method", "path"), STAFF)
@pytest.mark.parametrize("mode", list(EXAMPLES))
def test_whatever_staff_send_the_answer_is_one_that_the_schema_states(
    api_schema: Any, method: str, path: str, mode: GenerationMode
) -> None:
    headers = {"Authorization": token(), "If-Match": "*"}
    siren = Entreprise.objects.values_list("siren", flat=True)[0]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=api_schema[path][method].as_strategy(generation_mode=mode))
    def hold(case: Any) -> None:
        if case.path_parameters and mode is GenerationMode.POSITIVE:
            case.path_parameters["siren"] = siren
        response = case.call(headers=headers)
        COUNTED[f"{mode.value} {response.status_code}"] += 1
        case.validate_response(response, checks=CHECKS)

    hold()


def test_whatever_is_asked_after_an_answer_that_leads_on_is_answered_as_the_schema_states(
    api_schema: Any,
) -> None:
    class Walk(api_schema.as_state_machine()):  # type: ignore[misc]
        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            COUNTED[f"stateful {response.status_code}"] += 1
            case.validate_response(response, checks=CHECKS)

    Walk.run(
        settings=settings(
            max_examples=25, stateful_step_count=4, deadline=None, suppress_health_check=list(HealthCheck)
        )
    )


def test_no_answer_was_an_error_of_the_server(record_property: Callable[[str, object], None]) -> None:
    """The answers of the tests above, by what was sent; the end of the run shows them."""
    if not COUNTED:
        pytest.skip("counts what the tests above have asked")
    shown = ", ".join(f"{what}: {count:,}" for what, count in sorted(COUNTED.items()))
    record_property("counted", f"schemathesis, {sum(COUNTED.values()):,} answers: {shown}")
    assert not [what for what in COUNTED if what.split()[1] >= "500"]


def test_the_schema_has_no_route_that_is_not_tried_here(api_schema: Any) -> None:
    assert set(api_schema) == {*LISTS, *SINGLES, *POSTS, *EXPORTS, *(path for _, path in STAFF)}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(Client().get("/api/schema/", headers={"authorization": "Bearer none"}).json())


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def problems_of(schema: dict[str, Any], of: dict[str, Any], value: Any) -> list[str]:
    """What of the value is not as its part of the schema says."""
    whole = {**of, "components": schema["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for status, response in operation["responses"].items():
        for media_type, media in response.get("content", {}).items():
            yield f"{status} {media_type}", media


# No example of a file's bytes can be written into JSON.
BINARY = tuple(FORMATS[form] for form in ("parquet", "xlsx"))


def test_each_operation_has_examples_that_are_as_its_own_schema_says(
    db: None, schema: dict[str, Any]
) -> None:
    wrong, count = {}, 0
    for name, operation in operations(schema):
        for what, media in bodies(operation):
            if what.endswith(BINARY):
                continue
            given = media.get("examples", {"": {"value": media.get("example")}})
            for each in given.values():
                count += 1
                if found := problems_of(schema, media["schema"], each["value"]):
                    wrong[f"{name}: {what}"] = found
    assert wrong == {}
    assert count > 80


def test_each_parameter_has_an_example_that_is_as_its_own_schema_says(
    db: None, schema: dict[str, Any]
) -> None:
    wrong = {}
    for name, operation in operations(schema):
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == "cursor":  # it is taken from an answer
                continue
            examples = parameter["schema"].get("examples", [])
            examples = [*examples, *([parameter["example"]] if "example" in parameter else [])]
            found = [error for each in examples for error in problems_of(schema, parameter["schema"], each)]
            if found or examples in ([], [None], [""]):
                wrong[f"{name}: {parameter['name']}"] = found or "it has none"
    assert wrong == {}


def test_each_operation_says_its_rate_and_how_long_a_request_may_be(db: None, schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        assert "requests in" in operation["description"], name
        assert "414" in operation["responses"], name
        assert ("413" in operation["responses"]) is ("requestBody" in operation), name
        assert "Retry-After" in operation["responses"]["429"]["headers"], name
    rates = {name: operation["description"] for name, operation in operations(schema)}
    assert "`export`" in rates["GET /api/exports/entreprises.{form}"]
    assert "`match`" in rates["POST /api/appariements/"]
    assert "`page`" in rates["GET /api/entreprises/"]
    assert "with `q` (`search`)" in rates["GET /api/entreprises/"]


def test_the_schema_says_how_many_values_a_filter_takes_and_how_many_rows_a_page_has(
    db: None, schema: dict[str, Any]
) -> None:
    listed = dict(operations(schema))["GET /api/entreprises/"]["parameters"]
    of = {parameter["name"]: parameter["schema"] for parameter in listed}
    assert (of["departement"]["maxItems"], of["siren"]["maxItems"]) == (50, 1_000)
    assert (of["page_size"]["minimum"], of["page_size"]["maximum"]) == (1, 100)
    assert schema["components"]["schemas"]["Numbers"]["properties"]["siren"]["maxItems"] == 10_000
    assert schema["components"]["schemas"]["Rows"]["properties"]["rows"]["maxItems"] == 1_000


def test_rows_of_some_columns_are_as_the_schema_says(
    client: Client, api_schema: Any, schema: dict[str, Any]
) -> None:
    for path in ("/api/entreprises/", "/api/etablissements/", "/api/villes/"):
        answer = client.get(path, {"fields": "nom"})
        media = dict(operations(schema))[f"GET {path}"]["responses"]["200"]["content"]["application/json"]
        assert problems_of(schema, media["schema"], answer.json()) == []


def test_each_answer_leads_to_an_operation_that_there_is(db: None, schema: dict[str, Any]) -> None:
    ids = {operation["operationId"]: operation for _, operation in operations(schema)}
    links = [
        link
        for operation in ids.values()
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert len(links) == 8
    for link in links:
        (name,) = link["parameters"]
        assert name in {parameter["name"] for parameter in ids[link["operationId"]]["parameters"]}


def test_the_examples_of_bodies_are_answered(client: Client, api_schema: Any, schema: dict[str, Any]) -> None:
    headers = {"authorization": token(), "if-match": "*"}
    for name, operation in operations(schema):
        if "requestBody" not in operation:
            continue
        method, path = name.split()
        media = operation["requestBody"]["content"]["application/json"]
        for each in media.get("examples", {"": {"value": media.get("example")}}).values():
            answer = client.generic(
                method,
                path.format(siren=SIREN),
                json.dumps(each["value"]),
                "application/json",
                headers=headers,
            )
            assert answer.status_code in (200, 201), (name, answer.content)
