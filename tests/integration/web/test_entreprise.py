"""The pages of companies and establishments."""

import re
from collections.abc import Callable
from datetime import date
from itertools import chain
from typing import Any

import pytest
from django.templatetags.static import static
from django.test import Client

from foxreviews.core.rate_table import Rate
from foxreviews.descriptions.facts import Company
from foxreviews.descriptions.models import Description
from foxreviews.enterprise.by_siren import company_with_town
from foxreviews.enterprise.models import AncienNom, Entreprise, Etablissement, Succession
from foxreviews.reference.identifiers import is_siret
from tests.integration.web.conftest import BAKERY
from tests.integration.web.pages import Page, read

pytestmark = pytest.mark.django_db


def facts(page: Page) -> str:
    return re.sub(r"\s+", " ", page.text)


def test_it_says_what_the_register_says_address_first(client: Client, scene: Entreprise) -> None:
    page = read(client.get(f"/entreprise/{scene.siren}-le-fournil-de-lyon"))
    text = facts(page)
    terms = re.findall(r"<dt>(.*?)</dt>", page.html)
    assert terms[0] == "Adresse du siège"
    siren = f"{scene.siren[:3]} {scene.siren[3:6]} {scene.siren[6:]}"
    for expected in (
        "12 RUE DES LILAS", "69003 Lyon", siren, "Active : elle exerce", "1er avril 2003", "il y a",
        "Boulangerie et boulangerie-pâtisserie 10.71C", "10.71H", "10 à 19 salariés",
        "SAS, société par actions simplifiée", "Employeur avec salariés", "Entreprise de taille intermédiaire ETI",
        "AU BON PAIN nom commercial", "2 ouverts, 1 fermé", "LA MICHE",
        "LE VIEUX FOUR dénomination, 1er avril 2003 – 1er janvier 2010", "Établissements (adresses)",
        "00012 a repris 999 999 999 00015", "Même activité, même commune", "BOULANGERIE NUMERO",
        "Déclarer un changement",
    ):  # fmt: skip
        assert expected in text, expected
    assert "2019" not in text, "closed ones are one click away"
    closed = read(client.get(f"/entreprise/{scene.siren}-le-fournil-de-lyon?fermes=1"))
    assert "fermé 2019" in facts(closed)
    english = facts(read(client.get(f"/en/entreprise/{scene.siren}-le-fournil-de-lyon")))
    assert "10 to 19 employees" in english
    assert "former" in english.lower()


def test_search_engines_read_it_as_an_organisation(client: Client, scene: Entreprise) -> None:
    organization, way = read(client.get(f"/entreprise/{scene.siren}-le-fournil-de-lyon")).structured()
    assert organization["@type"] == "Organization"
    assert organization["name"] == "LE FOURNIL DE LYON"
    assert organization["address"]["postalCode"] == "69003"
    assert organization["numberOfEmployees"] == {"@type": "QuantitativeValue", "minValue": 10, "maxValue": 19}
    assert organization["identifier"]["value"].replace(" ", "") == scene.siren
    assert organization["foundingDate"] == "2003-04-01"
    assert [step["name"] for step in way["itemListElement"]] == [
        "Entreprises", "Rhône", "Lyon 3e", "LE FOURNIL DE LYON",
    ]  # fmt: skip


