"""What a run refuses and says, without a database."""

from io import StringIO

import pytest

from foxreviews.core.progress import Reporter
from foxreviews.importing.errors import UnbalancedRun
from foxreviews.importing.ledger import Report
from foxreviews.importing.run import MAX_COLUMNS_SHOWN, refuse_missing_rows, report_ignored_columns
from foxreviews.importing.summary import MAX_REASONS, print_reasons
from foxreviews.reading.header import Columns


def ignored(count: int) -> str:
    out = StringIO()
    report_ignored_columns(Columns(",", (), tuple(f"c{number}" for number in range(count))), Reporter(out))
    return out.getvalue()


@pytest.mark.parametrize("staged", [9, 11])
def test_a_staging_table_that_does_not_hold_what_was_counted_is_refused(staged: int) -> None:
    refuse_missing_rows(10, 10)
    with pytest.raises(UnbalancedRun, match=rf"10 companies should be staged, {staged} are.*--restart"):
        refuse_missing_rows(10, staged)


def test_ignored_columns_are_named_up_to_a_number_and_counted_beyond() -> None:
    assert ignored(0) == ""
    assert ignored(MAX_COLUMNS_SHOWN).endswith(f"c{MAX_COLUMNS_SHOWN - 1}.\n")
    assert ignored(MAX_COLUMNS_SHOWN + 1).endswith(f"c{MAX_COLUMNS_SHOWN - 1} and 1 more.\n")


def test_reasons_are_shown_up_to_a_number_and_counted_beyond() -> None:
    def shown(count: int) -> str:
        out = StringIO()
        print_reasons("Rejected", {f"r{number}": 1 for number in range(count)}, Report(), Reporter(out))
        return out.getvalue()

    assert "more reasons" not in shown(MAX_REASONS)
    assert "and 1 more reasons" in shown(MAX_REASONS + 1)
