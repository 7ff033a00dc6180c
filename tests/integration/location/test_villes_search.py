"""/api/villes/?q=… answered from the index of search, and without one."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foxreviews.api.villes.serializers import VilleSerializer
from foxreviews.api.villes.views import VillePagination
from foxreviews.location.models import Ville
from foxreviews.search.engines.tantivy import TantivyIndex


def add(code: str, nom: str, **values: Any) -> Ville:
    known = {"slug": f"slug-{code}".lower(), "departement": code[:2], **values}
    return Ville.objects.create(code_insee=code, nom=nom, **known)


def names(client: Client, **query: Any) -> list[str]:
    response = client.get("/api/villes/", query)
    assert response.status_code == 200, response.content
    return [town["nom"] for town in response.json()["results"]]


@pytest.mark.parametrize(
    ("typed", "nom"),
    [
        ("marseile", "Marseille"),
        ("saint etiene", "Saint-Étienne"),
        ("aix en provance", "Aix-en-Provence"),
        ("lyon 3e", "Lyon 3e Arrondissement"),
        ("etienne saint", "Saint-Étienne"),
        ("saintetienne", "Saint-Étienne"),
    ],
)
def test_a_town_is_found_though_it_is_misspelt(client: Client, index: Any, typed: str, nom: str) -> None:
    for place, each in enumerate(
        ("Marseille", "Lyon", "Lyon 3e Arrondissement", "Aix-en-Provence", "Saint-Étienne")
    ):
        add(f"0100{place}", each)
    assert names(client, q="marseile") == []
    index()
    assert names(client, q=typed) == [nom]


def test_a_town_has_the_same_fields_from_the_index(client: Client, index: Any) -> None:
    add("42218", "Saint-Étienne", population=173_136, codes_postaux=["42000"], region="84")
    before = client.get("/api/villes/", {"q": "saint"}).json()
    index()
    assert client.get("/api/villes/", {"q": "saint"}).json() == before
    assert list(before["results"][0]) == list(VilleSerializer().fields)


def test_a_page_from_the_index_is_one_query(client: Client, index: Any) -> None:
    add("69123", "Lyon")
    index()
    for ordering in ("pertinence", "nom"):
        with CaptureQueriesContext(connection) as captured:
            assert names(client, q="lion", ordering=ordering) == ["Lyon"]
        assert len(captured) == 1


def test_the_filters_narrow_what_the_index_finds(client: Client, index: Any) -> None:
    add("93066", "Saint-Denis", codes_postaux=["93200"], region="11", population=1)
    add("97411", "Saint-Denis", codes_postaux=["97400"], region="04", population=2, departement="974")
    index()
    for ordering in ("pertinence", "nom", "-population"):
        query = {"q": "st dennis", "ordering": ordering}
        assert len(names(client, **query)) == 2
        for narrowed in ({"departement": "93"}, {"region": "11"}, {"code_postal": "93200"}):
            answer = client.get("/api/villes/", query | narrowed).json()
            assert [town["code_insee"] for town in answer["results"]] == ["93066"]


@pytest.mark.parametrize("typed", ["saint", "saint-mar", "sa", "siant", "zz"])
@pytest.mark.parametrize("ordering", [*VillePagination.orderings, "pertinence"])
def test_any_search_is_walked_to_its_end_each_town_once_both_ways(
    client: Client, index: Any, typed: str, ordering: str
) -> None:
    for place, nom in enumerate(("Saint-Martin", "Saint-Marc", "Saint", "Sens", "Sainte", "Saint-Marc") * 3):
        add(f"{place:05}", nom, population=[None, 0, 5][place % 3])
    index()
    query = {"q": typed, "ordering": ordering}
    whole = client.get("/api/villes/", query | {"page_size": "100"}).json()
    every = [town["code_insee"] for town in whole["results"]]
    assert len(set(every)) == len(every)
    forward, last = walked(client, query, "next")
    assert forward == every
    back = [code for page in reversed(list(pages(client, last, "previous"))) for code in page]
    assert back == every


def walked(client: Client, query: dict[str, str], direction: str) -> tuple[list[str], str]:
    met: list[str] = []
    answer = client.get("/api/villes/", query | {"page_size": "4"})
    while True:
        met += [town["code_insee"] for town in answer.json()["results"]]
        url = answer.json()[direction]
        if not url:
            return met, answer.wsgi_request.build_absolute_uri()
        answer = client.get(url)


def pages(client: Client, url: str | None, direction: str) -> Any:
    while url:
        answer = client.get(url).json()
        yield [town["code_insee"] for town in answer["results"]]
        url = answer[direction]


@pytest.mark.parametrize(("first", "second"), [("tantivy", "postgres"), ("postgres", "tantivy")])
def test_a_walk_goes_on_when_the_index_is_made_or_lost(
    client: Client, index: Any, settings: Any, first: str, second: str
) -> None:
    for place in range(5):
        add(f"0100{place}", "Saint-Martin", population=place)
    index()
    settings.SEARCH_ENGINE = first
    answer = client.get("/api/villes/", {"q": "saint", "page_size": "2"}).json()
    settings.SEARCH_ENGINE = second
    rest = client.get(answer["next"]).json()
    assert [town["population"] for town in answer["results"] + rest["results"]] == [4, 3, 2, 1]


def test_towns_are_found_without_typos_where_the_index_is_damaged(
    client: Client, index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: Any, **__: Any) -> None:
        raise ValueError("An IO error occurred: a file is gone")

    add("01001", "Lyon")
    index()
    monkeypatch.setattr(TantivyIndex, "ranks", damaged)
    assert names(client, q="lyo") == ["Lyon"]


def test_a_town_that_was_removed_since_is_left_out(client: Client, index: Any) -> None:
    add("01001", "Lyon")
    add("01002", "Lyonnel")
    index()
    Ville.objects.filter(code_insee="01001").delete()
    assert names(client, q="lyon") == ["Lyonnel"]


@pytest.mark.parametrize(
    "typed", ["(((", "a:b", "AND OR NOT", "🍕a", "a\x00b", "a" * 100, "l'", "%a", "1" * 99]
)
def test_hostile_text_is_only_text(client: Client, index: Any, typed: str) -> None:
    index()
    for ordering in ("pertinence", "nom"):
        response = client.get("/api/villes/", {"q": typed, "ordering": ordering})
        assert response.status_code in (200, 400)
