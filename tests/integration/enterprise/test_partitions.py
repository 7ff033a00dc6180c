"""Companies by their number: whatever a process believes of the table's shape, it answers the same."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from foxreviews.core.keyset import Ordering, Window
from foxreviews.enterprise import partitions
from foxreviews.enterprise.blocks import companies_of
from foxreviews.enterprise.by_siren import companies_by_siren, company_with_town, names_by_siren
from foxreviews.enterprise.filters import Filters, page
from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.enterprise.models import Entreprise
from foxreviews.exports import sources
from foxreviews.exports.tables import TABLES
from foxreviews.matching import matcher
from foxreviews.search.engine import search_engine
from foxreviews.search.query.parse import interpret
from tests.shape import IS_PARTITIONED, one_table

pytestmark = pytest.mark.django_db
FIRST = Window(Ordering("nom", ("nom", "id")), 20)


@pytest.mark.parametrize("believed", [False, True])
@pytest.mark.parametrize("noted", [None, "01", "75"])
def test_a_company_is_found_whatever_is_believed_and_noted(
    company: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, believed: bool, noted: str | None
) -> None:
    """It has moved since the one statement and the other, or the table has another shape than a minute ago."""
    monkeypatch.setattr(partitions, "_seen", (float("inf"), believed))
    one, other = company("UNE", departement="75"), company("AUTRE", departement="13")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM enterprise_siren")
        if noted:
            cursor.execute("INSERT INTO enterprise_siren VALUES (%s, %s)", [one.siren, noted])
    sirens = [one.siren, other.siren, "732829320"]
    assert companies_by_siren(sirens).keys() == {one.siren, other.siren}
    assert names_by_siren(sirens) == {one.siren: "UNE", other.siren: "AUTRE"}
    assert sorted(companies_of(sirens, ["siren", "nom"])[1].rows()) == [
        (one.siren, "UNE"),
        (other.siren, "AUTRE"),
    ]
    assert {row["nom"] for row in HiddenSince().rows_of(sirens)} == {"UNE", "AUTRE"}
    assert sorted(sources._names(sirens)["nom"]) == ["AUTRE", "UNE"]
    assert {row["nom"] for row in partitions.by_siren(matcher.CANDIDATES, sirens)} == {"UNE", "AUTRE"}
    found = company_with_town(one.siren)
    assert found
    assert found["nom"] == "UNE"
    assert company_with_town("732829320") is None


@pytest.mark.parametrize("statement", [sources.NAMES, matcher.CANDIDATES])
def test_what_reads_thousands_of_companies_asks_the_partition_of_each_alone(
    company: Callable[..., Any], statement: str
) -> None:
    """Exports and matching, too: each of 110 partitions would be asked for all of them."""
    places = ("75", "13", "75")
    sirens = [company(f"N{number}", departement=place).siren for number, place in enumerate(places)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM enterprise_siren")  # as in one table
        assert partitions.by_partition(statement, sirens, {}) is None
        cursor.executemany("INSERT INTO enterprise_siren VALUES (%s, %s)", zip(sirens, places, strict=True))
    routed = partitions.by_partition(statement, sirens, {})
    assert routed
    asked, parameters = routed
    assert asked.count("enterprise_entreprise.departement = ") == 2
    assert {tuple(sorted(each)) for each in parameters.values() if isinstance(each, list)} == {
        tuple(sorted((sirens[0], sirens[2]))), (sirens[1],),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(asked, parameters)
        assert {row[0] for row in cursor.fetchall()} == {*sirens}


def listed(sirens: tuple[str, ...]) -> list[str]:
    """The names in a list of these companies."""
    return [row["nom"] for row in page(Filters(sirens=sirens), FIRST).rows]


def exported(sirens: tuple[str, ...]) -> list[str]:
    return sorted(
        name for frame in sources.frames(TABLES["entreprises"], {"siren": sirens}) for name in frame["nom"]
    )


def searched(sirens: tuple[str, ...]) -> list[str]:
    """Each by its number, with a filter."""
    found = [search_engine().search(interpret(siren), Filters(is_active=True), FIRST) for siren in sirens]
    return sorted(row["nom"] for hits in found for row in hits.page.rows)


def read_tables(plan: Any) -> Iterator[str]:
    """The tables that a plan reads (EXPLAIN, as JSON)."""
    if isinstance(plan, dict):
        yield from [plan["Relation Name"]] if "Relation Name" in plan else []
        yield from read_tables([*plan.values()])
    elif isinstance(plan, list):
        for each in plan:
            yield from read_tables(each)


@pytest.mark.parametrize("read", [listed, exported, searched])
def test_a_list_of_numbers_asks_their_partitions_alone(
    company: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, read: Callable[[tuple[str, ...]], list[str]]
) -> None:
    """Each of 110 would be planned for each of them. One table is asked one question, as ever."""
    copy, copied = sources._copy_to_stdout, list[str]()
    monkeypatch.setattr(
        sources, "_copy_to_stdout", lambda session, asked: copied.append(asked) or copy(session, asked)
    )
    one, other = company("UNE", departement="75"), company("AUTRE", departement="13")
    company("TROISIÈME", departement="69")
    with CaptureQueriesContext(connection) as captured:
        assert read((one.siren, other.siren)) == ["AUTRE", "UNE"]
    statements = [each["sql"] for each in captured]
    statements += [each.removeprefix("COPY (").removesuffix(") TO STDOUT (FORMAT csv)") for each in copied]
    asked = [each for each in statements if f'FROM "{partitions.TABLE}"' in each]
    touched = set[str]()
    with connection.cursor() as cursor:
        for each in asked:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {each}")
            plan = cursor.fetchone()[0]
            touched |= {*read_tables(json.loads(plan) if isinstance(plan, str) else plan)}
    assert touched == (
        {f"{partitions.TABLE}_{each}" for each in ("75", "13")} if IS_PARTITIONED else {partitions.TABLE}
    )
    if not IS_PARTITIONED:
        assert not [each for each in statements if "enterprise_siren" in each]


def test_a_company_that_moves_while_a_list_is_read_is_in_it(
    company: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_seen", (float("inf"), True))
    monkeypatch.setattr(partitions, "is_partitioned_now", lambda: True)
    siren = company("UNE", departement="75").siren
    conditions = list[Q]()

    def read(there: Q) -> list[str]:
        if not conditions:
            Entreprise.objects.filter(siren=siren).update(departement="13")
            note(siren, "13")
        conditions.append(there)
        return [*Entreprise.objects.filter(there, siren=siren).values_list("nom", flat=True)]

    note(siren, "75")
    assert partitions.read_of([siren], read) == ["UNE"]
    assert conditions == [Q(departement__in=["75"]), Q()]
    conditions.append(Q())
    assert partitions.read_of([siren], read) == ["UNE"]
    assert partitions.read_of([siren, "732829320"], read) == ["UNE"]
    assert conditions[3:] == [Q(departement__in=["13"]), Q()]


def note(siren: str, departement: str) -> None:
    """As the triggers of partitions do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enterprise_siren VALUES (%s, %s) ON CONFLICT (siren) DO UPDATE SET departement = %s",
            [siren, departement, departement],
        )