def test_one_company_has_one_address(client: Client, bakery: Entreprise) -> None:
    canonical = f"/entreprise/{bakery.siren}-le-fournil-de-lyon"
    siret = next(each for n in range(100) if is_siret(each := f"{bakery.siren}{n:05}"))
    spaced = f"{bakery.siren[:3]} {bakery.siren[3:6]} {bakery.siren[6:]}"
    for path in (f"/entreprise/{bakery.siren}", f"/entreprise/{bakery.siren}-other-name", f"{canonical}-x"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (301, canonical), path
    for path in (f"/entreprise/{spaced}", f"/entreprise/{siret}"):
        assert client.get(path, follow=True).redirect_chain[-1] == (canonical, 301), path
    assert client.get(f"/en/entreprise/{bakery.siren}")["Location"] == f"/en{canonical}"
    assert client.get("/entreprise/888888880", follow=True).redirect_chain[-1] == (canonical, 301)
    assert client.get("/entreprise/777777770").status_code == 410


def test_of_a_hidden_person_nothing_is_said_but_why(
    client: Client, person: Entreprise, etablissement: Callable[..., Any], index: Callable[[], None]
) -> None:
    etablissement(person.siren, 10, "CHEZ MARIE", est_siege=True, libelle_voie="DES LILAS", ville_nom="Lyon")
    index()
    for path in (
        f"/entreprise/{person.siren}",
        f"/etablissement/{person.siren}00010",
        f"/recherche?q={person.siren}",
    ):
        response = client.get(path)
        assert response.status_code == 200
        page = read(response)
        for secret in ("DUPONT", "MARIE", "LILAS", "45.76", "[ND]"):
            assert secret not in page.html, (path, secret)
    page = read(client.get(f"/entreprise/{person.siren}"))
    assert "diffusion partielle" in page.text
    assert page.all("meta", name="robots")[0]["content"] == "noindex"
    assert [thing["@type"] for thing in page.structured()] == ["BreadcrumbList"]
    assert client.get(f"/entreprise/{person.siren}-dupont-marie")["Location"] == f"/entreprise/{person.siren}"


def test_a_legal_person_that_is_not_public_keeps_its_name(client: Client, scene: Entreprise) -> None:
    made = Entreprise.objects.get(nom="HOLDING DISCRETE")
    page = read(client.get(f"/entreprise/{made.siren}-holding-discrete"))
    assert "La rue et les contacts ne sont pas publics" in page.text
    assert not [secret for secret in ("LILAS", "45.76", "[ND]") if secret in page.html]


def test_names_that_ended_have_their_days_and_source(client: Client, scene: Entreprise) -> None:
    AncienNom.objects.create(
        siren=scene.siren, nature="denomination_usuelle", nom="CHEZ LUC", date_fin=date(1999, 7, 4)
    )
    page = read(client.get(f"/entreprise/{scene.siren}-le-fournil-de-lyon"))
    assert "CHEZ LUC dénomination usuelle, jusqu’au 4 juillet 1999" in page.text
    assert {each["datetime"] for each in page.all("time")} >= {"1999-07-04", "2003-04-01", "2010-01-01"}
    assert "D’après l’historique" in page.text


def test_of_many_successions_the_latest_are_shown_and_all_are_one_click_away(
    client: Client, scene: Entreprise
) -> None:
    siret = f"{scene.siren}00012"
    company = f"/entreprise/{scene.siren}-le-fournil-de-lyon"
    pages = {company: f"entreprises/{scene.siren}", f"/etablissement/{siret}": f"etablissements/{siret}"}
    assert not any("/successions/" in client.get(path).text for path in pages)
    Succession.objects.bulk_create(
        Succession(
            predecesseur=f"{n:014}", successeur=siret, date=date(2004, 1, 1 + n), transfert_siege=False,
            continuite_economique=False,
        ) for n in range(25)
    )  # fmt: skip
    for path, of in pages.items():
        page = read(client.get(path))
        assert len([each for each in page.all("time") if each["datetime"].startswith("2004-01")]) == 20
        assert "25 janvier 2004" in page.text
        assert "1 avril 2003 : " not in page.text
        assert f"/api/{of}/successions/" in page.links()
        assert len(client.get(f"/api/{of}/successions/?page_size=100").json()["results"]) == 26


def test_where_its_town_has_no_other_of_its_trade_the_departement_is_looked_at(
    client: Client, towns: None, company: Callable[..., Entreprise], index: Callable[[], None]
) -> None:
    alone = company("CREPERIE", naf_code="56.10A", ville_id="69383", ville_nom="Lyon", departement="69")
    company("BOUCHON", naf_code="56.10A", ville_id="69123", ville_nom="Lyon", departement="69")
    index()
    page = read(client.get(f"/entreprise/{alone.siren}-creperie"))
    assert "Même activité, même département BOUCHON" in page.text


def test_what_the_register_does_not_say_is_named(
    client: Client, towns: None, company: Callable[..., Entreprise]
) -> None:
    made = company("LE FOUR", **BAKERY | {"tranche_effectif": "", "date_creation": None})
    page = read(client.get(f"/en/entreprise/{made.siren}-le-four"))
    assert "The register does not say: workforce, date of creation." in page.text


@pytest.mark.parametrize("page", ["/entreprise/{siren}-le-fournil-de-lyon", "/etablissement/{siren}00012"])
def test_it_says_how_data_is_corrected_and_hidden(client: Client, scene: Entreprise, page: str) -> None:
    links = {each["href"] for each in read(client.get(page.format(siren=scene.siren))).all("a")}
    assert {"https://formalites.entreprises.gouv.fr/", "https://statut-diffusion-sirene.insee.fr/"} <= links


def test_its_establishments_are_walked_to_the_last_and_back(
    client: Client, bakery: Entreprise, etablissement: Callable[..., Any]
) -> None:
    for number in range(100, 153):
        etablissement(bakery.siren, number, f"FOUR {number}")
    sirets = {
        *Etablissement.objects.filter(siren=bakery.siren, is_active=True).values_list("siret", flat=True)
    }
    path = f"/entreprise/{bakery.siren}-le-fournil-de-lyon"
    seen = walk(client, path, "/etablissement/")
    assert len(seen) == len({*seen}) == len(sirets)
    assert {each.removeprefix("/etablissement/") for each in seen} == sirets


def walk(client: Client, path: str, prefix: str) -> list[str]:
    """What a list leads to, from page to page by «next»; by «previous» it is the same in the other direction."""
    forward: list[list[str]] = []
    page = read(client.get(path))
    while True:
        forward.append(re.findall(rf'<h[23]><a href="({prefix}[^"]*)"', page.html))
        following = page.all("a", rel="next")
        assert bool(following) == bool(page.all("link", rel="next"))
        if not following:
            break
        page = read(client.get(following[0]["href"].partition("#")[0]))
    backward: list[list[str]] = []
    while previous := page.all("a", rel="prev"):
        page = read(client.get(previous[0]["href"].partition("#")[0]))
        backward.insert(0, re.findall(rf'<h[23]><a href="({prefix}[^"]*)"', page.html))
    assert len(forward) > 1
    assert backward == forward[:-1]
    return [*chain.from_iterable(forward)]


def test_an_establishment_says_where_it_is_and_whose(client: Client, scene: Entreprise) -> None:
    page = read(client.get(f"/etablissement/{scene.siren}00012"))
    for expected in (
        "AU BON PAIN",
        "12 RUE DES LILAS",
        "Siège de",
        "LE FOURNIL DE LYON",
        "a repris",
        "10.71C",
    ):
        assert expected in page.text
    spaced = client.get(f"/etablissement/{scene.siren[:3]} {scene.siren[3:]} 00012")
    assert (spaced.status_code, spaced["Location"]) == (301, f"/etablissement/{scene.siren}00012")


def test_it_is_described_and_says_who_has_written_that(
    client: Client, scene: Entreprise, settings: Any
) -> None:
    path = f"/entreprise/{scene.siren}-le-fournil-de-lyon"
    page = read(client.get(path))
    sentence = "LE FOURNIL DE LYON est une société par actions simplifiée créée le 1er avril 2003"
    assert sentence in page.text
    assert "Rédigé par des règles" in page.text
    assert page.all("meta", name="description")[0]["content"].startswith(sentence)
    assert page.all("meta", property="og:description")[0]["content"].startswith(sentence)
    settings.DESCRIPTION_URL = "http://127.0.0.1:9/v1"
    facts = Company.of(company_with_town(scene.siren) or {})
    Description.objects.create(
        kind=facts.kind, key=facts.key, facts=facts.hash, text="LE FOURNIL DE LYON est une SAS."
    )
    page = read(client.get(path))
    assert "LE FOURNIL DE LYON est une SAS. Formulé par un modèle de langue" in page.text


def test_its_establishments_are_on_a_map_numbered_as_in_the_list(
    client: Client, bakery: Entreprise, etablissement: Callable[..., Any]
) -> None:
    place = {"ville_id": "69383", "ville_nom": "Lyon"}
    for number in range(100, 130):
        etablissement(bakery.siren, number, latitude=45.7 + number / 1000, longitude=4.8, **place)
    path = f"/entreprise/{bakery.siren}-le-fournil-de-lyon"
    page = read(client.get(path))
    numbers = {int(each) for each in re.findall(r'<text y="4">(\d+)</text>', page.html)}
    assert numbers == {*range(1, 21)}
    assert len(page.all("circle", **{"class": "dot"})) >= 10, "those of the next page"
    assert page.html.count('<ol class="cards on-map">') == 1
    assert read(client.get(f"/etablissement/{bakery.siren}00100")).all("svg", role="img")


def test_where_a_company_that_is_not_public_stands_is_on_no_map(
    client: Client, person: Entreprise, scene: Entreprise, etablissement: Callable[..., Any]
) -> None:
    place = {"ville_id": "69383", "ville_nom": "Lyon", "latitude": 45.7612345, "longitude": 4.8512345}
    discreet = Entreprise.objects.get(nom="HOLDING DISCRETE")
    for each in (person, discreet):
        etablissement(each.siren, 10, "CHEZ MARIE", est_siege=True, statut_diffusion="P", **place)
    assert not read(client.get(f"/entreprise/{person.siren}")).all("svg", role="img")
    in_town = read(client.get(f"/entreprise/{discreet.siren}-holding-discrete"))
    assert len(in_town.all("svg", role="img")) == 1, "in the middle of its town"
    for each in (person, discreet):
        page = read(client.get(f"/etablissement/{each.siren}00010"))
        assert not page.all("svg", role="img")
        assert "45.76" not in page.html
        assert "MARIE" not in page.html


def test_a_name_with_marks_of_direction_turns_nothing_around(
    client: Client, towns: None, company: Callable[..., Entreprise]
) -> None:
    made = company("\u202eFOURNIL\x07 \u2066DU\u2069 PORT")
    page = read(client.get(f"/entreprise/{made.siren}", follow=True))
    assert page.structured()[0]["name"] == "FOURNIL DU PORT"
    assert not {"\u202e", "\u2066", "\x07"} & {*page.html}


def test_its_picture_is_its_own_and_is_asked_for_again_only_after_a_change(
    client: Client, scene: Entreprise
) -> None:
    page = read(client.get(f"/entreprise/{scene.siren}-le-fournil-de-lyon"))
    picture = page.all("meta", property="og:image")[0]["content"]
    assert picture == f"http://testserver/og/{scene.siren}.png"
    first = client.get(f"/og/{scene.siren}.png")
    assert (first.status_code, first["Content-Type"]) == (200, "image/png")
    assert first.content.startswith(b"\x89PNG")
    again = client.get(f"/og/{scene.siren}.png", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    ceased = Entreprise.objects.get(nom="BOULANGERIE DU PASSE").siren
    with_query = client.get(f"/og/{scene.siren}.png?v=1")
    assert (with_query.status_code, with_query["Location"]) == (301, f"/og/{scene.siren}.png")
    assert client.get(f"/en/og/{ceased}.png").content != client.get(f"/og/{ceased}.png").content


def test_who_is_hidden_has_the_picture_of_all_pages(client: Client, person: Entreprise) -> None:
    page = read(client.get(f"/entreprise/{person.siren}"))
    assert "/og/" not in page.html
    assert page.all("meta", property="og:image")[0]["content"].endswith(static("web/card.png"))
    response = client.get(f"/og/{person.siren}.png")
    assert (response.status_code, response["Location"]) == (302, static("web/card.png"))


def test_a_head_office_that_the_directory_lacks_is_no_link(
    client: Client, company: Callable[..., Entreprise], etablissement: Callable[..., Any]
) -> None:
    siren = company("FOURNIL").siren
    Entreprise.objects.filter(siren=siren).update(siret=f"{siren}00012")
    etablissement(siren, 20, "LA MICHE")
    page = read(client.get(f"/entreprise/{siren}-fournil"))
    assert f"/etablissement/{siren}00012" not in page.links()
    assert f"/etablissement/{siren}00020" in page.links()
    etablissement(siren, 12, est_siege=True)
    assert f"/etablissement/{siren}00012" in read(client.get(f"/entreprise/{siren}-fournil")).links()


def test_one_touch_calls_writes_and_leads_to_the_site_of_a_company(
    client: Client, company: Callable[..., Entreprise]
) -> None:
    made = company(
        "FOURNIL", telephone="01 99 00 12 34", email="contact@fournil.example", site_web="javascript:alert(1)"
    )
    page = read(client.get(f"/entreprise/{made.siren}-fournil"))
    links = {each["href"]: each.get("rel", "") for each in page.all("a")}
    assert {"tel:0199001234", "mailto:contact@fournil.example"} <= links.keys()
    assert "nofollow" in links["mailto:contact@fournil.example"]
    assert "javascript:alert(1)" in page.text, "what is no address stays text"
    assert not any(each.startswith("javascript") for each in links)


@pytest.mark.parametrize("key", ["000000000", "73282932", "%00", "x" * 300])
def test_no_picture_is_drawn_of_what_is_not_there(client: Client, db: None, key: str) -> None:
    assert client.get(f"/og/{key}.png").status_code == 404


def test_pictures_are_counted_for_a_client_as_pages_are(client: Client, db: None, settings: Any) -> None:
    settings.RATES = settings.RATES | {"page": Rate(1, 3600)}
    answers = [client.get("/og/000000000.png", REMOTE_ADDR="192.0.2.78") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 429]
