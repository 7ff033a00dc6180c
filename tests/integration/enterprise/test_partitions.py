"""Companies by their number: whatever a process believes of the table's shape, it answers the same."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from foxreviews.enterprise import partitions
from foxreviews.enterprise.blocks import companies_of
from foxreviews.enterprise.by_siren import companies_by_siren, company_with_town, names_by_siren
from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.exports import sources
from foxreviews.matching import matcher

pytestmark = pytest.mark.django_db


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
