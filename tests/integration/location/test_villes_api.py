"""/api/villes/ as its clients see it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foxreviews.api.villes.serializers import VilleDetailSerializer, VilleSerializer
from foxreviews.location.models import Ville

pytestmark = pytest.mark.django_db

Load = Callable[..., dict[str, Any]]
Add = Callable[..., Ville]


@pytest.fixture
def add(db: None) -> Add:
    """add("42218", "Saint-Étienne", population=…): a town."""

    def create(code: str, nom: str, **values: Any) -> Ville:
        slug = f"slug-{code}".lower()
        return Ville.objects.create(
            **{"code_insee": code, "nom": nom, "slug": slug, "departement": code[:2], **values}
        )

    return create


def names(client: Client, **query: Any) -> list[str]:
    response = client.get("/api/villes/", query)
    assert response.status_code == 200, response.content
    return [town["nom"] for town in response.json()["results"]]


def test_a_town_in_the_list_has_every_field_the_schema_declares(load: Load, client: Client) -> None:
    load()
    town = next(row for row in client.get("/api/villes/").json()["results"] if row["code_insee"] == "69383")
    assert list(town) == list(VilleSerializer().fields)
    assert town == {
        "code_insee": "69383",
        "nom": "Lyon 3e Arrondissement",
        "slug": "lyon-3e-arrondissement",
        "codes_postaux": ["69003"],
        "departement": "69",
        "region": "84",
        "population": town["population"],
        "latitude": 45.7,
        "longitude": 4.9,
        "commune": "69123",
    }


def test_a_town_by_itself_has_its_departement_its_region_and_its_districts(
    load: Load, client: Client
) -> None:
    load()
    town = client.get("/api/villes/69123/").json()
    assert list(town) == list(VilleDetailSerializer().fields)
    assert (town["nom"], town["departement_nom"], town["region_nom"]) == (
        "Lyon",
        "Rhône",
        "Auvergne-Rhône-Alpes",
    )
    assert town["arrondissements"] == [
        {"code_insee": "69381", "nom": "Lyon 1er Arrondissement", "slug": "lyon-1er-arrondissement"},
        {"code_insee": "69383", "nom": "Lyon 3e Arrondissement", "slug": "lyon-3e-arrondissement"},
    ]
    assert client.get("/api/villes/69383/").json()["arrondissements"] == []


def test_a_town_of_corsica_is_found_in_small_letters(add: Add, client: Client) -> None:
    add("2A004", "Ajaccio")
    assert client.get("/api/villes/2a004/").json()["nom"] == "Ajaccio"


def test_a_town_that_is_in_no_departement_has_empty_names_for_it(load: Load, client: Client) -> None:
    load()
    monaco = client.get("/api/villes/99138/").json()
    assert (monaco["departement"], monaco["departement_nom"], monaco["region_nom"]) == ("", "", "")


@pytest.mark.parametrize("code", ["75015", "zzz", "%00", "é" * 60])
def test_an_unknown_code_is_answered_with_what_to_do(client: Client, code: str) -> None:
    response = client.get(f"/api/villes/{code}/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == "not-found"
    assert "/api/villes/?q=" in problem["detail"]
    assert "/api/villes/?code_postal=" in problem["detail"]


@pytest.mark.parametrize("q", ["st etienne", "Saint-Étienne", "SAINT ETIENNE", "saint-ét", "  st   e"])
def test_the_beginning_of_a_name_finds_it_accents_and_capitals_aside(
    add: Add, client: Client, q: str
) -> None:
    add("42218", "Saint-Étienne")
    add("42207", "Saint-Chamond")
    assert names(client, q=q) == ["Saint-Étienne"]


def test_the_two_letters_of_saint_also_begin_other_names(add: Add, client: Client) -> None:
    add("42218", "Saint-Étienne", population=173_136)
    add("67482", "Strasbourg", population=293_771)
    assert names(client, q="st") == ["Strasbourg", "Saint-Étienne"]


def test_the_town_of_exactly_that_name_comes_first_then_the_most_populous(add: Add, client: Client) -> None:
    add("27348", "Lyons-la-Forêt", population=750)
    add("69383", "Lyon 3e Arrondissement", population=100_679)
    add("69999", "Lyonnel")
    add("69123", "Lyon", population=10)
    assert names(client, q="lyon") == ["Lyon", "Lyon 3e Arrondissement", "Lyons-la-Forêt", "Lyonnel"]


def test_a_wildcard_is_not_one(add: Add, client: Client) -> None:
    add("69123", "Lyon")
    assert names(client, q="l%n") == names(client, q="ly_n") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"departement": "2a"}, ["Ajaccio"]),
        ({"region": "94"}, ["Ajaccio"]),
        ({"code_postal": "20090"}, ["Ajaccio"]),
        ({"code_postal": "99999"}, []),
        ({"q": "a", "departement": "80"}, ["Amiens"]),
        ({}, ["Ajaccio", "Amiens"]),
    ],
)
def test_the_filters_let_through_the_towns_that_pass_all(
    add: Add, client: Client, query: dict[str, str], expected: list[str]
) -> None:
    add("2A004", "Ajaccio", region="94", codes_postaux=["20000", "20090"])
    add("80021", "Amiens", region="32", codes_postaux=["80000"])
    assert names(client, **query) == expected


def test_names_are_in_alphabetical_order_accents_aside(add: Add, client: Client) -> None:
    for code, nom in (
        ("69081", "Écully"),
        ("59000", "Zuydcoote"),
        ("67000", "Eckwersheim"),
        ("91200", "égly"),
    ):
        add(code, nom)
    assert names(client) == ["Eckwersheim", "Écully", "égly", "Zuydcoote"]
    assert names(client, ordering="-nom") == ["Zuydcoote", "égly", "Écully", "Eckwersheim"]


def test_the_most_populous_first_and_those_of_unknown_population_last(add: Add, client: Client) -> None:
    add("00001", "Unknown")
    add("00002", "Small", population=3)
    add("00003", "Large", population=3_000_000)
    assert names(client, ordering="-population") == ["Large", "Small", "Unknown"]
    assert names(client, ordering="population") == ["Unknown", "Small", "Large"]


@pytest.mark.parametrize(
    "query", ["ordering=nom", "ordering=-nom", "ordering=population", "ordering=-population", "q=a"]
)
def test_a_client_that_follows_the_links_meets_every_town_once_both_ways(
    add: Add, client: Client, query: str
) -> None:
    for number in range(23):  # few names and populations: most towns share theirs
        add(f"{number:05d}", "AB"[number % 2] * (1 + number % 3), population=[None, 0, 5][number % 3])
    expected = sorted(code for code, name in codes_and_names() if query != "q=a" or name[0] == "A")
    forward = list(pages(client, f"/api/villes/?page_size=4&{query}", "next"))
    met = [code for page, _ in forward for code in page]
    assert sorted(met) == expected
    back = list(pages(client, forward[-1][1], "previous"))
    assert [code for page, _ in reversed(back) for code in page] == met


def codes_and_names() -> Iterator[tuple[str, str]]:
    yield from Ville.objects.values_list("code_insee", "nom")


def pages(client: Client, url: str | None, direction: str) -> Iterator[tuple[list[str], str]]:
    while url:
        answer = client.get(url).json()
        yield [town["code_insee"] for town in answer["results"]], url
        url = answer[direction]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"departement": "1"}, "1 is not the code of a département"),
        ({"region": "99"}, "99 is not the code of a région"),
        ({"code_postal": "7501"}, "A postal code has five digits."),
        ({"q": "!!"}, "It has no letter or digit."),
        ({"q": ""}, "Give a value, or leave the parameter out."),
        ({"ordering": "pertinence"}, "It is one of nom, -nom, population, -population."),
        ({"page_size": "101"}, "It is a whole number from 1 to 100."),
        ({"dept": "75"}, "There is no such parameter."),
    ],
)
def test_what_is_not_understood_is_refused_with_a_sentence(
    client: Client, query: dict[str, str], sentence: str
) -> None:
    response = client.get("/api/villes/", query)
    assert response.status_code == 400
    assert response.json()["code"] == "invalid-parameters"
    assert sentence in response.json()["detail"]


def test_a_page_is_one_query_and_a_town_two(load: Load, client: Client) -> None:
    load()
    for url, queries in (
        ("/api/villes/?q=lyon", 1),
        ("/api/villes/?page_size=2", 1),
        ("/api/villes/69123/", 2),
    ):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        assert len(captured) == queries


def test_every_query_reads_its_index(db: None, client: Client) -> None:
    Ville.objects.bulk_create(
        Ville(
            code_insee=f"{number:05d}", nom=f"TOWN {number}", slug=f"town-{number}", nom_recherche=f"TOWN {number}",
            departement=f"{number % 97:02d}", codes_postaux=[f"{number:05d}"], population=number * 7 % 5000,
        )
        for number in range(5000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE location_ville")
        for query, index in (
            ({"q": "saint-etienne"}, "location_ville_recherche_idx"),
            ({"ordering": "nom"}, "location_ville_recherche_idx"),
            ({"ordering": "-population"}, "location_ville_population_idx"),
            ({"code_postal": "42000"}, "location_ville_cp_idx"),
            ({"departement": "42", "ordering": "-population"}, "location_ville_departement_idx"),
        ):
            with CaptureQueriesContext(connection) as captured:
                names(client, **query)
            cursor.execute(f"EXPLAIN {captured[0]['sql']}")
            assert index in str(cursor.fetchall()), query
