"""A client that follows `next` or `previous` meets every row exactly once."""

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.core.keyset import Row, Slice, Window, read
from foxreviews.enterprise.filters import Filters, passing
from foxreviews.enterprise.filters import page as filtered_page
from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.reference.naf import Beginnings
from tests.shape import one_table

ORDERINGS = EnterpriseCursorPagination.orderings
ONE_MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=dt.UTC)

# Few moments and few names, so that most rows share theirs with others.
moments = st.sampled_from([ONE_MOMENT + dt.timedelta(microseconds=n) for n in range(3)])
names = st.sampled_from(["", "A", "a", "AB", "É", "🍕"])
moment_and_name = st.tuples(moments, names)
FEW = settings(max_examples=20)


def add(pairs: list[tuple[dt.datetime, str]], first: int = 1) -> None:
    Entreprise.objects.bulk_create(
        Entreprise(siren=siren_with_key(first + n), created_at=moment, nom=nom)
        for n, (moment, nom) in enumerate(pairs)
    )


def sorted_ids(ordering: str) -> list[int]:
    """The ids of all rows as Python sorts them."""
    fields = ORDERINGS[ordering].fields
    rows = list(Entreprise.objects.order_by().values("id", "nom", "created_at"))
    rows.sort(key=lambda row: [row[field] for field in fields], reverse=ORDERINGS[ordering].descending)
    return [row["id"] for row in rows]


def page(window: Window) -> Slice:
    return read(Entreprise.objects.values("id", "nom", "created_at"), window)


def pages(window: Window | None, direction: str) -> Iterator[list[int]]:
    for _ in range(200):
        if window is None:
            return
        seen = page(window)
        yield [row["id"] for row in seen.rows]
        window = getattr(seen, direction)
    pytest.fail("The walk does not end.")


@pytest.mark.parametrize("ordering", ORDERINGS)
@FEW
@given(pairs=st.lists(moment_and_name, max_size=9))
def test_pages_of_every_size_put_together_are_the_sorted_list(
    db: None, ordering: str, pairs: list[tuple[dt.datetime, str]]
) -> None:
    Entreprise.objects.all().delete()
    add(pairs)
    expected = sorted_ids(ordering)
    for size in range(1, len(pairs) + 2):
        forward = list(pages(Window(ORDERINGS[ordering], size), "next"))
        assert list(chain(*forward)) == expected
        assert [len(ids) for ids in forward[:-1]] == [size] * (len(forward) - 1)
        backward = list(pages(Window(ORDERINGS[ordering], size, backward=True), "previous"))
        assert list(chain(*reversed(backward))) == expected


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("direction", ["next", "previous"])
@FEW
@given(pairs=st.lists(moment_and_name, min_size=1, max_size=12), size=st.integers(1, 4), data=st.data())
def test_rows_that_come_and_go_between_pages_make_no_other_row_come_twice_or_stay_out(
    db: None,
    ordering: str,
    direction: str,
    pairs: list[tuple[dt.datetime, str]],
    size: int,
    data: st.DataObject,
) -> None:
    Entreprise.objects.all().delete()
    add(pairs)
    stayed = set(sorted_ids(ordering))
    seen: list[int] = []
    number = 1_000
    for ids in pages(Window(ORDERINGS[ordering], size, backward=direction == "previous"), direction):
        seen += ids
        for gone in data.draw(st.lists(st.sampled_from(sorted(stayed) or [0]), max_size=2)):
            Entreprise.objects.filter(id=gone).delete()
            stayed.discard(gone)
        for new in data.draw(st.lists(moment_and_name, max_size=2)):
            number += 1
            if number < 1_020:  # a list that never stops growing has no end
                add([new], number)
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def walk(client: Client, url: str | None, direction: str = "next") -> Iterator[Row]:
    for _ in range(2_000):
        if url is None:
            return
        answer = client.get(url).json()
        yield answer
        url = answer[direction]
    pytest.fail("The walk does not end.")


def sirens(answers: list[dict[str, Any]]) -> list[str]:
    return [row["siren"] for answer in answers for row in answer["results"]]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_1500_companies_of_one_name_and_one_moment_are_met_once_each_way(
    db: None, client: Client, ordering: str
) -> None:
    add([(ONE_MOMENT, "MEME NOM")] * 1_500 + [(ONE_MOMENT, "AUTRE NOM")] * 10)
    forward = list(walk(client, f"/api/entreprises/?page_size=100&ordering={ordering}"))
    met = sirens(forward)
    assert len(met) == len(set(met)) == 1_510
    backward = list(walk(client, forward[-1]["previous"], "previous"))
    assert [siren for answer in reversed(backward) for siren in sirens([answer])] == met[
        : -len(forward[-1]["results"])
    ]
    assert backward[-1]["previous"] is None


def test_the_first_page_reached_backwards_is_the_first_page(
    company: Callable[..., Any], client: Client
) -> None:
    for n in range(5):
        company(f"N{n}")
    first = client.get("/api/entreprises/?page_size=2&ordering=nom").json()
    second = client.get(first["next"]).json()
    again = client.get(second["previous"]).json()
    assert again["results"] == first["results"]
    assert again["previous"] is None
    assert client.get(again["next"]).json()["results"] == second["results"]


