"""Which files are stock files."""

import pytest

from foxreviews.reading.errors import WrongColumns
from foxreviews.reference.register import ESTABLISHMENT_COLUMNS
from foxreviews.sirene.layout import ESTABLISHMENTS, LEGAL_UNITS, MAX_NAMED, Layout

LETTERS = tuple("abcdefghijklmnop")


def layout(added: str = "") -> Layout:
    return Layout("THE STOCK FILE", LETTERS, frozenset(added), LETTERS[:2])


def test_columns_are_found_in_any_order_and_only_those_that_are_read_are_known() -> None:
    columns = layout().match_line(";".join((*LETTERS[::-1], "z")), "FILE")
    assert (columns.delimiter, columns.known, columns.ignored) == (";", ("b", "a"), ("z",))


def test_a_column_that_newer_vintages_have_may_be_missing() -> None:
    assert layout(added="p").match(LETTERS[:-1], "FILE").known == ("a", "b")
    with pytest.raises(WrongColumns, match="FILE lacks the column p of THE STOCK FILE"):
        layout().match(LETTERS[:-1], "FILE")


def test_missing_columns_are_named_up_to_a_number_and_up_to_half_of_them() -> None:
    with pytest.raises(WrongColumns, match="lacks the columns a, b, c, d, e, f of"):
        layout().match(LETTERS[MAX_NAMED:], "FILE")
    with pytest.raises(WrongColumns, match="lacks the columns a, b, c, d, e, f and 2 more of"):
        layout().match(LETTERS[len(LETTERS) // 2 :], "FILE")
    with pytest.raises(WrongColumns, match="FILE is not THE STOCK FILE: 9 of its columns are missing"):
        layout().match(LETTERS[len(LETTERS) // 2 + 1 :], "FILE")


def test_a_likely_misspelling_is_shown_and_swapped_files_are_noticed() -> None:
    names = ["siret" if name == "siren" else name for name in LEGAL_UNITS.columns]
    with pytest.raises(WrongColumns, match="siren \\(it has siret instead\\)"):
        LEGAL_UNITS.match(names, "FILE")
    with pytest.raises(WrongColumns, match="are the two files swapped"):
        LEGAL_UNITS.match(ESTABLISHMENT_COLUMNS, "FILE")
    with pytest.raises(WrongColumns, match="Is it the right file"):
        ESTABLISHMENTS.match(["a"], "FILE")
