"""/api/entreprises/?q=, as a client of the API sees it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foxreviews.api.entreprises.facets import shown
from foxreviews.location.models import Ville
from foxreviews.search.engines import indexed
from tests.shape import one_table

Add = Callable[..., Any]
Index = Callable[[], None]
ADDRESS = "/api/entreprises/"
RENNES = {"ville_nom": "Rennes", "ville_id": "35238", "departement": "35", "code_postal": "35000"}
LYON = {"ville_nom": "Lyon", "ville_id": "69383", "departement": "69", "code_postal": "69003"}


def answer(client: Client, typed: str, **params: Any) -> dict[str, Any]:
    response = client.get(ADDRESS, {"q": typed} | params)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def names(body: dict[str, Any]) -> list[str]:
    return [row["nom"] for row in body["results"]]


@pytest.fixture(params=["index", "postgres"])
def ready(request: pytest.FixtureRequest, index: Index) -> Index:
    """ready(): what answers is an index of what there is now, or PostgreSQL alone."""
    return index if request.param == "index" else lambda: None


def test_the_answer_says_how_many_there_are_and_what_answered(
    company: Add, client: Client, index: Index
) -> None:
    for number in range(30):
        company(f"GARAGE {number}")
    company("BOULANGERIE")
    without = answer(client, "garage", page_size=7)
    assert (without["engine"], len(without["results"])) == ("postgres", 7)
    index()
    body = answer(client, "garage", page_size=7)
    assert (body["engine"], body["total"], len(body["results"])) == ("tantivy", 30, 7)


def test_the_best_come_first_unless_another_order_is_asked_for(
    company: Add, client: Client, index: Index
) -> None:
    for nom in ("AZUR GARAGE", "GARAGE", "GARAGERIE"):
        company(nom)
    index()
    assert names(answer(client, "garage")) == ["GARAGE", "AZUR GARAGE", "GARAGERIE"]
    assert names(answer(client, "garage", ordering="nom")) == ["AZUR GARAGE", "GARAGE", "GARAGERIE"]


def test_every_filter_narrows_the_total_and_the_facets_too(
    company: Add, client: Client, index: Index
) -> None:
    Ville.objects.create(code_insee="35238", nom="Rennes", slug="rennes-35", departement="35")
    company("GARAGE UN", naf_code="45.20A", **RENNES)
    company("GARAGE DEUX", naf_code="45.20A", **LYON)
    company("GARAGE TROIS", naf_code="45.11Z", is_active=False, **LYON)
    company("BOULANGERIE", naf_code="10.71C", **LYON)
    index()
    for filters, expected in (
        ({}, 3),
        ({"departement": "69"}, 2),
        ({"ville": "rennes-35"}, 1),
        ({"code_postal": "69003", "is_active": "true"}, 1),
        ({"naf": "45.20A"}, 2),
        ({"naf": "G"}, 3),
        ({"ville_nom": "lyon", "naf": "10"}, 0),
    ):
        body = answer(client, "garage", facets="departement,is_active", **filters)
        assert body["total"] == len(body["results"]) == expected
        for facet in body["facets"].values():
            assert sum(value["count"] for value in facet) == expected


def test_facets_count_every_company_found_and_name_each_value(
    company: Add, client: Client, index: Index
) -> None:
    Ville.objects.create(code_insee="35238", nom="Rennes", slug="rennes-35", departement="35")
    for number in range(3):
        company(f"GARAGE {number}", naf_code="45.20A", tranche_effectif="11", **RENNES)
    company("GARAGE LYON", naf_code="45.11Z", is_active=False, **LYON)
    index()
    names = "departement,ville,naf_section,naf_division,tranche_effectif,is_active"
    facets = answer(client, "garage", facets=names, page_size=1)["facets"]
    assert list(facets) == names.split(",")
    counts = {name: [(each["value"], each["count"]) for each in values] for name, values in facets.items()}
    assert counts == {
        "departement": [("35", 3), ("69", 1)],
        "ville": [("35238", 3), ("69383", 1)],
        "naf_section": [("G", 4)],
        "naf_division": [("45", 4)],
        "tranche_effectif": [("11", 3)],
        "is_active": [("true", 3), ("false", 1)],
    }
    assert [each["label"] for each in facets["departement"]] == ["Ille-et-Vilaine", "Rhône"]
    assert facets["ville"][0]["label"] == "Rennes"


def test_facets_come_with_a_list_too_and_are_the_same_from_either_store(
    company: Add, client: Client, ready: Index
) -> None:
    company("GARAGE", naf_code="45.20A", **RENNES)
    company("BOULANGERIE", naf_code="10.71C", **LYON)
    ready()
    body = client.get(ADDRESS, {"facets": "departement", "is_active": "true"}).json()
    assert body["total"] == 2
    assert [each["value"] for each in body["facets"]["departement"]] == ["35", "69"]


def test_a_facet_has_the_fifty_most_frequent_towns_by_name(db: None) -> None:
    Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon")
    counts = {"69123": 99, **{f"{code:05}": 50 - code % 50 for code in range(1000, 1050)}}
    towns = shown(["ville"], {"code_commune": counts})["ville"]
    assert len(towns) == 50
    assert towns[0] == {"value": "69123", "label": "Lyon", "count": 99}
    assert {town["value"] for town in towns} == counts.keys() - {"01049"}


def test_an_unknown_facet_is_refused_with_those_there_are(client: Client, db: None) -> None:
    response = client.get(ADDRESS, {"q": "garage", "facets": "colour"})
    assert response.status_code == 400
    assert "colour is not a facet: departement, ville" in response.json()["errors"]["facets"][0]


def test_a_highlighted_name_is_html_in_which_only_the_marks_are_ours(
    company: Add, client: Client, ready: Index
) -> None:
    company("<script>alert('GARAGE')</script> & GARAGE")
    ready()
    (row,) = answer(client, "garage")["results"]
    assert row["nom_highlighted"] == (
        "&lt;script&gt;alert(&#x27;<mark>GARAGE</mark>&#x27;)&lt;/script&gt; &amp; <mark>GARAGE</mark>"
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("garage", "<mark>GARAGE</mark> DE L&#x27;ÉTOILE"),
        ("etoile", "GARAGE DE L&#x27;<mark>ÉTOILE</mark>"),
        ("garrage", "<mark>GARAGE</mark> DE L&#x27;ÉTOILE"),
        ("étoi", "GARAGE DE L&#x27;<mark>ÉTOILE</mark>"),
    ],
)
def test_words_are_highlighted_however_they_were_typed(
    company: Add, client: Client, index: Index, typed: str, expected: str
) -> None:
    company("GARAGE DE L'ÉTOILE")
    index()
    (row,) = answer(client, typed)["results"]
    assert row["nom_highlighted"] == expected


@pytest.mark.parametrize(
    ("typed", "tier", "how"),
    [
        ("garage martin", "exact", ["same", "same"]),
        ("martin", "name", ["same"]),
        ("garage lyon", "place", ["same", "same"]),
        ("garage mart", "name_start", ["same", "beginning"]),
        ("mart gar", "start", ["beginning", "beginning"]),
        ("garrage martin", "almost", ["typo", "same"]),
        ("martin garage", "order", ["same", "same"]),
        ("garrage martin lyon", "typo_in_name", ["typo", "same", "same"]),
        ("martin garage zanzibar", "elsewhere", ["same", "same"]),
    ],
)
def test_each_hit_says_on_request_why_it_matched(
    company: Add, client: Client, index: Index, typed: str, tier: str, how: list[str]
) -> None:
    company("GARAGE MARTIN", **LYON)
    index()
    (row,) = answer(client, typed, explain="true")["results"]
    assert row["match"]["tier"] == tier
    assert [each["how"] for each in row["match"]["words"]] == how
    (plain,) = answer(client, typed)["results"]
    assert "match" not in plain


def test_the_answer_says_which_name_matched_and_what_was_left_out(
    company: Add, client: Client, index: Index
) -> None:
    company("GARAGE MARTIN", autres_noms="sigle:CCAFPX\tdenomination_usuelle:CHEZ ZOE")
    index()
    for typed, matched, dropped in (
        ("garage martin", ("GARAGE MARTIN", "nom"), []),
        ("ccafpx", ("CCAFPX", "sigle"), []),
        ("zoé", ("CHEZ ZOE", "denomination_usuelle"), []),
        ("garage martin zanzibar", ("GARAGE MARTIN", "nom"), ["ZANZIBAR"]),
    ):
        body = answer(client, typed)
        (row,) = body["results"]
        assert (row["matched_name"], row["matched_name_kind"]) == matched
        assert body["dropped"] == dropped


def test_the_establishment_whose_sign_and_town_were_typed_is_said(
    company: Add, etablissement: Add, client: Client, index: Index
) -> None:
    company("DURAND", siren="732829320", ville_nom="Lyon", code_postal="69003")
    etablissement("732829320", 2, "LE FOURNIL", ville_nom="Lyon", code_postal="69008")
    etablissement("732829320", 3, "LE FOURNIL", ville_nom="Nantes", code_postal="44000")
    index()
    body = answer(client, "fournil nantes", explain="true", facets="is_active")
    (row,) = body["results"]
    assert (row["matched_siret"], row["matched_name"], row["matched_name_kind"]) == (
        "73282932000003",
        "LE FOURNIL",
        "enseigne",
    )
    assert row["match"]["tier"] == "branch"
    assert (body["total"], body["dropped"], body["facets"]["is_active"][0]["count"]) == (1, [], 1)
    assert answer(client, "durand")["results"][0]["matched_siret"] == ""
    assert answer(client, "fournil nantes", ordering="nom")["results"][0]["matched_siret"] == "73282932000003"
    assert answer(client, "fournil toulouse")["dropped"] == ["TOULOUSE"]


@pytest.mark.parametrize("ordering", [None, "nom", "-created_at"])
def test_an_answer_is_walked_to_its_end_by_its_links_each_match_once(
    company: Add, client: Client, ready: Index, ordering: str | None
) -> None:
    expected = {company(f"GARAGE {number}").siren for number in range(11)}
    company("BOULANGERIE")
    ready()
    query = {"q": "garage", "page_size": "3"} | ({"ordering": ordering} if ordering else {})
    body = client.get(ADDRESS, query).json()
    seen = [row["siren"] for row in body["results"]]
    for _ in range(10):
        if not body["next"]:
            break
        body = client.get(body["next"]).json()
        seen += [row["siren"] for row in body["results"]]
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


def test_more_than_can_be_sorted_are_refused_with_how_to_go_on(
    company: Add, client: Client, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        company(f"GARAGE {number}")
    index()
    monkeypatch.setattr(indexed, "MAX_SORTED", 3)
    response = client.get(ADDRESS, {"q": "garage", "ordering": "nom"})
    assert (response.status_code, response.json()["code"]) == (400, "too-many-to-sort")
    assert "the order of relevance can be read to its end" in response.json()["detail"]
    assert answer(client, "garage")["total"] == 4


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("a" * 10_240, "query-too-long"),
        ("mot " * 1_000, "query-too-long"),
        (" ".join(f"m{number}" for number in range(17)), "query-too-long"),
        ("", "empty-query"),
        ("  \t ", "empty-query"),
    ],
)
def test_limits_are_a_400_that_says_them_and_cost_no_query(
    client: Client, ready: Index, typed: str, code: str
) -> None:
    ready()
    with CaptureQueriesContext(
        connection,
    ) as sent:
        response = client.get(ADDRESS, {"q": typed})
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert response["Content-Type"] == "application/problem+json"
    assert not sent.captured_queries


@pytest.mark.parametrize(
    "typed",
    ["%", "_", "'", '"', "a:b", "(((", "AND OR NOT", "🍕", "\\", "*", "a^2 ~ {x TO y]", "\u202e"],
)
def test_signs_are_never_an_error(company: Add, client: Client, ready: Index, typed: str) -> None:
    company("GARAGE")
    ready()
    assert answer(client, typed)["results"] == []


@one_table
def test_a_page_is_one_query_beside_the_index(company: Add, client: Client, index: Index) -> None:
    for number in range(3):
        company(f"GARAGE {number}")
    index()
    with CaptureQueriesContext(connection) as sent:
        answer(client, "garage")
    assert len(sent) == 1


def test_a_person_who_is_not_public_is_found_by_number_alone_and_counted_nowhere(
    company: Add, client: Client, ready: Index
) -> None:
    hidden = company(
        "GARAGE SECRET", statut_diffusion="P", categorie_juridique="1000", tranche_effectif="11", **LYON
    )
    company("GARAGE PUBLIC", **RENNES)
    ready()
    body = answer(client, "garage", facets="departement")
    assert names(body) == ["GARAGE PUBLIC"]
    assert [each["value"] for each in body["facets"]["departement"]] == ["35"]
    assert names(answer(client, "secret")) == []
    (row,) = answer(client, hidden.siren)["results"]
    assert row["siren"] == hidden.siren
    assert "SECRET" not in str(row)
