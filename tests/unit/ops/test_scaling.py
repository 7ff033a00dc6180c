"""When to grow, by the scaling plan's thresholds: at a threshold nothing is passed."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foxreviews.core.findings import Finding, Severity
from foxreviews.ops.scaling import YEAR, Growth, growth, judge
from foxreviews.ops.traffic import Traffic

CHECKOUT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 28, tzinfo=UTC)
STILL = Growth(rows=4_000_000, created=0, span=YEAR)


def traffic(**figures: Any) -> Traffic:
    """A quiet day of 1,000 searches and 1,000 pages, of 5 ms each."""
    quiet = {
        "hours": 24.0,
        "searches": 1_000,
        "search_seconds": 5.0,
        "pages": 1_000,
        "page_seconds": 5.0,
        "cpu": 0.1,
    }
    return Traffic("test", **quiet | figures)


def judged(read: Traffic | None, grown: Growth = STILL, problem: str = "") -> dict[str, Finding]:
    return {finding.subject: finding for finding in judge(read, grown, problem)}


def answer(found: dict[str, Finding]) -> str:
    return str(found["answer"].figures["answer"])


def test_where_all_is_within_the_thresholds_the_answer_is_to_stay() -> None:
    found = judged(traffic())
    assert answer(found) == "stay"
    assert {each.severity for each in found.values()} == {Severity.OK}


@pytest.mark.parametrize(
    "figures",
    [{"search_seconds": 200.0}, {"peaks": 10}, {"searches": 100, "search_seconds": 0.5, "peaks": 9},
     {"page_seconds": 200.0}, {"cpu": 0.80}],
)  # fmt: skip
def test_at_a_threshold_nothing_is_passed(figures: dict[str, Any]) -> None:
    assert answer(judged(traffic(**figures))) == "stay"


@pytest.mark.parametrize(
    ("figures", "subject", "severity", "expected"),
    [
        ({"search_seconds": 200.1}, "search, mean", Severity.WARNING, "tune"),
        ({"peaks": 11}, "search, over 500 ms", Severity.ERROR, "move search to a cluster"),
        ({"searches": 100, "search_seconds": 0.5, "peaks": 10}, "search, over 500 ms", Severity.ERROR,
         "move search to a cluster"),
        ({"peaks": 11, "by_postgres": 11}, "search, over 500 ms", Severity.ERROR, "tune"),
        ({"peaks": 11, "by_postgres": 10}, "search, over 500 ms", Severity.ERROR, "move search to a cluster"),
        ({"page_seconds": 200.1}, "pages, mean", Severity.WARNING, "tune"),
        ({"cpu": 0.801}, "CPU", Severity.ERROR, "add a replica"),
    ],
)  # fmt: skip
def test_each_threshold_of_the_plan_has_its_answer(
    figures: dict[str, Any], subject: str, severity: Severity, expected: str
) -> None:
    found = judged(traffic(**figures))
    assert found[subject].severity is severity
    assert found[subject].fix
    assert answer(found) == expected
    assert subject in found["answer"].figures["because"]


def test_the_heaviest_answer_is_given() -> None:
    assert answer(judged(traffic(cpu=0.9, page_seconds=900.0))) == "add a replica"


def test_what_is_not_measured_is_said_and_the_answer_is_not_certain() -> None:
    found = judged(None)
    assert (found["requests"].severity, found["requests"].fix) == (
        Severity.NOTE,
        "manage.py scaling --log FILE",
    )
    assert found["answer"].severity is Severity.NOTE
    assert judged(traffic(cpu=None))["CPU"].found == "not measured"
    assert judged(traffic(cpu=None))["answer"].severity is Severity.NOTE
    assert judged(None, problem="refused")["requests"].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("figures", "severity"),
    [({"hours": 22.9}, Severity.NOTE), ({"hours": 23.0}, Severity.OK), ({"pages": 0}, Severity.WARNING)],
)
def test_less_than_a_day_is_said(figures: dict[str, Any], severity: Severity) -> None:
    assert judged(traffic(**figures))["requests"].severity is severity


def test_without_a_search_there_is_no_mean() -> None:
    found = judged(traffic(searches=0, search_seconds=0.0))
    assert found["search, mean"].severity is Severity.NOTE
    assert found["search, over 500 ms"].severity is Severity.OK


@pytest.mark.parametrize(("created", "severity"), [(1_000_000, Severity.OK), (1_000_001, Severity.WARNING)])
def test_growth_of_more_than_a_million_a_year_is_a_warning(created: int, severity: Severity) -> None:
    found = judged(traffic(), Growth(4_000_000, created, YEAR))
    assert found["growth"].severity is severity
    assert answer(found) == "stay", "the scaling plan prepares a cluster and does not move yet"


@pytest.mark.parametrize(("rows", "expected"), [(7_999_999, "stay"), (8_000_000, "partition")])
def test_from_eight_million_in_a_year_on_the_table_is_partitioned(rows: int, expected: str) -> None:
    assert answer(judged(traffic(), Growth(rows - 500_000, 500_000, YEAR))) == expected
    assert answer(judged(traffic(), Growth(rows, 0, timedelta(0)))) == expected


@pytest.mark.parametrize(
    ("figures", "switch", "page"),
    [
        ({"peaks": 11}, "SEARCH_ENGINE=opensearch", "docs/howto/opensearch.md"),
        ({"cpu": 0.81}, "DATABASE_REPLICA_URLS", "docs/howto/read-replicas.md"),
        ({"page_seconds": 200.1}, "No switch", "docs/howto/grow.md"),
    ],
)
def test_the_answer_names_the_switch_and_its_page(figures: dict[str, Any], switch: str, page: str) -> None:
    found = judged(traffic(**figures))["answer"]
    assert switch in found.why
    assert found.fix == page
    for named in re.findall(r"docs/\S+?\.md", f"{found.why} {found.fix}"):
        assert (CHECKOUT / named).is_file()


def test_at_the_size_of_partitions_the_answer_names_their_command() -> None:
    found = judged(traffic(), Growth(8_000_000, 0, timedelta(0)))["answer"]
    assert "manage.py partition_entreprises" in found.why
    assert found.fix == "docs/howto/partition.md"


def test_growth_shows_in_imports_that_are_a_month_apart() -> None:
    assert "not known yet" in judged(traffic(), Growth(4_000_000, 9, timedelta(days=29)))["growth"].found
    assert "not known yet" not in judged(traffic(), Growth(4_000_000, 9, timedelta(days=30)))["growth"].found


def test_growth_is_what_imports_created_after_the_oldest_of_the_year() -> None:
    loads = [(NOW - timedelta(days=days), 100_000) for days in (73, 43, 13)]
    grown = growth(4_000_000, loads, NOW)
    assert (grown.created, grown.span.days, grown.yearly) == (200_000, 73, 1_000_000)


def test_a_first_load_is_no_growth() -> None:
    loads = [(NOW - timedelta(days=100), 10), (NOW - timedelta(days=73), 2_000_000), (NOW, 7)]
    grown = growth(4_000_000, loads, NOW)
    assert (grown.created, grown.span.days) == (7, 73)
    assert growth(4_000_000, [], NOW).span == timedelta(0)
