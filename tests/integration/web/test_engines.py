"""Pages over each engine of search, and over an index that fails under them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foxreviews.enterprise.models import Entreprise
from foxreviews.search.errors import SearchTimeoutError
from tests.conformance.conftest import ENGINES
from tests.integration.web.pages import read
from tests.integration.web.test_results import summary

pytestmark = pytest.mark.django_db
PATHS = (
    "/", "/recherche?q=boulangerie", "/recherche?q=boulangerie+xqzwvk+vvvv", "/recherche?departement=69&naf=10.71C",
    "/recherche?tranche_effectif=11", "/recherche?q=creperie&departement=69", "/recherche.atom?q=boulangerie",
    "/recherche.atom?ville=69123", "/statistiques?departement=69", "/statistiques", "/ville/69123-lyon",
    "/departement/69-rhone", "/activite/10.71C-boulangerie-et-boulangerie-patisserie",
    "/activite/10-industries-alimentaires", "/suggestions?q=boul",
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
    assert "Ordre" not in listed.text
    town = read(client.get("/ville/69123-lyon"))
    assert "28 entreprises actives, 1 cessée" in town.text


def test_where_counting_takes_too_long_the_companies_are_shown_without(
    client: Client, scene: Entreprise, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_arguments: object) -> None:
        raise SearchTimeoutError("It took too long.")

    settings.SEARCH_ENGINE = "postgres"
    monkeypatch.setattr(
        "foxreviews.search.engines.postgres._facets", lambda found, names: slow() if names else {}
    )
    for path in PATHS:
        assert client.get(path).status_code == 200, path
    page = read(client.get("/recherche?q=boulangerie"))
    assert "BOULANGERIE NUMERO 00" in page.text
    assert page.all("details", **{"class": "facet"}) == []


def test_an_index_that_fails_under_a_page_takes_nothing_of_it_down(
    client: Client, scene: Entreprise, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_arguments: object, **_named: object) -> None:
        raise OSError("a segment is gone")

    def slow(*_arguments: object) -> None:
        raise SearchTimeoutError("It took too long.")

    monkeypatch.setattr("foxreviews.search.engines.indexed.IndexedEngine.count", damaged)
    monkeypatch.setattr("foxreviews.search.engines.indexed.IndexedEngine.search", damaged)
    monkeypatch.setattr("foxreviews.search.engines.indexed.IndexedEngine.listed", damaged)
    monkeypatch.setattr(
        "foxreviews.search.index.reader.Indexes.report_corruption", lambda _self, _error: None
    )
    monkeypatch.setattr(
        "foxreviews.search.engines.postgres._facets", lambda found, names: slow() if names else {}
    )
    for path in PATHS:
        assert client.get(path).status_code == 200, path
