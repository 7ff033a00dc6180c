"""The figures of the directory, and of parts of it."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import override

from foxreviews.enterprise import comptages
from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.register import LEGAL_FORMS
from foxreviews.web.charts import months, years
from tests.integration.web.conftest import BAKERY
from tests.integration.web.pages import Page, read

pytestmark = pytest.mark.django_db
FILTERED = (
    "", "region=84", "departement=69", "ville=69123", "naf_section=C", "naf=10", "naf=10.71C&departement=69",
    "tranche_effectif=11", "categorie_juridique=5710&region=84", "code_postal=69003", "departement=69,44",
    "date_creation_min=2020-01-01", "categorie_entreprise=ETI", "est_employeur=true&region=84",
)  # fmt: skip


@pytest.fixture
def directory(scene: Entreprise, company: Callable[..., Entreprise], etablissement: Callable[..., Any],
              index: Callable[[], None]) -> None:  # fmt: skip
    """The scene, with companies of six years, and establishments of six months."""
    for number in range(6):
        made = company(f"ATELIER {number}", **BAKERY | {
            "date_creation": dt.date(2018 + number, 2, 1), "is_active": number != 2,
            "naf_code": "25.11Z", "naf25_code": "25.11Y",
        })  # fmt: skip
        etablissement(made.siren, 10, departement="69", date_creation=dt.date(2023, 1 + number, 3))
        etablissement(
            made.siren, 11, departement="69", is_active=False, date_creation=dt.date(2023, 1, 3),
            date_fermeture=dt.date(2023, 1 + number, 9),
        )  # fmt: skip
    comptages.refresh()
    index()


def bars(page: Page) -> dict[str, str]:
    """The counts of links that lead to narrower figures."""
    found = re.findall(r'<a href="([^"]*)" rel="nofollow">[^<]*</a></th><td>([^<]*)</td>', page.html)
    return {link.replace("&amp;", "&"): "".join(filter(str.isdigit, count)) for link, count in found}


def figures(page: Page) -> dict[str, int]:
    found = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page.html)
    return {name: int("".join(filter(str.isdigit, count))) for name, count in found}


@pytest.mark.parametrize("query", FILTERED)
def test_they_are_those_of_the_api_and_each_bar_leads_to_its_own(
    client: Client, directory: None, query: str
) -> None:
    page = read(client.get(f"/statistiques?{query}"))
    every = client.get(f"/api/statistiques/?{query}").json()
    active = client.get(f"/api/statistiques/?{query}&is_active=true").json()
    total = active["entreprises"]["total"]
    shown = figures(page)
    assert shown["Entreprises actives"] == total
    assert shown["Entreprises cessées"] == every["entreprises"]["total"] - total
    narrower = bars(page)
    assert narrower or total == 0 or query.count("=") > 1 or "date_creation" in query
    for link, count in narrower.items():
        assert figures(read(client.get(link)))["Entreprises actives"] == int(count), link
    if every["etablissements"]:
        assert (
            shown["Établissements ouverts"] + shown["Établissements fermés"]
            == every["etablissements"]["total"]
        )


def test_categories_and_employers_have_figures_in_words(client: Client, directory: None) -> None:
    page = read(client.get("/statistiques"))
    assert {"/statistiques?categorie_entreprise=ETI", "/statistiques?est_employeur=true"} <= bars(page).keys()
    assert "avec salariés" in page.text
    assert "Entreprise de taille intermédiaire" in page.text
    chosen = read(client.get("/statistiques?categorie_entreprise=ETI&est_employeur=1"))
    assert "Entreprise de taille intermédiaire" in chosen.text
    assert "avec salariés" in chosen.text
    assert not {link for link in bars(chosen) if "est_employeur=true" in link}


def test_months_and_years_are_drawn_and_stand_in_tables(client: Client, directory: None) -> None:
    page = read(client.get("/statistiques?departement=69"))
    assert len([each for each in page.all("svg", role="img") if each["aria-label"]]) == 2
    assert "janvier 2023 7 1" in page.text
    assert "juin 2023 1 1" in page.text
    assert "2020 0 1" in page.text, "created then, ceased since"
    assert "2023 1 0" in page.text
    of_town = read(client.get("/statistiques?departement=69&naf=25.11Z"))
    assert "/statistiques?departement=69" in of_town.links()
    assert "sont comptées par mois pour le pays" in of_town.text
    town = read(client.get("/ville/69123-lyon"))
    assert "2020 0 1" in town.text
    departement = read(client.get("/departement/69-rhone"))
    assert "janvier 2023 7 1" in departement.text


def test_creations_by_month_are_told_under_every_filter(
    client: Client, company: Callable[..., Entreprise], index: Callable[[], None], towns: None
) -> None:
    now = localdate().replace(day=1)
    months = [(now - dt.timedelta(days=31 * each)).replace(day=3) for each in range(1, 6)]
    for number, day in enumerate(months):
        for nth in range(number + 1):
            company(f"FOUR {number} {nth}", **BAKERY | {"date_creation": day, "is_active": nth > 0})
    company("AILLEURS", **BAKERY | {"date_creation": months[0], "naf_code": "25.11Z", "naf25_code": ""})
    company("JADIS", **BAKERY | {"date_creation": dt.date(1999, 1, 1)})
    company("DEMAIN", **BAKERY | {"date_creation": dt.date(now.year + 2, 1, 1)})
    index()
    path = "statistiques?naf=10.71C&ville=69123&tranche_effectif=11&categorie_juridique=57"
    page = read(client.get(f"/{path}"))
    assert "Entreprises créées, par mois" in page.text
    for number, day in enumerate(months):
        with override("fr"):
            assert f"{date_format(day, 'F Y')} {number} 1" in page.text
    told = client.get(f"/api/{path.replace('?', '/?')}").json()["entreprises"]["mois"]
    assert told == [{"mois": f"{day:%Y-%m}", "creations": n} for n, day in enumerate(months, 1)][::-1]
    since = f"{path}&date_creation_min={months[1]}".replace("?", "/?")
    assert len(client.get(f"/api/{since}").json()["entreprises"]["mois"]) == 2


def test_each_filter_stands_in_words_and_can_be_taken_off(client: Client, directory: None) -> None:
    page = read(client.get("/statistiques?departement=69,44&naf=56&categorie_juridique=5710&utm_source=x"))
    links = {
        each["aria-label"].removeprefix("Retirer "): each["href"]
        for each in page.all("a")
        if each.get("aria-label", "").startswith("Retirer")
    }
    form = LEGAL_FORMS["5710"]
    assert links == {
        "Rhône (69)": "/statistiques?departement=44&naf=56&categorie_juridique=5710",
        "Loire-Atlantique (44)": "/statistiques?departement=69&naf=56&categorie_juridique=5710",
        "Restauration": "/statistiques?departement=69%2C44&categorie_juridique=5710",
        form: "/statistiques?departement=69%2C44&naf=56",
    }
    for link in links.values():
        assert client.get(link).status_code == 200


def test_the_whole_is_for_search_engines_and_parts_are_not(client: Client, directory: None) -> None:
    whole = read(client.get("/statistiques?utm_source=x"))
    assert whole.all("meta", name="robots") == []
    assert whole.all("link", rel="canonical")[0]["href"] == "http://testserver/statistiques"
    part = read(client.get("/statistiques?naf=56&utm_source=x&departement=69"))
    assert "noindex" in part.all("meta", name="robots")[0]["content"]
    canonical = part.all("link", rel="canonical")[0]["href"]
    assert canonical == "http://testserver/statistiques?departement=69&naf=56"


def test_who_has_them_gets_them_only_when_something_has_changed(client: Client, directory: None) -> None:
    first = client.get("/statistiques?departement=69")
    same = {"If-None-Match": first["ETag"]}
    assert client.get("/statistiques?departement=69", headers=same).status_code == 304
    Entreprise.objects.filter(nom="ATELIER 0").update(is_active=False)
    comptages.refresh()
    assert client.get("/statistiques?departement=69", headers=same).status_code == 200


def test_what_is_no_filter_is_refused(client: Client, towns: None) -> None:
    for query in ("departement=00", "region=x", "naf=what", "ville=nowhere", "date_creation_min=x"):
        response = client.get(f"/statistiques?{query}")
        assert response.status_code == 400, query
        assert read(response).all("input", name="q")


def test_without_an_index_what_is_not_counted_is_not_said(client: Client, bakery: Entreprise) -> None:
    page = read(client.get("/statistiques"))
    assert "ne sont pas comptées" in page.text
    assert "Entreprises actives" not in figures(page)
    assert figures(read(client.get("/statistiques?departement=69")))["Entreprises actives"] == 1


def test_a_month_without_anything_has_its_place_in_the_chart() -> None:
    counted = [
        {"mois": mois, "creations": 3, "fermetures": 1}
        for mois in ("2023-01", "2023-02", "2023-05", "2399-01")
    ]
    chart = months(counted)
    assert chart
    assert [row[1:] for row in chart.rows] == [(3, 1), (0, 0), (0, 0), (3, 1), (3, 1)]
    assert chart.first_path.count("M") == 3
    assert months(counted[:2]) is None


def test_years_end_with_this_one_and_no_number_is_no_bar() -> None:
    every = {"": 9, "1999": 5, "2001": 100_000, "2002": 1, "9999": 7}
    chart = years(every, {"2001": 60_000})
    assert chart
    assert [(name, *counts) for name, *counts in chart.rows] == [
        ("2002", 0, 1), ("2001", 60_000, 40_000), ("2000", 0, 0), ("1999", 0, 5),
    ]  # fmt: skip
    numbers = [float(each) for each in re.findall(r"[\d.]+", chart.first_path + chart.second_path)]
    assert max(numbers) <= chart.width
    assert years({"2001": 1}, {}) is None
