"""/api/entreprises/ and its filters, as a client sees them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foxreviews.enterprise.by_siren import companies_by_siren, company_with_town
from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.reference.text import town_key
from tests.shape import one_table

Add = Callable[..., Any]


def add_town(code_insee: str, nom: str, slug: str, **fields: object) -> Ville:
    return Ville.objects.create(
        code_insee=code_insee,
        nom=nom,
        slug=slug,
        departement=code_insee[:2],
        nom_recherche=town_key(nom),
        **fields,
    )


@pytest.fixture
def found(client: Client, db: None) -> Callable[..., list[str]]:
    """found(naf="62"): the names of the companies that pass the filters."""

    def names(**params: object) -> list[str]:
        answer = client.get("/api/entreprises/", params | {"ordering": "nom"})
        assert answer.status_code == 200, answer.content
        return [row["nom"] for row in answer.json()["results"]]

    return names


def refusal(client: Client, **params: object) -> dict[str, Any]:
    answer = client.get("/api/entreprises/", params)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    return dict(answer.json())


def test_the_newest_company_comes_first_and_a_page_has_twenty(company: Add, client: Client) -> None:
    for n in range(21):
        company(f"N{n}")
    answer = client.get("/api/entreprises/").json()
    assert [row["nom"] for row in answer["results"]] == [f"N{n}" for n in range(20, 0, -1)]
    assert answer["next"].startswith("http://testserver/api/entreprises/?cursor=")
    assert answer["previous"] is None


@pytest.mark.parametrize("typed", ["Saint-Étienne", "saint etienne", "ST ETIENNE", "Saint Étienne Cedex 2"])
def test_a_town_is_found_by_its_name_however_it_is_typed(company: Add, found: Any, typed: str) -> None:
    add_town("42218", "Saint-Étienne", "saint-etienne")
    company("A", ville_nom="Saint-Étienne")
    company("B", ville_nom="Saint-Chamond")
    assert found(ville_nom=typed) == ["A"]


def test_a_town_that_is_no_ville_is_found_by_the_register_s_spelling(company: Add, found: Any) -> None:
    company("A", ville_nom="MONTRÉAL QC")
    assert found(ville_nom="MONTRÉAL QC") == ["A"]


def test_a_city_has_the_companies_of_its_districts(company: Add, found: Any) -> None:
    paris = add_town("75056", "Paris", "paris")
    add_town("75115", "Paris 15e Arrondissement", "paris-15e-arrondissement", commune=paris)
    company("IN THE 15TH", ville_id="75115")
    company("SOMEWHERE IN PARIS", ville_id="75056")
    company("IN LYON", ville_id="69381")
    assert found(ville="paris") == found(ville="75056") == ["IN THE 15TH", "SOMEWHERE IN PARIS"]
    assert found(ville="paris-15e-arrondissement") == found(ville="75115") == ["IN THE 15TH"]
    assert found(ville="75115, 69381") == ["IN LYON", "IN THE 15TH"]


def test_another_name_of_a_town_and_the_code_of_a_former_commune_find_its_companies(
    company: Add, found: Any
) -> None:
    add_town("06004", "Antibes", "antibes", appellations=["JUAN LES PINS"], codes_anciens=["06999"])
    add_town("06155", "Vallauris", "vallauris", appellations=["ANTIBES"])
    company("IN ANTIBES", ville_id="06004", ville_nom="Antibes")
    company("IN VALLAURIS", ville_id="06155", ville_nom="Vallauris")
    company("IN A HOMONYM", ville_id="38999", ville_nom="Antibes")
    assert found(ville_nom="Juan-les-Pins") == found(ville="06999") == ["IN ANTIBES"]
    assert found(ville_nom="antibes") == ["IN A HOMONYM", "IN ANTIBES"]  # a town's own name before another's
    assert found(ville_nom="Juan-les-Pins", ville="06004") == ["IN ANTIBES"]
    assert found(ville_nom="Juan-les-Pins", ville="06155") == []


def test_of_several_values_any_will_do(company: Add, found: Any) -> None:
    company("A", code_postal="75001", departement="75", naf_code="47.11A")
    company("B", code_postal="75002", departement="75", naf_code="47.11B")
    company("C", code_postal="92100", departement="92", naf_code="62.01Z", naf25_code="62.10Y")
    company("D", code_postal="69003", departement="69", naf_code="56.10A")
    assert found(code_postal="75001,75002") == ["A", "B"]
    assert found(departement="75,92") == found(departement=["75", "92"]) == ["A", "B", "C"]
    assert found(naf="47.11A,47.11B") == ["A", "B"]
    assert found(naf="47.11A,62") == found(naf="47.11A,62.01Z,62.10Y") == ["A", "C"]
    assert found(naf="47.11A,62.01Z", departement="92,69") == ["C"]


@pytest.mark.parametrize("ordering", ["-created_at", "created_at", "nom", "-nom"])
def test_a_list_by_several_values_is_walked_to_its_end_each_company_once_both_ways(
    company: Add, client: Client, ordering: str
) -> None:
    for n in range(12):
        company(f"N{n:02}", departement=("75", "92", "69")[n % 3])
    address = {"departement": "75,92", "page_size": "3", "ordering": ordering}
    forward: list[list[str]] = []
    answer = client.get("/api/entreprises/", address).json()
    while True:
        forward.append([row["nom"] for row in answer["results"]])
        if not answer["next"]:
            break
        answer = client.get(answer["next"]).json()
    assert sorted(nom for page in forward for nom in page) == [f"N{n:02}" for n in range(12) if n % 3 < 2]
    back = [forward[-1]]
    while answer["previous"]:
        answer = client.get(answer["previous"]).json()
        back.insert(0, [row["nom"] for row in answer["results"]])
    assert back == forward


def test_an_insee_code_is_taken_as_it_is_also_where_no_town_has_it_yet(company: Add, found: Any) -> None:
    company("A", ville_id="2A004")
    assert found(ville="2a004") == ["A"]


def test_an_unknown_town_is_refused_with_where_to_look(client: Client, db: None) -> None:
    body = refusal(client, ville="attlantis")
    assert "/api/villes/?q=attlantis" in body["errors"]["ville"][0]


def test_filters_are_all_to_be_passed(company: Add, found: Any) -> None:
    company("A", code_postal="75011", departement="75", naf_code="62.01Z", is_active=True)
    company("B", code_postal="75011", departement="75", naf_code="62.02A", is_active=False)
    company("C", code_postal="69003", departement="69", naf_code="56.10A", is_active=True)
    assert found(code_postal="75011") == ["A", "B"]
    assert found(departement="75", is_active="true") == ["A"]
    assert found(naf="62") == ["A", "B"]
    assert found(naf="6202A") == ["B"]
    assert found(naf="62.0", is_active="false") == ["B"]
    assert found(naf="I") == ["C"]
    assert found(naf="J", departement="69") == []


def test_a_beginning_of_a_trade_takes_nothing_beside_it(company: Add, found: Any) -> None:
    for code in ("61.90Z", "62.01Z", "62.09Z", "62.1", "63.11Z", "", "A"):
        company(f"[{code}]", naf_code=code)
    assert found(naf="62.0") == ["[62.01Z]", "[62.09Z]"]
    assert found(naf="62") == ["[62.01Z]", "[62.09Z]", "[62.1]"]


def test_links_keep_the_filters(company: Add, client: Client) -> None:
    for n in range(4):
        company(f"N{n}", departement="75")
        company(f"X{n}", departement="69")
    names: list[str] = []
    url = "/api/entreprises/?departement=75&page_size=3&ordering=nom"
    while url:
        answer = client.get(url).json()
        names += [row["nom"] for row in answer["results"]]
        url = answer["next"]
    assert names == ["N0", "N1", "N2", "N3"]


def test_a_misspelt_filter_is_refused_not_ignored(client: Client, db: None) -> None:
    body = refusal(client, departements="75")
    assert body["code"] == "invalid-parameters"
    assert "Did you mean departement?" in body["detail"]


@pytest.mark.parametrize(
    ("code", "params"), [("invalid-cursor", {"cursor": "x"}), ("empty-query", {"q": " "})]
)
def test_a_refusal_has_a_code_for_programs(
    client: Client, db: None, code: str, params: dict[str, str]
) -> None:
    assert refusal(client, **params)["code"] == code


@pytest.mark.parametrize(
    "typed",
    [
        "732 829 320",
        "732.829.320",
        "732-829-320",
        "73282932000074",
        "732 829 320 00074",
        "FR44732829320",
        "fr 44 732 829 320",
    ],
)
def test_any_number_of_a_company_leads_to_its_address_for_good(client: Client, db: None, typed: str) -> None:
    answer = client.get(f"/api/entreprises/{typed}/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/api/entreprises/732829320/")


@pytest.mark.parametrize("typed", ["85780252", "85 780 252", "8578025200046"])
def test_a_number_without_its_leading_zero_leads_to_its_company(
    company: Add, client: Client, typed: str
) -> None:
    company("FOX", siren="085780252")
    assert client.get(f"/api/entreprises/{typed}/", follow=True).json()["nom"] == "FOX"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("73282932000075", "SIRET"),
        ("85780253", "SIREN without its leading zeros"),
        ("FR44732829321", "VAT number"),
    ],
)
def test_a_number_whose_key_is_wrong_is_refused_with_the_reason(
    client: Client, db: None, typed: str, kind: str
) -> None:
    answer = client.get(f"/api/entreprises/{typed}/")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-siren")
    assert answer.json()["detail"].startswith(
        f"{typed} is no {kind}: its last digit, which checks the others"
    )


@one_table
@pytest.mark.parametrize("address", ["/api/entreprises/732829320/", "/api/entreprises/?q=RCS 732 829 320"])
def test_a_number_costs_one_statement(company: Add, client: Client, address: str) -> None:
    company("FOX", siren="732829320")
    with CaptureQueriesContext(connection) as sent:
        assert client.get(address).status_code == 200
    assert len(sent) == 1


def test_a_company_by_its_number_is_the_row_that_django_reads(company: Add) -> None:
    add_town("69383", "Lyon 3e Arrondissement", "lyon-3e-arrondissement")
    company("FOX", siren="732829320", ville_id="69383", latitude=45.75, date_creation="2001-02-03")
    company("AUTRE", siren="622012748")
    found = companies_by_siren(["732829320", "622012748", "085780252"])
    assert set(found) == {"732829320", "622012748"}
    for siren, row in found.items():
        theirs = Entreprise.objects.filter(siren=siren)
        assert theirs.values().get().items() <= row.items()
        town = theirs.values(town_nom=F("ville__nom"), town_slug=F("ville__slug")).get()
        assert company_with_town(siren) == row | town | {"anciens_noms": [], "doublon_de": None}
    assert company_with_town("085780252") is None


def test_a_company_by_itself_has_its_labels_and_its_town(company: Add, client: Client) -> None:
    add_town("75115", "Paris 15e Arrondissement", "paris-15e-arrondissement")
    company("FOX", siren="732829320", categorie_juridique="5710", tranche_effectif="11", ville_id="75115")
    answer = client.get("/api/entreprises/732829320/").json()
    assert answer["categorie_juridique_libelle"] == "SAS, société par actions simplifiée"
    assert answer["tranche_effectif_libelle"] == "10 à 19 salariés"
    assert answer["ville"] == {
        "code_insee": "75115",
        "nom": "Paris 15e Arrondissement",
        "slug": "paris-15e-arrondissement",
    }


@pytest.mark.parametrize("code_commune", [None, "99999"])
def test_a_company_whose_town_the_directory_has_not_has_null(
    company: Add, client: Client, code_commune: str | None
) -> None:
    company("FOX", siren="732829320", ville_id=code_commune)
    answer = client.get("/api/entreprises/732829320/").json()
    assert (answer["ville"], answer["code_commune"]) == (None, code_commune)


def test_a_siren_that_the_directory_has_not_is_not_found(client: Client, db: None) -> None:
    answer = client.get("/api/entreprises/732829320/")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "The directory has no company with the SIREN 732829320."


def test_the_answer_to_a_mistyped_siren_says_to_check_it(client: Client, db: None) -> None:
    answer = client.get("/api/entreprises/732829321/")
    assert answer.status_code == 404
    assert "check the number" in answer.json()["detail"]


@pytest.mark.parametrize("typed", ["12", "abc", "0612345678", "٧٣٢٨٢٩٣٢٠", "%00", "x" * 3_000])
def test_what_is_no_siren_is_refused_with_what_one_is(client: Client, db: None, typed: str) -> None:
    answer = client.get(f"/api/entreprises/{typed}/")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid-siren"
    assert "nine digits, as in 732 829 320" in answer.json()["detail"]
    assert len(answer.content) < 400


def test_an_address_without_its_last_slash_leads_to_the_one_with_it(client: Client, db: None) -> None:
    assert client.get("/api/entreprises?page_size=1").headers["Location"] == "/api/entreprises/?page_size=1"
