"""The admin's pages of companies, as an operator opens them on a directory of millions."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foxreviews.enterprise.admin import MAX_ROWS
from foxreviews.enterprise.models import (
    AncienNom,
    Correction,
    Entreprise,
    Etablissement,
    Modification,
    Succession,
)
from foxreviews.location.models import Ville

pytestmark = pytest.mark.django_db

LIST = "/admin/enterprise/entreprise/"
ESTABLISHMENTS = "/admin/enterprise/etablissement/"
SIREN = "732829320"


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    return client


@pytest.fixture
def lyon() -> Ville:
    return Ville.objects.create(
        code_insee="69123", nom="Lyon", slug="lyon", departement="69", nom_recherche="LYON"
    )


def company(**values: Any) -> Entreprise:
    return Entreprise.objects.create(**{"siren": SIREN, "nom": "BOULANGERIE DU PORT"} | values)


def many(count: int, **values: Any) -> None:
    Entreprise.objects.bulk_create(
        Entreprise(siren=f"{number:09d}", **{"nom": f"SOCIETE {number}"} | values) for number in range(count)
    )


def open_page(client: Client, url: str, **query: str) -> tuple[str, list[str]]:
    """The page, and the statements that it took."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode(), [statement["sql"] for statement in captured]


def listed(page: str) -> list[str]:
    """The SIRENs of the rows."""
    return re.findall(r'class="field-siren"[^>]*><a [^>]*>(\d{9})</a>', page)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"p": "3"},
        {"q": "societe"},
        {"is_active__exact": "1"},
        {"departement": "69"},
        {"departement": "69", "is_active__exact": "1", "q": "societe", "o": "1"},
        {"_facets": "True"},
    ],
)
def test_no_list_counts_the_table_or_reads_more_than_it_shows(
    operator: Client, query: dict[str, str]
) -> None:
    many(201, departement="69")
    _, statements = open_page(operator, LIST, **query)
    of_companies = [sql for sql in statements if 'FROM "enterprise_entreprise"' in sql]
    assert of_companies
    for sql in of_companies:
        assert "COUNT(" not in sql
        assert re.search(r" LIMIT (50|1000)\b", sql), sql
        assert "JOIN" not in sql
    assert len(statements) == 4  # session, user, the bound, the rows


def test_the_list_ends_at_its_bound(operator: Client) -> None:
    many(MAX_ROWS + 60)
    page, _ = open_page(operator, LIST)
    assert f"{MAX_ROWS} entreprises" in page
    assert "The first 1,000 companies are listed." in page
    last, _ = open_page(operator, LIST, p=str(MAX_ROWS // 50))
    assert len(listed(last)) == 50


def test_the_list_comes_newest_first_and_sorts_by_name(operator: Client) -> None:
    for siren, nom in (("100000001", "B"), ("100000002", "A"), ("100000003", "C")):
        company(siren=siren, nom=nom)
    assert listed(open_page(operator, LIST)[0]) == ["100000003", "100000002", "100000001"]
    assert listed(open_page(operator, LIST, o="1")[0]) == ["100000002", "100000001", "100000003"]


def test_only_columns_with_an_index_offer_to_sort(operator: Client) -> None:
    company()
    page, _ = open_page(operator, LIST)
    assert re.findall(r"sortable column-(\w+)", page) == ["siren", "nom"]


@pytest.mark.parametrize(
    "text",
    [
        "732829320",
        " 732 829 320 ",
        "732.829.320",
        "732 829 320 00074",
        "boulangerie",
        "port boul",
        "anger",
        "bo",
    ],
)
def test_a_company_is_found_by_its_numbers_and_by_parts_of_its_name(operator: Client, text: str) -> None:
    company()
    company(siren="552100554", nom="GARAGE BOUVIER")
    assert listed(open_page(operator, LIST, q=text)[0]) == [SIREN]


@pytest.mark.parametrize("text", ["boucherie", "552100554", "%", "73282932", "o'", '"', "\\"])
def test_what_no_company_has_finds_none(operator: Client, text: str) -> None:
    company()
    page, _ = open_page(operator, LIST, q=text)
    assert listed(page) == []


def test_a_person_under_partial_diffusion_is_found_by_siren_alone(operator: Client) -> None:
    company(nom="JEANNE MARTIN", statut_diffusion="P", categorie_juridique="1000")
    assert listed(open_page(operator, LIST, q="jeanne martin")[0]) == []
    assert listed(open_page(operator, LIST, q="je")[0]) == []
    assert listed(open_page(operator, LIST, q=SIREN)[0]) == [SIREN]


def test_the_filters_do_not_read_their_choices_from_the_table(
    operator: Client,
) -> None:
    company(departement="69")
    company(siren="552100554", departement="2A", is_active=False)
    page, _ = open_page(operator, LIST, departement="69")
    assert listed(page) == [SIREN]
    assert "2A Corse-du-Sud" in page
    assert listed(open_page(operator, LIST, is_active__exact="0")[0]) == ["552100554"]


def test_no_action_can_take_in_every_company(operator: Client) -> None:
    many(60)
    page, _ = open_page(operator, LIST)
    assert 'name="action"' not in page


def test_a_company_whose_town_is_not_loaded_is_listed_opened_and_saved(operator: Client) -> None:
    entreprise = company(ville_id="99999", ville_nom="ATLANTIS")
    assert listed(open_page(operator, LIST)[0]) == [SIREN]
    page, _ = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    assert 'value="99999"' in page
    assert save(operator, entreprise, page, nom="BOULANGERIE DES ILES") == ""
    entreprise.refresh_from_db()
    assert (entreprise.nom, entreprise.ville_id) == ("BOULANGERIE DES ILES", "99999")


def test_the_form_does_not_list_the_towns(operator: Client, lyon: Ville) -> None:
    Ville.objects.bulk_create(
        Ville(code_insee=f"01{n:03d}", nom=f"Bourg {n}", slug=f"bourg-{n}", departement="01")
        for n in range(300)
    )
    entreprise = company(ville=lyon)
    page, statements = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    assert "Bourg 7" not in page
    assert page.count("<option") < 20
    assert not any("COUNT(" in sql for sql in statements)
    assert all(" LIMIT " in sql for sql in statements if "location_ville" in sql)


def test_a_company_is_moved_to_another_town_by_its_code(operator: Client, lyon: Ville) -> None:
    entreprise = company()
    page, _ = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    assert save(operator, entreprise, page, code_commune="69123") == ""
    entreprise.refresh_from_db()
    assert entreprise.ville == lyon
    page, _ = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    assert save(operator, entreprise, page, code_commune="") == ""
    entreprise.refresh_from_db()
    assert entreprise.ville is None


def test_a_derived_code_that_is_corrected_by_hand_is_given_from_then_on(operator: Client) -> None:
    entreprise = company(naf_code="62.01Z", naf25_code="62.10Y", naf_derived="naf25_code")
    page, _ = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    assert save(operator, entreprise, page, naf_libelle="Programmation") == ""
    entreprise.refresh_from_db()
    assert entreprise.naf_derived == "naf25_code"
    page, _ = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    assert save(operator, entreprise, page, naf25_code="62.20G") == ""
    entreprise.refresh_from_db()
    assert (entreprise.naf25_code, entreprise.naf_derived) == ("62.20G", "")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("code_commune", "6912", "An INSEE code has five characters"),
        ("nom", "", "This field is required"),
    ],
)
def test_a_mistake_is_said_beside_its_field(operator: Client, field: str, value: str, message: str) -> None:
    entreprise = company()
    page, _ = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    assert message in save(operator, entreprise, page, **{field: value})