@pytest.mark.parametrize("ordering", ["nom", "-nom"])
def test_a_page_that_was_emptied_leads_back_to_what_is_left(
    company: Callable[..., Any], client: Client, ordering: str
) -> None:
    for n in range(4):
        company(f"N{n}")
    first = client.get(f"/api/entreprises/?page_size=2&ordering={ordering}").json()
    Entreprise.objects.exclude(siren__in=sirens([first])).delete()
    emptied = client.get(first["next"]).json()
    assert (emptied["results"], emptied["next"]) == ([], None)
    assert client.get(emptied["previous"]).json()["results"] == first["results"]


def test_a_beginning_that_was_emptied_leads_on_to_what_is_left(
    company: Callable[..., Any], client: Client
) -> None:
    for n in range(4):
        company(f"N{n}")
    second = client.get(client.get("/api/entreprises/?page_size=2&ordering=nom").json()["next"]).json()
    Entreprise.objects.exclude(siren__in=sirens([second])).delete()
    emptied = client.get(second["previous"]).json()
    assert (emptied["results"], emptied["previous"]) == ([], None)
    assert sirens([client.get(emptied["next"]).json()]) == sirens([second])


def test_an_empty_directory_is_one_empty_page(db: None, client: Client) -> None:
    assert client.get("/api/entreprises/").json() == {"next": None, "previous": None, "results": []}


@one_table
@pytest.mark.parametrize(("ordering", "index"), [("created_at", "created_id"), ("nom", "nom_id")])
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_page_is_one_query_that_starts_in_the_index_at_its_first_row(
    db: None, client: Client, ordering: str, index: str, sign: str
) -> None:
    add([(ONE_MOMENT, "MEME NOM")] * 500)
    url = client.get(f"/api/entreprises/?ordering={sign}{ordering}").json()["next"]
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    (query,) = [query["sql"] for query in queries]
    assert "COUNT" not in query
    assert "OFFSET" not in query
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE enterprise_entreprise")
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = explain(query)
    assert f"enterprise_entreprise_{index}_idx" in plan
    assert "Index Cond: (ROW(" in plan
    assert "Sort" not in plan


def explain(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize(
    "wanted",
    [Filters(departements=("01", "02")), Filters(naf=(Beginnings(rev2=("62.01Z",), naf25=("62.10Y",)),))],
)
def test_several_values_of_a_filter_are_one_list_in_each_order(
    db: None, ordering: str, wanted: Filters
) -> None:
    Entreprise.objects.bulk_create(
        Entreprise(
            siren=siren_with_key(n + 1),
            nom="ABA"[n % 3],
            created_at=ONE_MOMENT + dt.timedelta(microseconds=n % 2),
            departement=f"0{n % 4}",
            naf_code=("62.01Z", "")[n % 5 > 1],
            naf25_code=("62.10Y", "")[n % 7 > 2],
        )
        for n in range(90)
    )
    wanted_ids = {*passing(wanted).values_list("pk", flat=True)}
    expected = [each for each in sorted_ids(ordering) if each in wanted_ids]
    window: Window | None = Window(ORDERINGS[ordering], 7)
    walked = []
    while window:
        seen = filtered_page(wanted, window)
        walked += [row["id"] for row in seen.rows]
        window = seen.next
    assert walked == expected


ONE_LOAD = """
INSERT INTO enterprise_entreprise (siren, nom, ville_nom, departement, code_postal)
SELECT lpad(n::text, 9, '0'), 'A ' || n, CASE WHEN n % 10000 = 1 THEN 'HERE' ELSE 'ELSEWHERE' END,
       lpad((n % 95 + 1)::text, 2, '0'), lpad((n % 9000 + 1000)::text, 5, '0')
FROM generate_series(1, 30000) AS n
"""


@pytest.fixture
def one_load(db: None) -> None:
    """Companies that came at one moment, a few of them in HERE."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_LOAD)
        cursor.execute("ANALYZE enterprise_entreprise")


def plan_of_second_page(queryset: Any, ordering: str) -> str:
    first = read(queryset, Window(ORDERINGS[ordering], 1))
    assert first.next is not None
    with CaptureQueriesContext(connection) as queries:
        read(queryset, first.next)
    return explain(queries.captured_queries[-1]["sql"])


def test_a_rare_value_is_not_looked_for_among_all_companies_of_one_load(one_load: None) -> None:
    here = Entreprise.objects.filter(ville_nom="HERE")
    for ordering in ("created_at", "-created_at"):
        assert "created_id_idx" not in plan_of_second_page(here, ordering)


@one_table
def test_a_page_within_a_filter_is_read_from_one_index_in_its_order(one_load: None) -> None:
    filters = {"departement": {"departement": "42"}, "cp": {"code_postal": "01042"}}
    for index, wanted in filters.items():
        for ordering in ORDERINGS:
            found = plan_of_second_page(Entreprise.objects.filter(**wanted), ordering)
            assert f"enterprise_entreprise_{index}_" in found, (index, ordering)
            assert "Sort" not in found, (index, ordering)
