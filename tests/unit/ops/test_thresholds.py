"""What preflight, verify and maintain call too much: at a threshold nothing is passed."""

from datetime import timedelta

import pytest

from foxreviews.backup.manifest import Drill
from foxreviews.core.findings import Severity
from foxreviews.importing.ledger import Report
from foxreviews.localdb.machine import GIB
from foxreviews.ops import maintain, sizes
from foxreviews.ops.preflight import is_low, judge_backup, judge_dry_run
from foxreviews.ops.queries import Query
from foxreviews.ops.query_plans import Plan, judge
from foxreviews.ops.verify import judge_statistics, judge_towns

OK, NOTE, WARNING, ERROR = Severity
HELD = Drill("2026-11-28T04:15:00+00:00", True, "", 3.0, 15)


def test_the_scaling_plan_is_scaled_to_the_companies_there_are() -> None:
    assert sizes.planned("table", 2_000_000) == 2_000_000_000
    assert sum(sizes.planned(part, 4_000_000) for part in sizes.SCALING_PLAN_BYTES) == 7_500_000_000


@pytest.mark.parametrize(
    ("size", "companies", "severity"),
    [(100, 10_000, OK), (101, 10_000, WARNING), (101, 9_999, OK)],
)
def test_a_part_larger_than_the_scaling_plans_is_a_warning(
    size: int, companies: int, severity: Severity
) -> None:
    assert sizes.judge_size("table", size, 100, companies).severity is severity


def test_indexes_that_the_scaling_plan_does_not_have_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"table": 2.0 * sizes.GB, "B-tree indexes": 2.5 * sizes.GB, "trigram index": 0.2 * sizes.GB}
    monkeypatch.setattr(sizes, "read_sizes", lambda: found)
    assert {each.severity for each in sizes.check_sizes(4_000_000)} == {OK}
    found["B-tree indexes"] = 6.0 * sizes.GB
    assert [each.subject for each in sizes.check_sizes(4_000_000) if each.severity is WARNING] == [
        "on disk together"
    ]


@pytest.mark.parametrize(("free", "severity"), [(100, OK), (99, ERROR), (None, NOTE)])
def test_a_disk_with_less_than_is_needed_is_an_error(free: int | None, severity: Severity) -> None:
    assert sizes.judge_disk("disk", 100, free, "", "/var/lib", ERROR).severity is severity


@pytest.mark.parametrize(("known", "severity"), [(900, OK), (1_100, OK), (899, WARNING), (1_101, WARNING)])
def test_statistics_may_be_wrong_by_a_tenth(known: int, severity: Severity) -> None:
    assert judge_statistics(known, 1_000).severity is severity


@pytest.mark.parametrize(("count", "severity"), [(0, OK), (1, NOTE), (10, NOTE), (11, WARNING)])
def test_one_company_in_a_hundred_may_have_no_known_town(count: int, severity: Severity) -> None:
    assert judge_towns("unknown towns", count, 1_000, "").severity is severity


@pytest.mark.parametrize(("rejected", "severity"), [(10, OK), (11, WARNING)])
def test_one_record_in_a_hundred_may_be_rejected(rejected: int, severity: Severity) -> None:
    report = Report(records=1_000, created=1_000 - rejected, rejected=rejected)
    assert judge_dry_run("a.csv", report).severity is severity


@pytest.mark.parametrize(
    ("age", "drill", "severity"),
    [
        (timedelta(days=7), HELD, OK),
        (timedelta(days=7, seconds=1), HELD, WARNING),
        (timedelta(days=1), None, WARNING),
    ],
)
def test_a_backup_is_a_week_old_at_most_and_was_restored(
    age: timedelta, drill: Drill | None, severity: Severity
) -> None:
    assert judge_backup("20261121T041500Z", age, drill, 100, 100).severity is severity


@pytest.mark.parametrize(
    ("companies", "severity"), [(49, WARNING), (50, OK), (100, OK), (200, OK), (201, WARNING)]
)
def test_a_backup_of_half_or_twice_as_many_companies_is_of_another_directory(
    companies: int, severity: Severity
) -> None:
    assert judge_backup("", timedelta(days=1), HELD, companies, 100).severity is severity


@pytest.mark.parametrize(("now", "low"), [("1GB", False), ("1023MB", True), ("4GB", False), ("", False)])
def test_memory_below_half_of_what_suits_is_low(now: str, low: bool) -> None:
    assert is_low(now, "2GB") is low


@pytest.mark.parametrize(
    ("rows", "dead", "changed", "never_analysed", "action"),
    [
        (100_000, 5_000, 0, False, ""),
        (100_000, 5_001, 0, False, "VACUUM (ANALYZE)"),
        (0, 1_000, 0, False, ""),
        (0, 1_001, 0, False, "VACUUM (ANALYZE)"),
        (100_000, 0, 5_000, False, ""),
        (100_000, 0, 5_001, False, "ANALYZE"),
        (0, 0, 1_000, False, ""),
        (0, 0, 0, True, "ANALYZE"),
    ],
)
def test_a_table_needs_what_its_counts_say(
    rows: int, dead: int, changed: int, never_analysed: bool, action: str
) -> None:
    need = maintain.table_need("t", rows, dead, changed, never_analysed=never_analysed)
    assert (need.action if need else "") == action


@pytest.mark.parametrize(
    ("size", "size_if_new", "bloated"),
    [
        (10_000_000, 7_000_000, True),
        (10_000_000, 7_000_001, False),
        (2_000_000, 2_000_000 - 1_048_576, True),
        (2_000_000, 2_000_000 - 1_048_575, False),
    ],
)
def test_an_index_is_rebuilt_where_30_percent_and_a_mebibyte_are_gained(
    size: int, size_if_new: int, bloated: bool
) -> None:
    assert maintain.is_bloated(size, size_if_new) is bloated


def test_a_query_uses_one_of_its_indexes_and_reads_no_table_whole() -> None:
    query = Query("list", lambda: None, ("nom_id_idx",))
    used = Plan(frozenset({"enterprise_entreprise_nom_id_idx"}), frozenset())
    assert judge(query, [used], 1_000_000) is None
    assert judge(query, [], 1_000_000).severity is NOTE  # type: ignore[union-attr]
    other = Plan(frozenset({"another"}), frozenset())
    assert judge(query, [other], 99_999).severity is NOTE  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("data", "gigabytes"), [(3 * GIB, 4), (3 * GIB + 1, 8), (12 * GIB, 16), (12 * GIB + 1, 32)]
)
def test_data_stays_in_three_quarters_of_memory(data: int, gigabytes: int) -> None:
    assert sizes._machine(data) == gigabytes


@pytest.mark.parametrize(
    ("seconds", "text"), [(119, "119 s"), (120, "2 min"), (7_199, "120 min"), (7_200, "2.0 h")]
)
def test_a_duration_is_read_in_its_unit(seconds: float, text: str) -> None:
    assert sizes._duration(seconds) == text
