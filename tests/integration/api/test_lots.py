"""Many companies and establishments by their numbers, in one request."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foxreviews.enterprise.models import Doublon
from foxreviews.enterprise.privacy import MASK, PARTIAL
from foxreviews.enterprise.successions import MAX_DOUBLES
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.reference.register import NATURAL_PERSON

Add = Callable[..., Any]
A, B, C = (siren_with_key(50_000_000 + number) for number in range(3))
LOTS = "/api/lots/"

pytestmark = pytest.mark.django_db


def post(body: object, **options: Any) -> Any:
    return Client().post(LOTS, body, content_type=options.pop("content_type", "application/json"), **options)


def lot(**numbers: list[str]) -> dict[str, Any]:
    response = post(numbers)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def test_companies_and_establishments_come_in_the_order_of_their_numbers(
    company: Add, etablissement: Add
) -> None:
    company("A", siren=A)
    company("B", siren=B)
    first, second = etablissement(B, 1), etablissement(A, 2)
    spaced = f"{A[:3]} {A[3:6]} {A[6:]}"
    found = lot(siren=[B, spaced, B, C], siret=[second.siret, f"{C}00017", first.siret])
    assert [each["siren"] for each in found["entreprises"]] == [B, A]
    assert [(each["siret"], each["nom"]) for each in found["etablissements"]] == [
        (second.siret, "A"),
        (first.siret, "B"),
    ]
    assert found["not_found"] == {"siren": [C], "siret": [f"{C}00017"]}
    assert found["doublons"] == {}


def test_each_is_shown_as_lists_show_it(company: Add, etablissement: Add) -> None:
    company("A", siren=A)
    place = etablissement(A, 1)
    found = lot(siren=[A], siret=[place.siret])
    assert found["entreprises"] == Client().get("/api/entreprises/").json()["results"]
    assert found["etablissements"] == Client().get("/api/etablissements/").json()["results"]


def test_who_is_hidden_is_hidden_here(company: Add, etablissement: Add) -> None:
    company("JEAN DUPONT", siren=A, categorie_juridique=NATURAL_PERSON, statut_diffusion=PARTIAL)
    place = etablissement(A, 1, "CHEZ DUPONT", libelle_voie="DUPONT")
    found = lot(siren=[A], siret=[place.siret])
    assert [each["nom"] for each in (*found["entreprises"], *found["etablissements"])] == [MASK, MASK]
    assert "DUPONT" not in str(found)


def test_a_double_brings_the_company_that_it_stands_for(company: Add) -> None:
    company("A", siren=A)
    Doublon.objects.create(siren=B, doublon_de=A)
    Doublon.objects.create(siren=C, doublon_de=siren_with_key(60_000_000))
    found = lot(siren=[B, A, C])
    assert [each["siren"] for each in found["entreprises"]] == [A]
    assert (found["doublons"], found["not_found"]["siren"]) == ({B: A}, [C])


def test_many_doubles_are_followed_together(company: Add, django_assert_max_num_queries: Any) -> None:
    company("A", siren=A)
    sirens = [siren_with_key(70_000_000 + number) for number in range(100)]
    for siren, other in zip(sirens, [A, B, *sirens[1:]], strict=False):
        Doublon.objects.create(siren=siren, doublon_de=other)
    with django_assert_max_num_queries(MAX_DOUBLES + 6):
        found = lot(siren=sirens)
    assert found["doublons"] == {sirens[0]: A}


@pytest.mark.parametrize("body", ['{"siren": ["\\ud800"]}', '{"\\ud800": []}', "[" * 5_000, "\xff"])
def test_a_body_that_is_no_json_is_malformed(body: str) -> None:
    response = post(body.encode("latin-1"))
    assert (response.status_code, response.json()["code"]) == (400, "malformed-request")


@pytest.mark.parametrize(
    ("body", "named", "said"),
    [
        ({"siren": ["73282932"]}, "siren", "73282932 is no SIREN"),
        ({"siren": [732829320]}, "siren", "732829320 is no SIREN"),
        ({"siret": ["732829320"]}, "siret", "14 digits"),
        ({"siren": "732829320"}, "siren", "a list"),
        ({"siren": [], "siret": []}, "siren", "at least one"),
        ({"sirens": [A]}, "sirens", "siren, siret"),
        ([A], "siren", "an object"),
        (
            {"siren": [f"{number:09}" for number in range(10_001)]},
            "siren",
            "10,001 numbers are more than 10,000",
        ),
    ],
)
def test_a_body_that_is_not_understood_says_what_is_wrong(body: object, named: str, said: str) -> None:
    response = post(body)
    assert (response.status_code, response.json()["code"]) == (400, "invalid-parameters")
    assert said in response.json()["errors"][named][0]


def test_json_alone_is_read_and_only_posted() -> None:
    assert post("{", content_type="application/json").json()["code"] == "malformed-request"
    assert post("siren=1", content_type="application/x-www-form-urlencoded").status_code == 415
    assert Client().get(LOTS).json()["code"] == "method-not-allowed"


def test_ten_thousand_numbers_fit_into_a_request(company: Add) -> None:
    company("A", siren=A)
    found = lot(
        siren=[A, *(f"{number:09}" for number in range(4_999))],
        siret=[f"{number:014}" for number in range(5_000)],
    )
    assert len(found["entreprises"]) == 1
    assert len(found["not_found"]["siret"]) == 5_000
