"""Pages over each engine of search, and over an index that fails under them."""

from collections.abc import Callable, Collection
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from foxreviews.core.keyset import EMPTY, Window
from foxreviews.enterprise.models import Entreprise
from foxreviews.search.engines import postgres
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.query.types import Hits
from foxreviews.web.nothing import MAX_WIDER
from tests.conformance.conftest import ENGINES
from tests.integration.web.pages import read
from tests.integration.web.test_results import summary

pytestmark = pytest.mark.django_db
PATHS = (
    "/", "/recherche?q=boulangerie", "/recherche?q=boulangerie+xqzwvk+vvvv", "/recherche?departement=69&naf=10.71C",
    "/recherche?tranche_effectif=11", "/recherche?q=creperie&departement=69", "/recherche.atom?q=boulangerie",
    "/recherche.atom?ville=69123", "/statistiques?departement=69", "/statistiques", "/ville/69123-lyon",
    "/departement/69-rhone", "/activite/10.71C-boulangerie-et-boulangerie-patisserie",
    "/activite/10-industries-alimentaires", "/suggestions?q=boul", "/rapprocher",
)  # fmt: skip


@pytest.fixture(params=ENGINES)
def engine(
    request: pytest.FixtureRequest,
    scene: Entreprise,
    indexed: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The engine that answers, over the scene."""
    name: str = request.param
    search = ENGINES[name].search_of(indexed)
    monkeypatch.setattr("foxreviews.search.engine._ready_or_note", lambda: (name, search._indexes))
    return name


def test_every_page_answers_whatever_searches(client: Client, scene: Entreprise, engine: str) -> None:
    for path in (*PATHS, f"/entreprise/{scene.siren}-le-fournil-de-lyon"):
        response = client.get(path)
        assert response.status_code == 200, path
        assert "None" not in response.text, path


def test_results_are_the_same_whatever_searches(client: Client, engine: str) -> None:
    page = read(client.get("/recherche?q=boulangerie+numero"))
    assert summary(page) == "25 entreprises actives"
    assert "BOULANGERIE NUMERO 00" in page.text
    both = read(client.get("/recherche?departement=69,44"))
    assert "Rhône" in both.text
    assert 'class="count">27</span>' in both.html
    listed = read(client.get("/recherche?tranche_effectif=11&departement=69"))
    assert summary(listed) == "28 entreprises actives"
    assert "Trier" not in listed.text
    town = read(client.get("/ville/69123-lyon"))
    assert "28 entreprises actives, 1 cessée" in town.text


def test_where_counting_takes_too_long_the_companies_are_shown_without(
    client: Client, scene: Entreprise, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEARCH_ENGINE = "postgres"
    monkeypatch.setattr(postgres, "_facets", lambda *_: {})
    for path in PATHS:
        assert client.get(path).status_code == 200, path
    page = read(client.get("/recherche?q=boulangerie"))
    assert "BOULANGERIE NUMERO 00" in page.text
    assert page.all("details", **{"class": "facet"}) == []


def test_a_page_that_lacks_what_took_too_long_is_kept_by_nobody(
    client: Client, scene: Entreprise, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_found: object, names: Collection[str], _time: object) -> dict[str, Any]:
        with monkeypatch.context() as patch, connection.cursor() as cursor:
            patch.setattr(postgres, "ATTEMPTS", ((1, "on"),))
            patch.setattr(postgres, "current", lambda: None)  # this alone is short of time
            if names:
                assert postgres.Time().try_to(lambda: cursor.execute("SELECT pg_sleep(60)")) is None
        return {}

    settings.SEARCH_ENGINE = "postgres"
    monkeypatch.setattr(postgres, "_facets", slow)
    for path in ("/recherche?q=boulangerie", "/ville/69123-lyon", "/statistiques?departement=69"):
        response = client.get(path)
        assert (response.status_code, response["Cache-Control"]) == (200, "no-store"), path
        assert "ETag" not in response, path


def test_where_nothing_is_found_few_lists_are_tried_and_none_after_one_that_takes_too_long(
    client: Client, scene: Entreprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def empty(params: object, window: Window) -> Hits:
        tried.append(params)
        return Hits(EMPTY, "tantivy", 0)

    def slow(params: object, window: Window) -> Hits:
        tried.append(params)
        raise SearchTimeoutError("It took too long.")

    path = "/recherche?q=xqzwvk&ville=69123&code_postal=69003&naf=10.71C&tranche_effectif=11"
    for companies, most in ((empty, MAX_WIDER), (slow, 1)):
        tried.clear()
        monkeypatch.setattr("foxreviews.web.nothing.companies", companies)
        assert client.get(path).status_code == 200
        assert len(tried) == most


def test_an_index_that_fails_under_a_page_takes_nothing_of_it_down(
    client: Client, scene: Entreprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_arguments: object, **_named: object) -> None:
        raise OSError("a segment is gone")

    monkeypatch.setattr("foxreviews.search.engines.indexed.IndexedEngine.count", damaged)
    monkeypatch.setattr("foxreviews.search.engines.indexed.IndexedEngine.search", damaged)
    monkeypatch.setattr("foxreviews.search.engines.indexed.IndexedEngine.listed", damaged)
    monkeypatch.setattr(
        "foxreviews.search.index.reader.Indexes.report_corruption", lambda _self, _error: None
    )
    monkeypatch.setattr(postgres, "_facets", lambda *_: {})
    for path in PATHS:
        assert client.get(path).status_code == 200, path
