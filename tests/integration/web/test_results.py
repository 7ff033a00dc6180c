"""The results of a search, without JavaScript."""

import re
from collections.abc import Callable
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from foxreviews.enterprise.models import AncienNom, Entreprise
from tests.integration.web.pages import Page, read
from tests.integration.web.test_entreprise import walk

pytestmark = pytest.mark.django_db


def summary(page: Page) -> str:
    (found,) = re.findall(r'<p id="summary".*?>(.*?)</p>', page.html, re.DOTALL)
    return " ".join(re.sub(r"<.*?>", "", found).split())


def test_it_says_what_was_understood_and_each_part_can_be_taken_out(
    client: Client, scene: Entreprise
) -> None:
    page = read(client.get("/recherche?q=boulangerie+lyon"))
    assert summary(page) == "26 entreprises actives"
    assert "boulangerie nom ou activité" in page.text
    assert "lyon commune" in page.text
    (without,) = (each["href"] for each in page.all("a") if each.get("aria-label") == "Retirer lyon")
    assert without == "/recherche?q=boulangerie"
    assert page.all("input", name="q")[0]["value"] == "boulangerie lyon"


def test_a_hit_shows_its_name_marked_and_the_other_name_it_was_found_by(
    client: Client, scene: Entreprise
) -> None:
    page = read(client.get("/recherche?q=au+bon+pain"))
    assert "nom commercial : AU BON PAIN" in page.text
    assert "<mark>BON</mark>" in page.html
    assert "12 RUE DES LILAS" in page.text
    assert f"SIREN {scene.siren[:3]} {scene.siren[3:6]} {scene.siren[6:]}" in page.text


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("nom_commercial", "nom commercial"),
        ("enseigne", "enseigne"),
        ("sigle", "sigle"),
        ("pseudonyme", "pseudonyme"),
        ("nom_naissance", "nom de naissance"),
        ("denomination_usuelle", "dénomination usuelle"),
        ("ancien_nom", "ancien nom"),
    ],
)
def test_each_kind_of_other_name_is_said(
    client: Client, company: Callable[..., Entreprise], index: Callable[[], None], kind: str, said: str
) -> None:
    if kind == "nom_commercial":
        company("LE FOURNIL", nom_commercial="XYLOPHAGE")
    else:
        made = company("LE FOURNIL", autres_noms="" if kind == "ancien_nom" else f"{kind}:XYLOPHAGE")
        if kind == "ancien_nom":
            AncienNom.objects.create(
                siren=made.siren, nature="denomination", nom="XYLOPHAGE", date_fin=date(2010, 1, 1)
            )
    index()
    page = read(client.get("/recherche?q=xylophage"))
    assert f"LE FOURNIL {said} : XYLOPHAGE" in page.text
    assert "<mark>XYLOPHAGE</mark>" in page.html


