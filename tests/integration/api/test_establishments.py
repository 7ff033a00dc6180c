"""Establishments that are searched, suggested and near a point."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foxreviews.api.etablissements import found
from foxreviews.core.keyset import Window
from foxreviews.enterprise import etablissements
from foxreviews.enterprise.filters import Filters
from foxreviews.enterprise.models import Etablissement
from foxreviews.search.engine import Search
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.query.types import Hits, Query

Add = Callable[..., Any]
SIREN, OTHER = "732829320", "552100554"
LYON = {"ville_nom": "Lyon", "ville_id": "69383", "code_postal": "69003", "departement": "69"}
NANTES = {"ville_nom": "Nantes", "ville_id": "44109", "code_postal": "44000", "departement": "44"}
PLACES = "/api/etablissements/"


@pytest.fixture
def directory(company: Add, etablissement: Add, index: Callable[[], None]) -> None:
    """DURAND in Lyon with shops in Nantes and Lyon, MARTIN in Nantes, each with its head office."""
    company("DURAND", siren=SIREN, naf_code="10.71C", **LYON)
    company("MARTIN", siren=OTHER, naf_code="10.71C", **NANTES)
    etablissement(SIREN, 1, est_siege=True, latitude=45.76, longitude=4.85, **LYON)
    etablissement(SIREN, 2, "LE FOURNIL", latitude=47.22, longitude=-1.55, libelle_voie="CRÉBILLON", **NANTES)
    etablissement(SIREN, 3, "LE FOURNIL", **LYON)
    etablissement(SIREN, 4, "LE FOURNIL", is_active=False, **NANTES)
    etablissement(SIREN, 5, "", **NANTES)
    etablissement(OTHER, 1, "CHEZ MARTIN", est_siege=True, latitude=47.21, longitude=-1.56, **NANTES)
    index()


def get(address: str, **params: Any) -> dict[str, Any]:
    response = Client().get(address, params)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def sirets(body: dict[str, Any]) -> list[str]:
    return [row["siret"] for row in body["results"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "fournil nantes"}, [(SIREN, 4), (SIREN, 2)]),
        ({"q": "fournil nantes", "is_active": "true"}, [(SIREN, 2)]),
        ({"q": "fournil"}, [(SIREN, 4), (SIREN, 3), (SIREN, 2)]),
        ({"q": "fournil", "departement": "69"}, [(SIREN, 3)]),
        ({"q": "fournil", "est_siege": "true"}, []),
        ({"q": "durand nantes"}, [(SIREN, 5), (SIREN, 4), (SIREN, 2)]),
        ({"q": "durand lyon", "est_siege": "true"}, [(SIREN, 1)]),
        ({"q": "durand crebillon nantes"}, [(SIREN, 2)]),
        ({"q": "boulangerie nantes"}, [(OTHER, 1), (SIREN, 5), (SIREN, 4), (SIREN, 2)]),
        ({"q": "martin"}, [(OTHER, 1)]),
        ({"q": "martin", "siren": SIREN}, []),
        ({"q": SIREN, "is_active": "true"}, [(SIREN, 5), (SIREN, 3), (SIREN, 2), (SIREN, 1)]),
        ({"q": "fournil", "near": "47.22,-1.55"}, [(SIREN, 2)]),
        ({"q": "zzzz"}, []),
    ],
)
def test_establishments_are_found_by_words_and_filters(
    directory: None, asked: dict[str, str], found: list[tuple[str, int]]
) -> None:
    body = get(PLACES, **asked)
    assert sirets(body) == [f"{siren}{number:05}" for siren, number in found]
    assert (body["total"], body["engine"]) == (None, "tantivy")


def test_a_page_is_shorter_where_the_time_ends_and_next_leads_on(
    directory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "COMPANIES", 1)
    whole = sirets(get(PLACES, q="boulangerie nantes"))
    search, asked = Search.search, list[Window]()

    def short(engine: Search, query: Query, filters: Filters, window: Window) -> Hits:
        asked.append(window)
        if len(asked) == 2:
            raise SearchTimeoutError("It took too long.")
        return search(engine, query, filters, window)

    monkeypatch.setattr(Search, "search", short)
    body = get(PLACES, q="boulangerie nantes")
    rest = Client().get(body["next"]).json()
    assert sirets(body) == whole[:1]
    assert sirets(body) + sirets(rest) == whole
    asked[:] = asked[:1]
    assert Client().get(PLACES, {"q": "boulangerie nantes"}).status_code == 503


@pytest.mark.parametrize("typed", ["durand", "boulangerie nantes", "fournil", SIREN])
def test_a_search_of_establishments_is_walked_to_its_end_both_ways(
    directory: None, company: Add, etablissement: Add, index: Callable[[], None], typed: str
) -> None:
    for number in range(8):
        siren = company(f"DURAND {number}", naf_code="10.71C", **LYON).siren
        for nic in range(2, 5):
            etablissement(siren, nic, "FOURNIL", **NANTES)
    index()
    every = sirets(get(PLACES, q=typed, page_size=100))
    assert len(every) == len(set(every)) > 2
    met, url = list[str](), f"{PLACES}?q={typed}&page_size=2"
    while url:
        body, last = get(url), url
        met, url = met + sirets(body), body["next"]
    assert met == every
    back, url = list[str](), last
    while url:
        body = get(url)
        back, url = sirets(body) + back, body["previous"]
    assert back == every


def test_a_page_ends_where_hardly_an_establishment_passes_and_leads_on(
    directory: None, company: Add, etablissement: Add, index: Callable[[], None], monkeypatch: Any
) -> None:
    from foxreviews.api.etablissements import found

    monkeypatch.setattr(found, "COMPANIES", 1)
    monkeypatch.setattr(found, "MAX_BATCHES", 2)
    for number in range(7):
        etablissement(company(f"DURAND {number}", tranche_effectif="53", **LYON).siren, 2, **LYON)
    index()
    met, pages, url = list[str](), 0, f"{PLACES}?q=durand&departement=44"
    while url:
        body = get(url)
        met, url, pages = met + sirets(body), body["next"], pages + 1
    assert met == [f"{SIREN}{number:05}" for number in (5, 4, 2)]
    assert pages > 3


def test_facets_count_the_establishments_that_pass_the_filters_where_they_are_asked_for(
    directory: None,
) -> None:
    def counted(names: str, **params: str) -> Any:
        body = get(PLACES, facets=names, **params)
        return body["total"], {
            name: {each["value"]: each["count"] for each in values} for name, values in body["facets"].items()
        }

    Etablissement.objects.filter(siret=f"{OTHER}00001").update(naf_code="10.71C", tranche_effectif="NN")
    assert counted("departement,is_active") == (
        6,
        {"departement": {"44": 4, "69": 2}, "is_active": {"true": 5, "false": 1}},
    )
    assert counted("ville,naf_section", departement="44") == (
        4,
        {"ville": {"44109": 4}, "naf_section": {"C": 1}},
    )
    assert counted("departement", near="47.22,-1.55") == (2, {"departement": {"44": 2}})
    assert counted("tranche_effectif", departement="01") == (0, {"tranche_effectif": {}})
    assert "facets" not in get(PLACES)
    assert get("/api/entreprises/", facets="departement")["total"] == 2


def test_more_establishments_than_can_be_counted_in_time_are_not_counted(
    directory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(etablissements, "MAX_COUNTED", 4)
    assert get(PLACES, facets="departement", departement="44")["total"] == 4
    response = Client().get(PLACES, {"facets": "departement"})
    assert (response.status_code, response.json()["code"]) == (400, "too-many-to-count")
    assert len(get(PLACES)["results"]) == 6


@pytest.mark.parametrize(
    ("address", "params", "sentence"),
    [
        (PLACES, {"q": "durand", "ordering": "siret"}, "pertinence"),
        (PLACES, {"ordering": "pertinence"}, "siret"),
        (PLACES, {"q": "durand", "facets": "departement"}, "not counted"),
        (PLACES, {"facets": "siret"}, "is not a facet"),
        ("/api/entreprises/", {"near": "47,1", "q": "durand"}, "near"),
        ("/api/entreprises/", {"near": "47,1", "facets": "departement"}, "near"),
        ("/api/entreprises/", {"near": "47,1", "ordering": "nom"}, "distance"),
        ("/api/entreprises/", {"near": "47"}, "degrees"),
        ("/api/entreprises/", {"radius_km": "5"}, "near"),
    ],
)
def test_what_does_not_go_together_is_refused(
    db: None, address: str, params: dict[str, str], sentence: str
) -> None:
    response = Client().get(address, params)
    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_the_companies_near_a_point_come_nearest_first_by_their_head_offices(directory: None) -> None:
    near = {"near": "47.22,-1.55", "radius_km": "100"}
    body = get("/api/entreprises/", **near)
    assert [row["siren"] for row in body["results"]] == [OTHER]
    assert 0.5 < body["results"][0]["distance_km"] < 2
    assert get("/api/entreprises/", **near, naf="62")["results"] == []
    assert get("/api/entreprises/", **near, naf="10.71C", is_active="true", ordering="distance")["results"]


def test_companies_near_a_point_are_walked_to_the_end(company: Add, etablissement: Add) -> None:
    for number in range(9):
        siren = company(f"N {number}", **NANTES).siren
        etablissement(siren, 1, est_siege=True, latitude=47.2 + (8 - number) // 2 / 100, longitude=-1.5)
    near = "near=47.2,-1.5&radius_km=20"
    first = get(f"/api/entreprises/?{near}")["results"]
    assert [row["distance_km"] for row in first] == sorted(row["distance_km"] for row in first)
    every = [row["siren"] for row in first]
    met, url = list[str](), f"/api/entreprises/?{near}&page_size=2"
    while url:
        body = get(url)
        met, url = met + [row["siren"] for row in body["results"]], body["next"]
    assert met == every
    assert len(set(met)) == 9


@pytest.mark.parametrize("typed", ["fournil", "fourn", "fournil nan", "nantes fournil"])
def test_signs_are_suggested_with_their_company_establishment_and_town(directory: None, typed: str) -> None:
    (sign,) = (each for each in get("/api/suggestions/", q=typed)["results"] if each["kind"] == "enseigne")
    assert (sign["label"], sign["detail"], sign["code"], sign["siret"]) == (
        "LE FOURNIL",
        "44000 Nantes",
        SIREN,
        f"{SIREN}00002",
    )
    assert sign["url"].endswith(f"{PLACES}{SIREN}00002/")


def test_a_company_is_suggested_by_its_name_and_no_sign_by_a_town_alone(directory: None) -> None:
    for typed in ("durand", "nantes", "dura"):
        assert "enseigne" not in {each["kind"] for each in get("/api/suggestions/", q=typed)["results"]}
