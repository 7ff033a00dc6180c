"""What is PostgreSQL's own among the engines: its indexes and its time limit."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foxreviews.search.engines import postgres
from tests.shape import one_table

Add = Callable[..., Any]


def plan_of(client: Client, typed: str, **params: str) -> str:
    """How PostgreSQL would answer the search on a table too large to be read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE enterprise_entreprise"
        )  # and what the planner knows of other tests' companies
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/api/entreprises/", {"q": typed} | params).status_code == 200
    query, *_count = [query["sql"] for query in queries if "FROM" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {query}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan; RESET enable_indexscan")
    return plan


@one_table
@pytest.mark.parametrize(
    "typed", ["boulangerie", "boulangerie du port", "café", "L’Été", "été", "x été", "S.N.C.F. gare"]
)
def test_words_are_searched_through_the_trigram_index(db: None, client: Client, typed: str) -> None:
    plan = plan_of(client, typed)
    assert "enterprise_entreprise_nom_trgm_idx" in plan
    assert "Seq Scan" not in plan


@one_table
@pytest.mark.parametrize("typed", ["3M", "H&M", "é", "%", "S.N.C.F.", "日本語"])
def test_short_words_are_searched_at_the_beginning_of_names(db: None, client: Client, typed: str) -> None:
    plan = plan_of(client, typed)
    assert "enterprise_entreprise_nom_id_idx" in plan
    assert "Seq Scan" not in plan


@one_table
def test_a_postal_code_is_searched_through_both_its_indexes(db: None, client: Client) -> None:
    plan = plan_of(client, "75011")
    assert re.search("enterprise_entreprise_cp_(active|created|nom)_idx", plan)
    assert "enterprise_entreprise_nom_trgm_idx" in plan


class Slow:
    """Makes the first searches that PostgreSQL is asked take longer than any limit."""

    def __init__(self, searches: int) -> None:
        self.searches = searches
        self.attempts = 0

    def __call__(self, execute: Any, query: str, params: Any, many: bool, context: Any) -> Any:
        if "FROM" in query:
            self.attempts += 1
            if self.attempts <= self.searches:
                query, params = "SELECT pg_sleep(600)", ()
        return execute(query, params, many, context)


def test_a_search_that_takes_too_long_is_503_with_what_to_do(
    company: Add, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ATTEMPTS", ((50, "on"), (100, "off")))
    with connection.execute_wrapper(Slow(searches=2)):
        response = client.get("/api/entreprises/?q=boulangerie")
    assert response.status_code == 503
    assert response.json()["code"] == "search-timeout"
    assert "narrow it with a filter" in response.json()["detail"]
    assert int(response["Retry-After"]) > 0


def test_a_walk_that_meets_no_match_is_given_up_for_the_trigrams(
    company: Add, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ATTEMPTS", ((50, "on"), (60_000, "off")))
    company("BOULANGERIE")
    slow = Slow(searches=1)
    with connection.execute_wrapper(slow):
        answer = client.get("/api/entreprises/?q=boulangerie").json()
    assert [row["nom"] for row in answer["results"]] == ["BOULANGERIE"]
    assert slow.attempts == 3  # and one to count


class SlowFacets:
    """Lets the time of an answer pass when its first facet is counted, which PostgreSQL would do for ten minutes."""

    def __init__(self) -> None:
        self.now, self.asked = 0.0, 0

    def __call__(self, execute: Any, query: str, params: Any, many: bool, context: Any) -> Any:
        if "GROUP BY" in query:
            self.asked += 1
            self.now += 1.0
            query, params = "SELECT pg_sleep(600)", ()
        answer = execute(query, params, many, context)
        if query.startswith("SELECT COUNT(*)"):
            self.now = 0.999  # of one second, so a facet has a millisecond
        return answer


FACETS = "departement,naf,is_active,categorie_juridique,annee_creation"


@pytest.fixture
def slow_facets(company: Add, settings: Any, monkeypatch: pytest.MonkeyPatch) -> SlowFacets:
    settings.SEARCH_ENGINE = "postgres"
    company("BOULANGERIE", departement="69")
    slow = SlowFacets()
    monkeypatch.setattr(postgres, "ATTEMPTS", ((1_000, "on"),))
    monkeypatch.setattr(postgres, "monotonic", lambda: slow.now)
    return slow


@pytest.mark.parametrize("query", ["q=boulangerie", "departement=69"])
def test_an_answer_has_one_time_limit_and_what_could_not_be_counted_in_it_is_null(
    client: Client, slow_facets: SlowFacets, query: str
) -> None:
    with connection.execute_wrapper(slow_facets):
        response = client.get(f"/api/entreprises/?{query}&facets={FACETS}")
    answer = response.json()
    assert [row["nom"] for row in answer["results"]] == ["BOULANGERIE"]
    assert (answer["total"], answer["facets"]) == (1, dict.fromkeys(FACETS.split(",")))
    assert slow_facets.asked == 1, "no time is left for a second one"
    assert response["Cache-Control"] == "no-store"


def test_statistics_say_what_could_not_be_counted(client: Client, slow_facets: SlowFacets) -> None:
    with connection.execute_wrapper(slow_facets):
        answer = client.get("/api/statistiques/").json()["entreprises"]
    assert answer["total"] == 1
    assert {*answer["facets"].values()} == {None}
    assert slow_facets.asked == 1


def test_the_searches_of_one_request_have_one_time_limit(
    client: Client, slow_facets: SlowFacets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second search of a page, for ceased companies, is not begun."""
    with connection.execute_wrapper(slow_facets), CaptureQueriesContext(connection) as queries:
        page = client.get("/recherche?q=boulangerie")
    assert (page.status_code, "BOULANGERIE" in page.text) == (200, True)
    assert sum("SELECT COUNT(*)" in query["sql"] for query in queries) == 1


def test_the_limits_of_a_search_end_with_it(company: Add, client: Client) -> None:
    client.get("/api/entreprises/?q=boulangerie")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('enable_indexscan')")
        assert cursor.fetchone() == ("0", "on")