def test_each_hit_says_its_state_in_words(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/recherche?q=boulangerie&cessees=1&ordering=nom"))
    hits = re.findall(r"<li>\s*<h2>(.*?)</li>", page.html, re.DOTALL)
    assert len(hits) == 20
    for hit in hits:
        ceased = "BOULANGERIE</mark> DU PASSE" in hit
        assert (">cessée</span>" in hit, "· active</span>" in hit) == (ceased, not ceased)


def test_active_ones_come_alone_and_ceased_ones_are_one_click_away(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/recherche?q=boulangerie"))
    assert "BOULANGERIE DU PASSE" not in page.text
    (link,) = (each["href"] for each in page.all("a") if "cessees" in each["href"])
    every = read(client.get(link))
    assert summary(every) == "27 entreprises, cessées comprises"
    exact = read(client.get("/recherche?q=boulangerie+du+passe"))
    assert "BOULANGERIE DU PASSE" in exact.text
    assert "cess" in exact.text


def test_a_ceased_company_is_shown_where_no_active_one_is_found(client: Client, scene: Entreprise) -> None:
    siren = Entreprise.objects.get(nom="BOULANGERIE DU PASSE").siren
    page = read(client.get(f"/recherche?q={siren}"))
    assert "BOULANGERIE DU PASSE" in page.text
    assert "Aucune entreprise active" in page.text


def test_facets_are_links_with_counts_that_hold(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/recherche?ville=69383"))
    assert summary(page) == "28 entreprises actives"
    facets = re.findall(r'<li><a href="([^"]*naf=[^"]*)".*?<span class="count">(\d+)</span>', page.html)
    assert facets
    for link, count in facets:
        narrowed = read(client.get(link.replace("&amp;", "&")))
        assert summary(narrowed).split()[0] == count


def test_category_and_employer_narrow_a_list_in_the_order_of_the_index(
    client: Client, scene: Entreprise, index: Callable[[], None]
) -> None:
    Entreprise.objects.filter(siren=scene.siren).update(categorie_entreprise="GE", est_employeur=False)
    index()
    page = read(client.get("/recherche?ville=69383&ordering=nom"))
    links = r'<li><a href="([^"]*(?:categorie_|est_)[^"]*)".*?<span class="count">(\d+)</span>'
    facets = dict(re.findall(links, page.html))
    assert {"categorie_entreprise=GE", "est_employeur=false"} <= {link.split("&amp;")[-1] for link in facets}
    for link, count in facets.items():
        narrowed = read(client.get(link.replace("&amp;", "&")))
        assert summary(narrowed).split()[0] == count
        assert "de A à Z" not in narrowed.text, "the index has no other order"
    one = read(client.get("/recherche?categorie_entreprise=GE&est_employeur=false"))
    assert "Grande entreprise" in one.text
    assert "sans salarié" in one.text
    assert summary(one) == "1 entreprise active"
    assert client.get("/recherche?categorie_entreprise=TPE").status_code == 400


def test_results_are_walked_to_the_last_and_back(client: Client, scene: Entreprise) -> None:
    for path in (
        "/recherche?q=boulangerie",
        "/recherche?ville=69383",
        "/recherche?q=boulangerie&ordering=nom",
    ):
        seen = walk(client, path, "/entreprise/")
        assert len(seen) == len({*seen})
        assert len(seen) == int(summary(read(client.get(path))).split()[0])


def test_an_order_that_many_cannot_have_is_left_out(
    client: Client, scene: Entreprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foxreviews.search.engines.indexed.MAX_SORTED", 5)
    monkeypatch.setattr("foxreviews.web.choices.MAX_SORTED", 5)
    answer = client.get("/recherche?q=boulangerie&ordering=nom")
    assert (answer.status_code, answer["Location"]) == (302, "/recherche?q=boulangerie")
    assert "de A à Z" not in read(client.get("/recherche?q=boulangerie")).text


def test_they_can_be_had_as_json_by_the_same_filters(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/recherche?q=boulangerie&departement=69"))
    link = page.all("a", type="application/json")[0]["href"]
    assert parse_qs(urlsplit(link).query) == {
        "q": ["boulangerie"],
        "departement": ["69"],
        "is_active": ["true"],
    }
    assert client.get(link).json()["total"] == int(summary(page).split()[0])


def test_all_of_them_can_be_had_as_a_file_by_the_same_filters(client: Client, scene: Entreprise) -> None:
    for path, query in (
        (
            "/recherche?q=boulangerie&departement=69&ordering=nom",
            {"q": ["boulangerie"], "departement": ["69"], "is_active": ["true"]},
        ),
        ("/recherche?tranche_effectif=11&cessees=1", {"tranche_effectif": ["11"]}),
    ):  # fmt: skip
        (link,) = (each["href"] for each in read(client.get(path)).all("a", type="text/csv"))
        assert urlsplit(link).path == "/api/exports/entreprises.csv"
        assert parse_qs(urlsplit(link).query) == query
        assert client.head(link).status_code == 200


def test_what_is_shown_for_want_of_active_ones_is_what_is_handed_on(
    client: Client, scene: Entreprise
) -> None:
    siren = Entreprise.objects.get(nom="BOULANGERIE DU PASSE").siren
    page = read(client.get(f"/recherche?q={siren}"))
    assert client.get(page.all("a", type="application/json")[0]["href"]).json()["total"] == 1
    (feed,) = page.all("link", type="application/atom+xml")
    assert "BOULANGERIE DU PASSE" in client.get(feed["href"]).text


def test_several_values_of_a_filter_are_taken_off_one_by_one(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/recherche?departement=69,44&tranche_effectif=11"))
    links = {
        each["aria-label"]: each["href"]
        for each in page.all("a")
        if each.get("aria-label", "").startswith("Retirer")
    }
    assert links["Retirer Loire-Atlantique (44)"] == "/recherche?departement=69&tranche_effectif=11"
    assert links["Retirer 10 à 19 salariés"] == "/recherche?departement=69%2C44"
    for link in links.values():
        assert client.get(link).status_code == 200


def test_what_only_the_index_lists_is_walked_too(client: Client, scene: Entreprise) -> None:
    seen = walk(client, "/recherche?tranche_effectif=11", "/entreprise/")
    assert len(seen) == len({*seen}) == 28
    assert client.get("/recherche?tranche_effectif=11&ordering=nom").status_code == 400


def test_nothing_found_says_which_word_and_what_is_near(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/recherche?q=boulangerie+xqzwvk+vvvv"))
    assert summary(page) == "Aucune entreprise trouvée"
    assert "boulangerie 26 xqzwvk introuvable" in page.text, "as many as its link shows: active ones"
    assert "passe 1 xqzwvk introuvable" in read(client.get("/recherche?q=passe+xqzwvk+vvvv")).text, (
        "a ceased one"
    )
    assert "/recherche?q=boulangerie" in page.links(), "the query without the words that are found nowhere"
    assert "Avec les autres mots : boulangerie 26" in page.text
    near = read(client.get("/recherche?q=creperie&departement=69"))
    assert "sans le filtre « Rhône (69) »" in near.text


def test_nothing_found_in_a_place_leads_to_the_wider_ones_that_have_it(
    client: Client, scene: Entreprise
) -> None:
    page = read(client.get("/recherche?q=boulangerie&ville=44109"))
    assert summary(page) == "Aucune entreprise trouvée"
    assert "/recherche?q=boulangerie" in page.links()
    assert "/recherche?q=boulangerie&departement=44" not in page.links(), "there is none either"
    both = read(client.get("/recherche?q=boulangerie+xqzwvk+vvvv&ville=44109"))
    assert "boulangerie, sans le filtre « Nantes » 26" in both.text, "of the words that are found"
    nearer = read(client.get("/recherche?q=fournil&code_postal=69001"))
    assert {"/recherche?q=fournil&departement=69", "/recherche?q=fournil&region=84"} <= {
        each.replace("&amp;", "&") for each in nearer.links()
    }
    assert "Rhône (69) 1" in nearer.text


def test_a_map_shows_where_they_are_with_a_name(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/recherche?ville=69383"))
    (drawn,) = (each for each in page.all("svg", role="img"))
    assert drawn["aria-label"]
    assert "Lyon 3e" in page.text


def test_unknown_parameters_of_links_from_elsewhere_mean_nothing(client: Client, scene: Entreprise) -> None:
    assert client.get("/recherche?q=boulangerie&utm_source=x&fbclid=y").status_code == 200
    assert client.get(f"/entreprise/{scene.siren}-le-fournil-de-lyon?utm_source=x").status_code == 200


def test_while_there_is_no_index_postgresql_answers(client: Client, bakery: Entreprise) -> None:
    for path in (
        "/recherche?q=fournil",
        "/ville/69383-lyon-3e-arrondissement",
        "/departement/69-rhone",
        "/activite/10.71C",
    ):
        page = read(client.get(path, follow=True))
        assert "LE FOURNIL DE LYON" in page.text, path


@pytest.mark.parametrize(
    ("typed", "kind", "page"),
    [
        ("fournil", "entreprise", "/entreprise/"), ("miche", "enseigne", "/etablissement/"),
        ("lyo", "commune", "/ville/69123-lyon"), ("boulang", "activité", "/activite/10.71C-boulangerie"),
    ],
)  # fmt: skip
def test_companies_signs_towns_and_trades_are_suggested(
    client: Client, scene: Entreprise, typed: str, kind: str, page: str
) -> None:
    found = read(client.get("/suggestions", {"q": typed}))
    assert any(each["data-url"].startswith(page) for each in found.all("li", role="option"))
    assert kind in found.text


def test_suggestions_are_options_that_lead_to_pages(client: Client, scene: Entreprise) -> None:
    response = client.get("/suggestions?q=boul")
    page = read(response)
    assert page.all("ul", role="listbox")
    options = page.all("li", role="option")
    assert options
    for each in options:
        assert client.get(each["data-url"], follow=True).status_code == 200
    assert response["X-Robots-Tag"] == "noindex"
    assert read(client.get("/suggestions?q=b")).text == ""
    assert read(client.get("/suggestions")).text == ""
    assert "town" in read(client.get("/en/suggestions?q=lyon")).text
