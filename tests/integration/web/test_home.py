"""The first page: how much there is and how old, and ways in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from foxreviews.core import sql
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportRun
from tests.integration.web.pages import read

pytestmark = pytest.mark.django_db
Company = Callable[..., Any]


def test_it_says_how_much_there_is_and_how_old(client: Client, company: Company) -> None:
    assert "annuaire est vide" in read(client.get("/")).text
    company("LE FOURNIL", ville_nom="Lyon")
    with connection.cursor() as cursor:
        table = sql.leaves("enterprise_entreprise")[0]
        cursor.execute("UPDATE pg_class SET reltuples = 4000000 WHERE oid = %s::regclass", [table])
    ended = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)  # the 29th in Paris
    ImportRun.objects.create(source="FILE", status=ImportRun.Status.DONE, finished_at=ended)
    french, english = read(client.get("/")).text, read(client.get("/en/")).text
    assert "4 000 000" in french
    assert "29 novembre 2026" in french
    assert "4,000,000" in english
    assert "29 November 2026" in english
    assert "invented" not in english


def test_it_says_that_invented_companies_are_invented(client: Client, company: Company) -> None:
    company("LE FOURNIL", ville_nom="Saint-Aubin-la-Fictive")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 1 WHERE relname = 'enterprise_entreprise'")
    assert "these companies are invented" in read(client.get("/en/")).text


def test_each_departement_is_a_tile_with_its_companies(client: Client, scene: Entreprise) -> None:
    page = read(client.get("/"))
    assert sum("shade" in each.get("class", "") for each in page.all("a")) == 101
    assert "Rhône (69) : 29" in page.text


def test_it_leads_to_places_trades_a_list_and_the_api(client: Client, scene: Entreprise) -> None:
    for prefix in ("", "/en"):
        ways = ("/ville/69123-lyon", "/departement/69-rhone", "/activites", "/rapprocher",
                "/activite/10.71C-boulangerie-et-boulangerie-patisserie")  # fmt: skip
        links = read(client.get(f"{prefix}/")).links()
        assert {f"{prefix}{each}" for each in ways} | {"/api/docs/", "/api/entreprises/"} <= links


def test_without_an_index_the_tiles_have_no_counts(client: Client, bakery: Entreprise) -> None:
    tiles = [each for each in read(client.get("/")).all("a") if "shade" in each.get("class", "")]
    assert {each["class"].strip() for each in tiles} == {"shade0"}


def test_the_language_is_that_of_the_address(client: Client) -> None:
    page = client.get("/", headers={"Accept-Language": "en"})
    assert page["Content-Language"] == "fr"
    assert "Vary" not in page or "Accept-Language" not in page["Vary"]
