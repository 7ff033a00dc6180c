"""Every record is counted once, and what does not add up or is refused too often stops the run."""

from dataclasses import fields

import pytest

from foxreviews.importing.clean.cleaning import Reject
from foxreviews.importing.errors import TooManyRejects, UnbalancedRun
from foxreviews.importing.ledger import EXAMPLE_CHARACTERS, MAX_REJECT_RATE, MIN_REJECTS, Report
from foxreviews.sirene.report import Establishments, RegisterReport


def report(records: int, rejected: int) -> Report:
    return Report(records=records, rejected=rejected, rejects_by_reason={"siren-key": rejected})


def refused(counts: Report, rate: float | None = None) -> bool:
    try:
        counts.refuse_too_many_rejects(rate)
    except TooManyRejects:
        return True
    return False


@pytest.mark.parametrize("part", Report.PARTS)
def test_a_report_closes_only_where_its_parts_add_up_to_its_records(part: str) -> None:
    Report(records=1, **{part: 1}).close(2.0)  # type: ignore[arg-type]
    with pytest.raises(UnbalancedRun, match=r"2 records were read but 1 accounted for.*report this"):
        Report(records=2, **{part: 1}).close(2.0)  # type: ignore[arg-type]


def test_a_negative_part_is_no_balance() -> None:
    with pytest.raises(UnbalancedRun):
        Report(records=1, created=2, unchanged=-1).close(1.0)


def test_the_rate_of_a_report_is_its_records_by_its_seconds() -> None:
    closed = Report(records=300, created=300)
    closed.close(2.0)
    assert (closed.seconds, closed.rows_per_second) == (2.0, 150)


@pytest.mark.parametrize("part", Establishments.PARTS)
def test_the_report_of_a_register_closes_only_where_establishments_add_up_too(part: str) -> None:
    RegisterReport(establishments=Establishments(records=1, **{part: 1})).close(1.0)  # type: ignore[arg-type]
    with pytest.raises(UnbalancedRun, match="1 establishments were read but 0 accounted for"):
        RegisterReport(establishments=Establishments(records=1)).close(1.0)


def test_the_staged_companies_are_the_records_that_nothing_else_became_of() -> None:
    counts = Report(records=100, blank=1, duplicates=2, rejected=3, skipped=4)
    assert counts.staged == 90
    counts.add_changes(50, 30, {}, {}, update_existing=True)
    assert (counts.created, counts.updated, counts.unchanged, counts.skipped) == (50, 30, 10, 4)
    counts.refuse_imbalance()


def test_known_companies_count_as_skipped_where_they_are_not_to_be_updated() -> None:
    counts = Report(records=100, skipped=4)
    counts.add_changes(50, 0, {}, {}, update_existing=False)
    assert (counts.created, counts.updated, counts.unchanged, counts.skipped) == (50, 0, 0, 50)
    counts.refuse_imbalance()


def test_a_resumed_report_continues_its_counts_and_says_from_where() -> None:
    counts = Report(records=7, created=0, rejected=2, run_id=3, rejects_by_reason={"siren-key": 2})
    resumed = Report.resumed(counts.as_dict())
    assert resumed == Report(
        records=7, rejected=2, run_id=3, rejects_by_reason={"siren-key": 2}, resumed_from=7
    )


def test_a_file_is_refused_above_the_rate_that_was_asked_for_and_not_at_it() -> None:
    assert not refused(report(100, 10), 0.1)
    assert refused(report(100, 11), 0.1)
    assert refused(report(100, 1), 0.0)
    assert not refused(report(100, 0), 0.0)
    assert not refused(report(100, 100), 1.0)


def test_without_a_rate_a_file_is_refused_from_so_many_rejects_and_above_five_in_a_hundred() -> None:
    assert not refused(report(MIN_REJECTS, MIN_REJECTS - 1))
    assert refused(report(MIN_REJECTS, MIN_REJECTS))
    at_the_rate = round(MIN_REJECTS / MAX_REJECT_RATE)
    assert not refused(report(at_the_rate, MIN_REJECTS))
    assert refused(report(at_the_rate - 1, MIN_REJECTS))


def test_blank_and_skipped_records_do_not_dilute_the_rate() -> None:
    assert refused(Report(records=100, rejected=20, blank=30, skipped=30), 0.4)
    assert not refused(Report(records=100, rejected=20), 0.4)
    with pytest.raises(TooManyRejects, match="1 of 2 establishments are rejected"):
        Establishments(records=5, rejected=1, blank=3).refuse_too_many_rejects(0.1)


def test_the_refusal_names_reasons_and_the_rate_that_would_accept_them() -> None:
    with pytest.raises(TooManyRejects, match=r"30 of 100 .*siren-key \(30\).*--max-reject-rate 0.30"):
        report(100, 30).refuse_too_many_rejects(None)
    assert not refused(report(100, 30), 0.3)


def test_rejects_are_counted_by_reason_and_the_first_of_each_is_kept_as_an_example() -> None:
    counts = Report()
    rejects = [Reject(2, 0, "a", "siren", "x\ty" * EXAMPLE_CHARACTERS), Reject(3, 5, "a", "", "z")]
    counts.count_rejects(rejects)
    for each in rejects:
        counts.add_example(each)
    assert (counts.rejected, counts.rejects_by_reason) == (2, {"a": 2})
    example = counts.reject_examples["a"]
    assert (example["line"], example["column"], example["raw"][:3]) == (2, "siren", "x y")
    assert len(example["raw"]) == EXAMPLE_CHARACTERS


def test_values_left_out_add_up() -> None:
    counts = Report()
    counts.add_left_out({"a": 1})
    counts.add_left_out({"a": 2, "b": 1})
    assert counts.values_left_out_by_reason == {"a": 3, "b": 1}


def test_the_report_has_the_keys_that_machines_read() -> None:
    fixed = {
        "records", "created", "updated", "unchanged", "duplicates", "rejected", "blank", "skipped", "seconds",
        "rows_per_second", "resumed_from", "run_id", "rejects_by_reason",
    }  # fmt: skip
    assert fixed <= {field.name for field in fields(Report)}
