"""The codes of both nomenclatures, from whatever a file has of either."""

import polars as pl
import pytest

from foxreviews.importing.clean.activities import activity
from foxreviews.importing.clean.cleaning import Cleaner
from foxreviews.importing.clean.places import POSTAL, Places
from foxreviews.location.lookup import Place
from foxreviews.reference.activity import Activity, activity_of


def through(**columns: list[str]) -> tuple[pl.DataFrame, dict[str, int]]:
    cleaner = Cleaner(Places(POSTAL, lambda *_: Place("", "", "")))
    return activity(cleaner, pl.DataFrame(columns)), cleaner.left_out


@pytest.mark.parametrize(
    ("naf_code", "naf25_code", "rev2", "naf25", "derived"),
    [
        ("62.01Z", "62.10Y", "62.01Z", "62.10Y", ""),
        ("6201z", "6210y", "62.01Z", "62.10Y", ""),
        ("62.01Z", "", "62.01Z", "62.10Y", "naf25_code"),
        ("62.10Y", "", "62.01Z", "62.10Y", "naf_code"),
        ("", "62.10Y", "62.01Z", "62.10Y", "naf_code"),
        ("62.10Y", "62.10Y", "62.01Z", "62.10Y", "naf_code"),
        ("62.10Y", "62.01Z", "62.01Z", "62.10Y", ""),  # each in the other's column
        ("62.10Y", "62.20Y", "62.01Z", "62.10Y", "naf_code"),  # the main column counts
        ("56.10C", "", "56.10C", "", ""),  # was split
        ("47.11K", "", "", "47.11K", ""),  # comes from several
        ("46.89Y", "", "", "46.89Y", ""),  # corresponds to nothing
        ("99.98X", "", "99.98X", "", ""),
        ("", "99.98X", "", "99.98X", ""),
        ("99.98X", "62.10Y", "99.98X", "62.10Y", ""),
        ("", "", "", "", ""),
    ],
)
def test_a_code_says_which_nomenclature_it_is_of(naf_code, naf25_code, rev2, naf25, derived):
    found = activity_of(naf_code, naf25_code)
    assert (found.naf_code, found.naf25_code, found.naf_derived) == (rev2, naf25, derived)


def test_the_code_of_the_older_nomenclature_has_its_label() -> None:
    assert activity_of("62.01Z", "") == Activity(
        "62.01Z", "Programmation informatique", "62.10Y", "naf25_code"
    )


def test_a_block_without_the_newer_column_has_both_codes() -> None:
    frame, left_out = through(naf_code=["6210Y", "56.10C", "47.11K", "62", ""])
    assert frame["naf_code"].to_list() == ["62.01Z", "56.10C", "", "", ""]
    assert frame["naf25_code"].to_list() == ["62.10Y", "", "47.11K", "", ""]
    assert frame["naf_derived"].to_list() == ["naf_code", "", "", "", ""]
    assert left_out == {"naf-code-malformed": 1}


def test_what_is_no_code_in_the_newer_column_is_left_out_and_counted() -> None:
    frame, left_out = through(naf_code=["62.01Z", "62.01Z"], naf25_code=["MUSIQUE", "62.10Y"])
    assert frame["naf25_code"].to_list() == ["62.10Y", "62.10Y"]
    assert frame["naf_derived"].to_list() == ["naf25_code", ""]
    assert left_out == {"naf25-code-malformed": 1}


def test_the_label_of_a_source_that_gives_naf_2025_is_not_taken_for_the_other_ones() -> None:
    frame, _ = through(naf_code=["47.11K", "62.10Y", "99.98X", ""], naf_libelle=["A", "B", "C", "D"])
    assert frame["naf_libelle"].to_list() == ["", "Programmation informatique", "C", "D"]
