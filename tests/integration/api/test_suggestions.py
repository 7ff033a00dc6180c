"""/api/suggestions/, as a person who is typing sees it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foxreviews.location.models import Ville
from tests.shape import one_table

Add = Callable[..., Any]
Index = Callable[[], None]
LYON = {"ville_nom": "Lyon", "code_postal": "69003", "ville_id": "69383"}


def town(code: str, nom: str, **values: Any) -> Ville:
    known = {"slug": f"slug-{code}".lower(), "departement": code[:2], **values}
    return Ville.objects.create(code_insee=code, nom=nom, **known)


def suggested(client: Client, typed: str, **params: Any) -> list[dict[str, str]]:
    response = client.get("/api/suggestions/", {"q": typed} | params)
    assert response.status_code == 200, response.content
    found: list[dict[str, str]] = response.json()["results"]
    return found


def labels(client: Client, typed: str, **params: Any) -> list[str]:
    return [each["label"] for each in suggested(client, typed, **params)]


@pytest.fixture(params=["index", "postgres"])
def ready(request: pytest.FixtureRequest, index: Index) -> Index:
    """ready(): the suggestions come from an index of what there is now, or from PostgreSQL alone."""
    return index if request.param == "index" else lambda: None


def test_a_company_a_town_and_a_trade_come_with_what_tells_them_apart_and_their_link(
    company: Add, client: Client, ready: Index
) -> None:
    company("BOULIER SAS", siren="732829320", **LYON)
    town("92012", "Boulogne-Billancourt", population=120_000)
    company("X", naf_code="10.71C")
    ready()
    by_kind = {each["kind"]: each for each in suggested(client, "bouL")}
    assert by_kind["entreprise"] == {
        "kind": "entreprise",
        "label": "BOULIER SAS",
        "detail": "69003 Lyon",
        "code": "732829320",
        "siret": "",
        "url": "http://testserver/api/entreprises/732829320/",
    }
    assert by_kind["ville"] == {
        "kind": "ville",
        "label": "Boulogne-Billancourt",
        "detail": "Hauts-de-Seine (92)",
        "code": "92012",
        "siret": "",
        "url": "http://testserver/api/villes/92012/",
    }
    assert by_kind["activite"]["url"] == (
        f"http://testserver/api/entreprises/?naf={by_kind['activite']['detail']}"
    )
    for each in by_kind.values():
        assert client.get(each["url"]).status_code == 200


@pytest.mark.parametrize("typed", ["programmation info", "légumes melons"])
def test_a_trade_of_both_nomenclatures_is_suggested_once(
    company: Add, client: Client, ready: Index, typed: str
) -> None:
    company("X", naf_code="62.01Z", naf25_code="62.10Y", naf_derived="naf25_code")
    company("Y", naf_code="01.13Z", naf25_code="01.13Y", naf_derived="naf25_code")
    ready()
    (trade,) = (each for each in suggested(client, typed) if each["kind"] == "activite")
    assert client.get(trade["url"]).json()["results"]


@pytest.mark.parametrize("typed", ["", " ", "b", "!", "é", "l'", " a ", "%", "日本"])
def test_less_than_two_letters_suggest_nothing_and_say_so(client: Client, ready: Index, typed: str) -> None:
    ready()
    answer = client.get("/api/suggestions/", {"q": typed})
    assert answer.status_code == 200
    assert answer.json() == {"detail": "Suggestions begin with 2 letters or digits.", "results": []}


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({}, "Give what was typed so far"),
        ({"q": "bou", "limit": "0"}, "It is a whole number from 1 to 20."),
        ({"q": "bou", "limit": "21"}, "It is a whole number from 1 to 20."),
        ({"q": "bou", "limit": "9" * 5_000}, "It is a whole number from 1 to 20."),
        ({"q": "bou", "limit": "x"}, "It is a whole number from 1 to 20."),
        ({"q": "bou", "page": "2"}, "There is no such parameter."),
        ({"q": "x" * 257}, "at most 256 characters"),
        ({"q": "xy " * 17 + "z"}, None),
        ({"q": " ".join(f"mot{number}" for number in range(17))}, "at most 16 words"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_sentence(
    client: Client, db: None, params: dict[str, str], sentence: str | None
) -> None:
    response = client.get("/api/suggestions/", params)
    assert response.status_code == (400 if sentence else 200)
    assert sentence is None or sentence in response.json()["detail"]


@pytest.mark.parametrize("limit", [1, 2, 5, 20])
def test_there_are_as_many_as_asked_for_and_each_kind_has_its_share(
    company: Add, client: Client, ready: Index, limit: int
) -> None:
    for n in range(30):
        company(f"MARTEL {n}")
        town(f"{n + 1001:05}", f"Marteau {n}")
    ready()
    found = suggested(client, "mart", limit=limit)
    assert len(found) == limit
    assert len({each["code"] for each in found}) == limit
    towns = [each for each in found if each["kind"] == "ville"]
    assert len(towns) == max(1, limit * 3 // 10)


def test_the_likeliest_come_first(company: Add, client: Client, index: Index) -> None:
    company("ORANGERIE DU PARC", tranche_effectif="53")
    company("ORANGE", tranche_effectif="00")
    company("ORANGE BANK", tranche_effectif="51")
    town("84087", "Orange", population=29_000)
    town("01001", "Orangeville", population=90_000)
    index()
    assert labels(client, "orange") == ["Orange", "ORANGE", "Orangeville", "ORANGERIE DU PARC", "ORANGE BANK"]


@pytest.mark.parametrize(
    ("nom", "typed"),
    [
        ("BOULANGERIE MARTIN", "boulangerie mar"),
        ("BOULANGERIE MARTIN", "martin boul"),
        ("TOTALENERGIES", "total ener"),
        ("TOTAL ENERGIES", "totalener"),
        ("L'OREAL", "oré"),
        ("SAINT GOBAIN", "st gob"),
        ("3M FRANCE", "3m"),
        ("S.N.C.F.", "snc"),
        ("CARREFOUR", "carefour"),
        ("CARREFOUR", "carrefour lyo"),
        ("MATTHIEU DURAND", "mathieu dur"),
    ],
)
def test_a_company_is_suggested_before_it_is_spelt_out(
    company: Add, client: Client, index: Index, nom: str, typed: str
) -> None:
    company(nom, **LYON)
    company("ZYGOMATIQUE")
    index()
    assert labels(client, typed) == [nom]


def test_a_town_and_a_trade_are_suggested_though_they_are_misspelt(
    company: Add, client: Client, index: Index
) -> None:
    town("13055", "Marseille")
    company("X", naf_code="43.22A")
    index()
    assert labels(client, "marseil") == labels(client, "marsielle") == ["Marseille"]
    assert labels(client, "plombeir") == ["Travaux d'installation d'eau et de gaz en tous locaux"]


def test_what_is_misspelt_is_not_suggested_beside_what_is_not(
    company: Add, client: Client, index: Index
) -> None:
    company("CARREFOUR")
    town("01001", "Carrefours-le-Vieux")
    town("01002", "Carrefoul")
    index()
    assert labels(client, "carrefour") == ["CARREFOUR", "Carrefours-le-Vieux"]


@pytest.mark.parametrize(
    "typed", ["mystere", "jeanne", "mys", "48000", "mende", "732 829 320", "[nd]", "mystere mende"]
)
def test_a_person_who_is_not_public_is_never_suggested(
    company: Add, client: Client, ready: Index, typed: str
) -> None:
    hidden = {"categorie_juridique": "1000", "statut_diffusion": "P"}
    place = {"ville_nom": "Mende", "code_postal": "48000"}
    company("MYSTERE JEANNE", siren="732829320", nom_commercial="MYSTERE", **hidden, **place)
    ready()
    assert all(each["kind"] == "activite" for each in suggested(client, typed))


def test_a_number_suggests_its_company(company: Add, client: Client, ready: Index) -> None:
    company("FOX", siren="732829320")
    ready()
    assert labels(client, "732 829 320") == labels(client, "73282932000074") == ["FOX"]


def test_a_postal_code_suggests_its_towns(client: Client, index: Index) -> None:
    town("69383", "Lyon 3e Arrondissement", codes_postaux=["69003"])
    index()
    assert labels(client, "69003") == labels(client, "6900") == ["Lyon 3e Arrondissement"]


def test_another_name_of_a_town_suggests_it(client: Client, ready: Index) -> None:
    town("06004", "Antibes", nom_recherche="ANTIBES", appellations=["JUAN LES PINS"])
    town("25520", "Saint-Juan", nom_recherche="SAINT JUAN")
    ready()
    assert labels(client, "Juan-les-Pins") == ["Antibes"]


def test_another_name_of_a_town_suggests_it_before_it_is_spelt_out(client: Client, index: Index) -> None:
    town("06004", "Antibes", nom_recherche="ANTIBES", appellations=["JUAN LES PINS"])
    index()
    for typed in ("juan les pi", "juan-les-p", "juann les pins"):
        assert labels(client, typed) == ["Antibes"]


def test_a_company_that_is_renamed_or_gone_is_not_shown_as_it_was(
    company: Add, client: Client, index: Index
) -> None:
    gone, kept = company("ALPHA UN"), company("ALPHA DEUX")
    index()
    gone.delete()
    assert [each["code"] for each in suggested(client, "alpha")] == [kept.siren]


@one_table
def test_suggestions_are_two_queries(company: Add, client: Client, index: Index) -> None:
    company("BOULIER", naf_code="10.71C")
    town("92012", "Boulogne-Billancourt")
    index()
    with CaptureQueriesContext(connection) as captured:
        assert len(suggested(client, "boul")) >= 3
    assert len(captured) == 2


@pytest.mark.parametrize(
    "typed",
    ["'; DROP TABLE x", "a:b", "(((aa", "AND OR NOT", "%%aa", "__aa", "\\aa", "🍕🍕 pizza", "aa\u202ebb", "a" * 256,
     '"aa', "aa*", "aa~2", "[aa TO bb]", "\ufeffaa", "ﬁn", "İİ", "ßß", "1" * 200, "-- aa", "<script>"],
)  # fmt: skip
def test_hostile_text_is_only_text(company: Add, client: Client, ready: Index, typed: str) -> None:
    company("AUTRE CHOSE")
    ready()
    assert "AUTRE CHOSE" not in labels(client, typed)


def test_a_nul_is_refused(client: Client, db: None) -> None:
    assert client.get("/api/suggestions/?q=a%00b").status_code == 400


def test_the_index_of_the_api_has_the_address(client: Client, db: None) -> None:
    assert client.get("/api/").json()["suggestions"] == "http://testserver/api/suggestions/"
