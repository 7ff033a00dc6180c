"""The columns of the register's files, as INSEE publishes them."""

from foxreviews.reference.stock_files import (
    ADDED_ESTABLISHMENT_COLUMNS,
    ADDED_LEGAL_UNIT_COLUMNS,
    ESTABLISHMENT_COLUMNS,
    LEGAL_UNIT_COLUMNS,
)


def test_today_s_files_have_35_and_54_columns_older_ones_33_and_48() -> None:
    assert (len(set(LEGAL_UNIT_COLUMNS)), len(set(ESTABLISHMENT_COLUMNS))) == (35, 54)
    assert len(set(LEGAL_UNIT_COLUMNS) - ADDED_LEGAL_UNIT_COLUMNS) == 33
    assert len(set(ESTABLISHMENT_COLUMNS) - ADDED_ESTABLISHMENT_COLUMNS) == 48