@one_table
@pytest.mark.parametrize("noted", [None, "01", "75"])
def test_a_list_of_one_table_that_is_taken_for_partitions_is_whole(
    company: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, noted: str | None
) -> None:
    """Also while partitions are being made: companies are noted then, and may have moved since."""
    monkeypatch.setattr(partitions, "_seen", (float("inf"), True))
    one, other = company("UNE", departement="75"), company("AUTRE", departement="13")
    for each in (one, other) if noted else ():
        note(each.siren, noted)
    assert listed((one.siren, other.siren)) == ["AUTRE", "UNE"]


def test_no_number_is_no_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "_seen", (float("inf"), True))
    assert companies_by_siren([]) == {}
    assert companies_of([], ["siren"])[0] == 0


def test_the_shape_is_asked_for_again_after_a_minute(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_num_queries(1):
        monkeypatch.setattr(partitions, "_seen", None)
        is_partitioned = partitions.is_partitioned()
        assert partitions.is_partitioned() is is_partitioned
    assert partitions._seen
    monkeypatch.setattr(partitions, "_seen", (partitions._seen[0] - 61, not is_partitioned))
    assert partitions.is_partitioned() is is_partitioned


@pytest.mark.parametrize(
    ("table", "holds"),
    [
        ("enterprise_entreprise", True),
        ("enterprise_entreprise_2a", True),
        ("enterprise_entreprise_971", True),
        ("enterprise_entreprise_default", True),
        ("enterprise_entreprise_next", False),
        ("enterprise_etablissement", False),
    ],
)
def test_a_partition_is_known_by_its_name(table: str, holds: bool) -> None:
    assert partitions.holds_companies(table) is holds