@pytest.mark.parametrize(
    ("siren", "message"), [("732829321", "This is not a SIREN"), (SIREN, "already exists")]
)
def test_a_company_is_added_with_a_siren_that_none_has(operator: Client, siren: str, message: str) -> None:
    company()
    page, _ = open_page(operator, f"{LIST}add/")
    response = operator.post(f"{LIST}add/", inputs(page) | {"siren": siren, "nom": "BOULANGERIE"})
    assert message in response.content.decode()


def test_what_is_typed_is_a_correction_and_is_told_and_nobody_changes_that(operator: Client) -> None:
    entreprise = company(adresse="1 RUE DU PORT")
    page, _ = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    assert save(operator, entreprise, page, nom="FOURNIL") == ""
    assert Entreprise.objects.get().nom == "FOURNIL"
    correction, entry = Correction.objects.get(), Modification.objects.get()
    assert (correction.field, correction.value, correction.register_value) == (
        "nom",
        "FOURNIL",
        "BOULANGERIE DU PORT",
    )
    assert (entry.action, entry.author) == ("corrected", "operator")
    for records, pk in (("correction", correction.pk), ("modification", entry.pk)):
        address = f"/admin/enterprise/{records}/"
        assert "FOURNIL" in open_page(operator, address, q=SIREN)[0]
        assert 'name="_save"' not in open_page(operator, f"{address}{pk}/change/")[0]
        assert operator.post(f"{address}{pk}/change/", {"value": "X"}).status_code == 403
        assert operator.post(f"{address}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert (
        f"/admin/enterprise/modification/?q={SIREN}"
        in open_page(operator, f"{LIST}{entreprise.pk}/change/")[0]
    )


def test_what_another_has_written_since_the_page_was_made_is_not_typed_over(operator: Client) -> None:
    entreprise = company(adresse="1 RUE DU PORT", date_creation="2012-03-04", latitude=45.5, longitude=4.5)
    address = f"{LIST}{entreprise.pk}/change/"
    page, _ = open_page(operator, address)
    assert f'value="{Client().get(f"/api/entreprises/{SIREN}/")["ETag"].rpartition("-")[2][:-1]}"' in page
    Entreprise.objects.update(adresse="9 RUE DU PORT")
    operator.post(address, inputs(page) | {"nom": "FOURNIL"})
    assert "has changed since it was read" in open_page(operator, address)[0]
    stored = Entreprise.objects.get()
    assert (stored.nom, stored.adresse) == ("BOULANGERIE DU PORT", "9 RUE DU PORT")
    assert not Correction.objects.exists()


