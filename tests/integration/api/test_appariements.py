"""A messy list answered with the companies that it means."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from foxreviews.api.appariements import BLOCK, MAX_ROWS
from foxreviews.core.rate_table import Rate
from foxreviews.enterprise.privacy import PARTIAL
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.reference.register import NATURAL_PERSON

Add = Callable[..., Any]
A, B = (siren_with_key(52_000_000 + number) for number in range(2))
ADDRESS = "/api/appariements/"

pytestmark = pytest.mark.django_db


def post(body: object, **options: Any) -> Any:
    return Client().post(
        ADDRESS, body, content_type=options.pop("content_type", "application/json"), **options
    )


def results(*rows: dict[str, str]) -> list[dict[str, Any]]:
    response = post({"rows": list(rows)})
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


@pytest.fixture
def directory(company: Add, index: Callable[[], None]) -> None:
    place = {"code_postal": "82000", "ville_nom": "Montauban", "departement": "82"}
    company("NOVERGIE", siren=A, siret=f"{A}00015", adresse="786 AVENUE DE GASSERAS", **place)
    company("JEAN SECRET", siren=B, categorie_juridique=NATURAL_PERSON, statut_diffusion=PARTIAL, **place)
    index()


@pytest.mark.usefixtures("directory")
def test_each_row_has_its_result_in_their_order() -> None:
    line = {
        "nom": "Novergie",
        "adresse": "786 av. de Gasseras",
        "code_postal": "82000",
        "ville_nom": "MONTAUBAN",
    }
    first, second, third = results({"nom": "Zwyx"}, line | {"id": "7", "telephone": "01 02"}, {"siren": A})
    assert first == {
        "id": "",
        "decision": "none",
        "confidence": 0.0,
        "siren": "",
        "siret": "",
        "nom": "",
        "evidence": ["no company is called like it"],
        "candidates": [],
    }
    assert second == {
        "id": "7",
        "decision": "accept",
        "confidence": second["confidence"],
        "siren": A,
        "siret": f"{A}00015",
        "nom": "NOVERGIE",
        "candidates": [],
        "evidence": ["the same name", "in the same town", "at the same address"],
    }
    assert second["confidence"] >= 0.9
    assert (third["siren"], third["decision"], third["evidence"]) == (A, "accept", ["the same SIREN"])


@pytest.mark.usefixtures("directory")
def test_who_is_hidden_is_in_no_answer() -> None:
    (found,) = results({"nom": "Jean Secret", "siren": B, "code_postal": "82000"})
    assert found["decision"] == "none"
    assert "SECRET" not in str(found)
    assert B not in str(found)


@pytest.mark.usefixtures("directory")
def test_nothing_of_a_list_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        results({"nom": "Zébulon Confidentiel", "adresse": "99 rue Cachée"})
    assert "Confidentiel" not in caplog.text
    assert "Cachée" not in caplog.text


@pytest.mark.usefixtures("directory")
def test_a_thousand_rows_are_matched_in_blocks(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(5 * (MAX_ROWS // BLOCK) + 5):
        found = results(*({"nom": f"Novergie {number}"} for number in range(MAX_ROWS)))
    assert len(found) == MAX_ROWS


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "an object with a list"),
        ({"rows": {}}, "an object with a list"),
        ({"rows": [], "more": 1}, "an object with a list"),
        ({"rows": []}, "0 rows"),
        ({"rows": [{"nom": "A"}] * (MAX_ROWS + 1)}, "1,001 rows"),
        ({"rows": ["A"]}, "Row 1 is no object"),
        ({"rows": [{"nom": "A"}, {"nmo": "B"}]}, "Row 2: there is no 'nmo'"),
        ({"rows": [{"nom": 5}]}, "Row 1: nom is a text"),
        ({"rows": [{"nom": None}]}, "nom is a text"),
        ({"rows": [{"nom": "A" * 10_001}]}, "longer than 10,000"),
    ],
)
def test_a_body_that_is_not_understood_says_what_is_wrong(body: object, said: str) -> None:
    response = post(body)
    assert (response.status_code, response.json()["code"]) == (400, "invalid-parameters")
    assert said in response.json()["errors"]["rows"][0]


def test_json_alone_is_read_and_only_posted() -> None:
    assert post("{").json()["code"] == "malformed-request"
    assert post("rows=1", content_type="application/x-www-form-urlencoded").status_code == 415
    assert Client().get(ADDRESS).json()["code"] == "method-not-allowed"


def test_without_an_index_it_may_be_asked_again_later(company: Add) -> None:
    company("NOVERGIE", siren=A)
    response = post({"rows": [{"nom": "Novergie"}]})
    assert (response.status_code, response.json()["code"]) == (503, "no-search-index")
    assert response["Retry-After"]


@pytest.mark.usefixtures("directory")
def test_it_has_a_rate_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.RATES, "match", Rate.parse("2/hour"))
    client = {"REMOTE_ADDR": "198.51.100.77"}
    answers = [post({"rows": [{"nom": "A"}]}, **client).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert Client().get("/api/entreprises/", **client).status_code == 200
