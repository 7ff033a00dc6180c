"""The reconciliation service, by the schemas of its specification (0.2), written from its text, and by a client."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from jsonschema import Draft7Validator

from foxreviews.core.rate_table import Rate
from foxreviews.enterprise.privacy import PARTIAL
from foxreviews.location.models import Ville
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.reference.register import NATURAL_PERSON

pytestmark = pytest.mark.django_db
Add = Callable[..., Any]
ROOT = "/api/reconciliation/"
A, B, C = (siren_with_key(54_000_000 + number) for number in range(3))

STRING, URI = {"type": "string"}, {"type": "string", "pattern": "^https?://"}
NAMED = {"type": "object", "properties": {"id": STRING, "name": STRING}, "required": ["id", "name"]}
SERVICE = {
    "type": "object",
    "properties": {"service_url": URI, "service_path": STRING},
    "required": ["service_url", "service_path"],
}
MANIFEST = {
    "type": "object",
    "required": ["versions", "name", "identifierSpace", "schemaSpace", "view"],
    "properties": {
        "versions": {"type": "array", "items": STRING, "contains": {"const": "0.2"}},
        "name": STRING,
        "identifierSpace": URI,
        "schemaSpace": URI,
        "documentation": URI,
        "defaultTypes": {"type": "array", "items": NAMED},
        "view": {
            "type": "object",
            "properties": {"url": {"type": "string", "pattern": r"\{\{id\}\}"}},
            "required": ["url"],
        },
        "preview": {
            "type": "object",
            "properties": {
                "url": {"type": "string", "pattern": r"\{\{id\}\}"},
                "width": {"type": "integer"},
                "height": {"type": "integer"},
            },
            "required": ["url", "width", "height"],
        },
        "suggest": {"type": "object", "properties": dict.fromkeys(("entity", "property", "type"), SERVICE)},
        "extend": {
            "type": "object",
            "properties": {"propose_properties": SERVICE, "property_settings": {"type": "array"}},
        },
        "batchSize": {"type": "integer", "minimum": 1},
    },
}
CANDIDATE = {
    "type": "object",
    "required": ["id", "name", "score"],
    "properties": {
        "id": STRING,
        "name": STRING,
        "description": STRING,
        "score": {"type": "number"},
        "match": {"type": "boolean"},
        "type": {"type": "array", "items": {"anyOf": [NAMED, STRING]}},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "value"],
                "properties": {"id": STRING, "value": {"type": ["number", "boolean"]}},
            },
        },
    },
}
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["result"],
        "properties": {"result": {"type": "array", "items": CANDIDATE}},
    },
}
CELL = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "str": STRING,
        "float": {"type": "number"},
        "int": {"type": "integer"},
        "bool": {"type": "boolean"},
        "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
        "id": STRING,
        "name": STRING,
    },
    "additionalProperties": False,
}
EXTENSION = {
    "type": "object",
    "required": ["meta", "rows"],
    "properties": {
        "meta": {"type": "array", "items": NAMED},
        "rows": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": CELL},
            },
        },
    },
}
SUGGESTED = {
    "type": "object",
    "required": ["result"],
    "properties": {"result": {"type": "array", "items": {"type": "object", "required": ["id", "name"]}}},
}
PROPOSED = {
    "type": "object",
    "required": ["properties"],
    "properties": {"type": STRING, "properties": {"type": "array", "items": NAMED}},
}


def post(**fields: str) -> Any:
    """A form, as clients send it."""
    return Client().post(ROOT, urlencode(fields), content_type="application/x-www-form-urlencoded")


def valid(response: Any, schema: Mapping[str, Any]) -> Any:
    """The answer, which the schema allows."""
    assert response.status_code == 200, response.content
    body = response.json()
    Draft7Validator(schema).validate(body)
    return body


def reconciled(**queries: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """As OpenRefine asks: a field of a form."""
    response = post(queries=json.dumps(queries))
    return {name: each["result"] for name, each in valid(response, RESULTS).items()}


@pytest.fixture
def directory(company: Add, etablissement: Add, index: Callable[[], None]) -> None:
    Ville.objects.create(
        code_insee="82121",
        nom="Montauban",
        slug="montauban",
        codes_postaux=["82000"],
        departement="82",
        population=60_000,
    )
    place = {"code_postal": "82000", "ville_nom": "Montauban", "ville_id": "82121", "departement": "82"}
    company(
        "NOVERGIE", siren=A, siret=f"{A}00015", adresse="786 AVENUE DE GASSERAS", naf_code="38.21Z", **place
    )
    company("NOVERGIE CENTRE OUEST", siren=B, is_active=False)
    company("JEAN SECRET", siren=C, categorie_juridique=NATURAL_PERSON, statut_diffusion=PARTIAL, **place)
    etablissement(A, 1, "LE FOUR", libelle_voie="DU PORT", numero_voie="3", est_siege=False, **place)
    index()


def test_the_manifest_names_addresses_that_answer() -> None:
    manifest = valid(Client().get(ROOT), MANIFEST)
    assert [each["id"] for each in manifest["defaultTypes"]] == [
        "entreprise",
        "etablissement",
        "ville",
        "activite",
    ]
    for service in (*manifest["suggest"].values(), manifest["extend"]["propose_properties"]):
        address = f"{service['service_url']}{service['service_path']}".removeprefix("http://testserver")
        assert Client().get(address, {"prefix": "a"}).status_code == 200


@pytest.mark.usefixtures("directory")
def test_a_batch_is_answered_with_candidates_and_one_that_matches() -> None:
    town = [
        {"pid": "ville", "v": "Montauban"},
        {"pid": "code_postal", "v": 82000},
        {"pid": "unknown", "v": "x"},
    ]
    found = reconciled(
        q0={"query": "Novergi SARL", "properties": town, "limit": 3},
        q1={"query": "Zwyxqv"},
        q2={"query": "Novergie", "type": "etablissement", "properties": town},
    )
    best = found["q0"][0]
    assert (best["id"], best["name"], best["match"]) == (A, "NOVERGIE", True)
    assert best["score"] > 80
    assert found["q1"] == []
    assert found["q2"][0]["id"] == f"{A}00015"
    assert sum(each["match"] for each in found["q0"]) == 1


@pytest.mark.usefixtures("directory")
def test_towns_and_activities_are_reconciled_by_name_and_code() -> None:
    found = reconciled(
        town={"query": "montauban", "type": "ville"},
        trade={"query": "boulangerie", "type": ["activite"]},
        code={"query": "3821Z", "type": "activite"},
    )
    assert [(each["id"], each["match"]) for each in found["town"]] == [("82121", True)]
    assert found["trade"]
    assert [(each["id"], each["match"]) for each in found["code"]] == [("38.21Z", True)]


@pytest.mark.usefixtures("directory")
def test_who_is_hidden_is_in_no_answer() -> None:
    found = reconciled(q0={"query": "Jean Secret", "properties": [{"pid": "siren", "v": C}]})
    extended = post(extend=json.dumps({"ids": [C], "properties": [{"id": "nom"}]}))
    preview = Client().get(f"{ROOT}preview/{C}/")
    for said in (str(found), extended.content.decode(), preview.content.decode()):
        assert "SECRET" not in said.upper()


@pytest.mark.usefixtures("directory")
def test_values_of_what_was_reconciled_are_fetched() -> None:
    asked = {
        "ids": [A, f"{A}00001", "82121", "38.21Z", "999999999"],
        "properties": [
            {"id": name} for name in ("nom", "code_postal", "is_active", "population", "date_creation")
        ],
    }
    body = valid(post(extend=json.dumps(asked)), EXTENSION)
    assert body["rows"][A]["nom"] == [{"str": "NOVERGIE"}]
    assert body["rows"][A]["is_active"] == [{"bool": True}]
    assert body["rows"]["82121"]["population"] == [{"float": 60_000}]
    assert body["rows"]["999999999"]["nom"] == []
    assert [each["id"] for each in body["meta"]] == [each["id"] for each in asked["properties"]]
    names = {each["id"] for each in valid(Client().get(f"{ROOT}properties"), PROPOSED)["properties"]}
    assert {each["id"] for each in asked["properties"]} <= names


@pytest.mark.parametrize(
    ("kind", "has", "lacks"),
    [
        ("entreprise", {"siren", "categorie_juridique"}, {"population"}),
        ("etablissement", {"siret", "naf_code"}, {"population", "categorie_juridique"}),
        ("ville", {"population"}, {"siren", "naf_code"}),
        ("activite", {"naf_code"}, {"siren", "population"}),
    ],
)
def test_the_values_that_are_proposed_are_those_of_the_type(
    kind: str, has: set[str], lacks: set[str]
) -> None:
    answer = valid(Client().get(f"{ROOT}properties", {"type": kind}), PROPOSED)
    names = {each["id"] for each in answer["properties"]}
    assert answer["type"] == kind
    assert has | {"nom"} <= names
    assert not lacks & names


def test_a_type_that_there_is_not_has_no_values(client: Client) -> None:
    response = client.get(f"{ROOT}properties", {"type": "person"})
    assert (response.status_code, response.json()["code"]) == (400, "invalid-parameters")
    assert "'person'. There are: entreprise" in response.json()["errors"]["type"][0]


@pytest.mark.usefixtures("directory")
def test_entities_types_and_properties_are_suggested() -> None:
    entities = valid(Client().get(f"{ROOT}suggest/entity", {"prefix": "noverg"}), SUGGESTED)["result"]
    assert A in {each["id"] for each in entities}
    assert (
        valid(Client().get(f"{ROOT}suggest/type", {"prefix": "vil"}), SUGGESTED)["result"][0]["id"] == "ville"
    )
    assert valid(Client().get(f"{ROOT}suggest/property", {"prefix": "code"}), SUGGESTED)["result"]
    assert Client().get(f"{ROOT}suggest/else").status_code == 404


@pytest.mark.usefixtures("directory")
def test_a_preview_may_be_framed_and_runs_nothing() -> None:
    response = Client().get(f"{ROOT}preview/{A}/")
    assert response.status_code == 200
    assert "NOVERGIE" in response.content.decode()
    assert "X-Frame-Options" not in response
    assert response["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert Client().get(f"{ROOT}preview/999999999/").json()["code"] == "not-found"


def test_the_view_of_an_id_leads_to_its_page() -> None:
    for identifier, address in (
        (A, f"/api/entreprises/{A}/"),
        (f"{A}00015", f"/api/etablissements/{A}00015/"),
        ("82121", "/api/villes/82121/"),
        ("38.21Z", "/api/entreprises/?naf=38.21Z"),
    ):
        assert Client().get(f"{ROOT}view/{identifier}/")["Location"] == address


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("queries", "{"),
        ("queries", "[]"),
        ("queries", "{}"),
        ("queries", '{"q": 1}'),
        ("queries", '{"q": {"query": 1}}'),
        ("queries", '{"q": {"query": "a", "type": "x"}}'),
        ("queries", '{"q": {"query": "a", "limit": 0}}'),
        ("queries", '{"q": {"query": "a", "properties": {"a": 1}}}'),
        ("extend", "[]"),
        ("extend", '{"ids": 1, "properties": []}'),
        ("extend", '{"ids": [], "properties": [{"id": "secret"}]}'),
        ("queries", json.dumps({f"q{number}": {"query": "a"} for number in range(51)})),
    ],
)
def test_what_is_not_understood_is_a_problem_that_says_so(field: str, value: str) -> None:
    response = post(**{field: value})
    assert (response.status_code, response.json()["code"]) == (400, "invalid-parameters")
    assert response.json()["errors"][field]


@pytest.mark.usefixtures("directory")
def test_each_query_of_a_batch_counts_as_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.RATES, "search", Rate.parse("10/hour"))

    def asked(size: int, address: str = "198.51.100.78") -> tuple[int, str]:
        batch = {f"q{number}": {"query": "Montauban", "type": "ville"} for number in range(size)}
        body = urlencode({"queries": json.dumps(batch)})
        form = "application/x-www-form-urlencoded"
        response = Client().post(ROOT, body, content_type=form, REMOTE_ADDR=address)
        return response.status_code, response["RateLimit"].split(";")[1]

    assert [asked(4), asked(4)] == [(200, "r=6"), (200, "r=2")]
    assert asked(4)[0] == 429, "all or none"
    assert asked(2) == (200, "r=0")
    assert asked(1)[0] == 429
    # A rate below the largest batch shuts nobody out: such a batch is all that a client has.
    assert [asked(50, "198.51.100.79")[0] for _ in range(2)] == [200, 429]


@pytest.mark.usefixtures("directory")
def test_a_client_of_the_field_reconciles_a_column(live_server: Any) -> None:
    pandas = pytest.importorskip(
        "pandas", reason="the client `reconciler` needs pandas; neither is installed"
    )
    reconciler = pytest.importorskip("reconciler", reason="the client `reconciler` is not installed")
    frame = pandas.DataFrame({"nom": ["Novergie"], "ville": ["Montauban"]})
    found = reconciler.reconcile(
        frame["nom"],
        type_id="entreprise",
        property_mapping={"ville": frame["ville"]},
        reconciliation_endpoint=f"{live_server.url}{ROOT}",
    )
    assert found["id"].tolist() == [A]