def test_what_a_company_does_not_take_is_said_and_not_written(operator: Client) -> None:
    entreprise = company(statut_diffusion="P", categorie_juridique="5710")
    page, _ = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    operator.post(f"{LIST}{entreprise.pk}/change/", inputs(page) | {"telephone": "0102030405"})
    assert "only the register says its telephone" in open_page(operator, f"{LIST}{entreprise.pk}/change/")[0]
    assert not Modification.objects.exists()


def test_a_company_that_is_deleted_is_told(operator: Client) -> None:
    entreprise = company()
    assert operator.post(f"{LIST}{entreprise.pk}/delete/", {"post": "yes"}).status_code == 302
    assert [(each.siren, each.action) for each in Modification.objects.all()] == [(SIREN, "deleted")]


def test_a_company_is_added_by_hand(operator: Client) -> None:
    page, _ = open_page(operator, f"{LIST}add/")
    values = inputs(page) | {"siren": SIREN, "nom": "BOULANGERIE"}
    response = operator.post(f"{LIST}add/", values)
    assert response.status_code == 302
    assert Entreprise.objects.get().siren == SIREN


def test_a_company_shows_its_former_names_and_successions_and_leads_to_its_establishments(
    operator: Client,
) -> None:
    entreprise = company()
    AncienNom.objects.create(siren=SIREN, nature="denomination", nom="LE <FOURNIL>", date_fin="2019-12-31")
    AncienNom.objects.bulk_create(
        AncienNom(siren=SIREN, nature="nom", nom=f"NOM {number}", date_fin="2001-01-01")
        for number in range(60)
    )
    taken = {"date": "2020-03-04", "transfert_siege": False, "continuite_economique": True}
    Succession.objects.create(predecesseur="55210055400013", successeur=f"{SIREN}00021", **taken)
    page, statements = open_page(operator, f"{LIST}{entreprise.pk}/change/")
    assert "LE &lt;FOURNIL&gt; (dénomination, jusqu'au 2019-12-31)" in page
    assert "2020-03-04 : 55210055400013 → 73282932000021" in page
    assert f'href="{ESTABLISHMENTS}?q={SIREN}"' in page
    more = [sql for sql in statements if "anciennom" in sql or "succession" in sql]
    assert len(more) == 2
    assert all(" LIMIT 50" in sql for sql in more)
    assert "Registre" in open_page(operator, f"{LIST}add/")[0]


@pytest.mark.parametrize("query", [{}, {"q": SIREN}, {"departement": "69"}, {"departement": "69", "p": "2"}])
def test_no_list_of_establishments_counts_the_table_or_reads_more_than_it_shows(
    operator: Client, query: dict[str, str]
) -> None:
    Etablissement.objects.bulk_create(
        Etablissement(siret=f"{SIREN}{number:05}", siren=SIREN, departement="69") for number in range(120)
    )
    _, statements = open_page(operator, ESTABLISHMENTS, **query)
    of_establishments = [sql for sql in statements if 'FROM "enterprise_etablissement"' in sql]
    assert len(statements) == 4  # session, user, the bound, the rows
    for sql in of_establishments:
        assert "COUNT(" not in sql
        assert re.search(r" LIMIT (50|1000)\b", sql), sql


def test_an_establishment_is_found_by_its_numbers_and_looked_at_and_not_changed(operator: Client) -> None:
    Etablissement.objects.create(
        siret=f"{SIREN}00021", siren=SIREN, nom_commercial="LE FOURNIL", ville_id="99999", latitude=45.5
    )
    Etablissement.objects.create(siret="55210055400013", siren="552100554")
    for text in ("732 829 320 00021", SIREN):
        page, _ = open_page(operator, ESTABLISHMENTS, q=text)
        assert re.findall(r'class="field-siret"[^>]*><a [^>]*>(\d{14})</a>', page) == [f"{SIREN}00021"]
    assert "0 établissements" in open_page(operator, ESTABLISHMENTS, q="fournil")[0]
    address = f"{ESTABLISHMENTS}{SIREN}00021/change/"
    page, _ = open_page(operator, address)
    assert all(text in page for text in ("LE FOURNIL", "99999", "45.5"))
    assert 'name="_save"' not in page
    assert operator.post(address, {"nom_commercial": "X"}).status_code == 403
    assert operator.get(f"{ESTABLISHMENTS}add/").status_code == 403


def save(client: Client, entreprise: Entreprise, page: str, **changes: str) -> str:
    """Send the form as the browser would, with the changes; what it answers when it refuses."""
    response = client.post(f"{LIST}{entreprise.pk}/change/", inputs(page) | changes)
    return "" if response.status_code == 302 else response.content.decode()


def inputs(page: str) -> dict[str, str]:
    """What a browser would send of the page's form."""
    values = {}
    for tag in re.findall(r"<input[^>]*>", page):
        given = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if given.get("type") != "checkbox" or " checked" in tag:
            values[given.get("name", "")] = given.get(
                "value", "on" if given.get("type") == "checkbox" else ""
            )
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        values[name] = (re.findall(r'value="([^"]*)" selected', options) or [""])[0]
    return values
