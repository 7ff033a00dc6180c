"""The schema and the answers are two writings of one thing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from django.test import Client
from rest_framework import serializers

from foxreviews.api.entreprises.serializers import EntrepriseDetailSerializer, EntrepriseSerializer
from foxreviews.api.exports.params import FORMATS, KEYS
from foxreviews.location.models import Ville
from foxreviews.search.query.ranking import Tier

Add = Callable[..., Any]

SCALING_PLAN_FIELDS = {
    *(
        "siren",
        "siret",
        "nom",
        "nom_commercial",
        "adresse",
        "code_postal",
        "ville_nom",
        "naf_code",
        "naf_libelle",
    ),
    *("is_active", "created_at", "updated_at"),
}


@pytest.fixture
def schema(client: Client, db: None) -> dict[str, Any]:
    return dict(client.get("/api/schema/").json())


def strict(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """The component as JSON Schema, with nothing allowed besides its properties."""

    def translated(node: Any) -> Any:
        if isinstance(node, list):
            return [translated(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = {key: translated(value) for key, value in node.items()}
        if node.pop("nullable", False):
            return {"anyOf": [node, {"type": "null"}]}
        if node.get("type") == "object" and "properties" in node:
            node["additionalProperties"] = False
        return node

    components = translated(schema["components"])
    return {"components": components, "$ref": f"#/components/schemas/{name}"}


FULL: dict[str, Any] = {
    "siren": "732829320",
    "siret": "73282932000074",
    "ville_id": "75115",
    "date_creation": dt.date(2020, 2, 3),
    "latitude": 48.84,
    "longitude": 2.3,
    "categorie_juridique": "5710",
    "tranche_effectif": "11",
}


@pytest.mark.parametrize("fields", [FULL, {"siren": "732829320"}], ids=["full", "bare"])
def test_answers_have_the_names_order_and_types_of_the_schema(
    company: Add, client: Client, schema: dict[str, Any], fields: dict[str, Any]
) -> None:
    Ville.objects.create(
        code_insee="75115", nom="Paris 15e", slug="paris-15", departement="75", nom_recherche="PARIS 15"
    )
    company("FOX", **fields)
    listed = client.get("/api/entreprises/").json()
    single = client.get("/api/entreprises/732829320/").json()
    checker = jsonschema.FormatChecker()
    for answer, component in ((listed, "PaginatedFoundEntrepriseList"), (single, "EntrepriseDetail")):
        jsonschema.Draft202012Validator(strict(schema, component), format_checker=checker).validate(answer)
    assert list(listed["results"][0]) == list(EntrepriseSerializer().fields)
    assert list(single) == list(EntrepriseDetailSerializer().fields)


def test_an_answer_is_what_the_serializers_would_write(company: Add, client: Client) -> None:
    company("FOX", **FULL)
    row = client.get("/api/entreprises/").json()["results"][0]
    for name, field in EntrepriseSerializer().fields.items():
        value = row[name]
        if isinstance(field, serializers.DateTimeField):
            assert field.to_internal_value(value).utcoffset() is not None
            assert value.endswith("Z")
        elif value is not None:
            assert field.to_representation(field.to_internal_value(value)) == value


def test_the_plan_s_fields_are_there_under_their_names(company: Add, client: Client) -> None:
    company("FOX")
    assert SCALING_PLAN_FIELDS.issubset(client.get("/api/entreprises/").json()["results"][0])


def test_each_route_states_its_errors(schema: dict[str, Any]) -> None:
    files = [media_type.partition(";")[0] for media_type in FORMATS.values()]
    of_path = {f"/api/exports/{table}.{{form}}": files for table in KEYS}
    of_path["/api/reconciliation/preview/{identifier}/"] = ["text/html"]
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            responses = operation["responses"]
            done = "201" if operation["operationId"] == "entreprises_create" else "200"
            expected = {"414", "429"} if "/reconciliation/" in path else {done, "400", "414", "429", "503"}
            assert expected <= set(responses), path
            for status, response in responses.items():
                good = {done: of_path.get(path, ["application/json"]), "301": [], "302": []}
                assert list(response.get("content", ())) == good.get(status, ["application/problem+json"])


def test_the_list_states_its_parameters_with_their_bounds(schema: dict[str, Any]) -> None:
    stated = {
        param["name"]: param["schema"] for param in schema["paths"]["/api/entreprises/"]["get"]["parameters"]
    }
    assert set(stated) == {
        *("q", "facets", "explain", "ville_nom", "ville", "code_postal", "departement", "is_active"),
        *(
            "naf",
            "naf_section",
            "naf25_section",
            "region",
            "siren",
            "categorie_juridique",
            "tranche_effectif",
            "categorie_entreprise",
            "est_employeur",
        ),
        *("date_creation_min", "date_creation_max", "fields"),
        *("near", "radius_km", "ordering", "page_size", "cursor"),
    }

    size = {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert stated["page_size"] == size | {"examples": [50]}
    assert stated["ordering"]["enum"] == ["-created_at", "created_at", "nom", "-nom", "pertinence"]
    assert stated["q"]["maxLength"] == 256


def test_every_ordering_that_is_stated_is_answered(
    company: Add, client: Client, schema: dict[str, Any]
) -> None:
    company("FOX")
    for path in ("/api/entreprises/", "/api/villes/"):
        parameters = schema["paths"][path]["get"]["parameters"]
        (stated,) = (each["schema"]["enum"] for each in parameters if each["name"] == "ordering")
        for ordering in stated:
            assert client.get(path, {"q": "fox", "ordering": ordering}).status_code == 200, (path, ordering)


def test_the_worst_tier_that_is_stated_is_the_worst(schema: dict[str, Any]) -> None:
    tier = schema["components"]["schemas"]["Match"]["properties"]["tier"]["description"]
    assert f"Best: {max(Tier).label}; last: {min(Tier).label}." in tier
