"""Which names of a block of periods are former ones."""

from datetime import date

import polars as pl

from foxreviews.sirene.links import NATURES, former_names

Period = tuple[str, str, date | None, date | None]
BEGIN, MIDDLE, END = date(2010, 1, 1), date(2012, 1, 1), date(2014, 1, 1)


def periods(*rows: Period) -> pl.DataFrame:
    """Of each the SIREN, the denomination, the first and the last day."""
    kinds = {
        "siren": pl.String,
        "denominationUniteLegale": pl.String,
        "date_debut": pl.Date,
        "date_fin": pl.Date,
    }
    frame = pl.DataFrame(rows, schema=kinds, orient="row")
    return frame.with_columns(pl.lit("").alias(name) for name in NATURES if name not in kinds)


def names(*rows: Period) -> list[tuple[object, ...]]:
    return former_names(periods(*rows)).select("siren", "nom", "date_debut", "date_fin").rows()


def test_a_name_that_is_today_s_but_for_its_spelling_is_none() -> None:
    today = ("1", "L'ATELIER", MIDDLE, None)
    assert names(today, ("1", "L'ATELIER", BEGIN, END)) == []
    assert names(today, ("1", "l' Atelier", BEGIN, END)) == []
    assert names(today, ("1", "L'ATELIER BIS", BEGIN, END)) == [("1", "L'ATELIER BIS", BEGIN, END)]


def test_another_company_s_name_of_today_is_no_reason_to_leave_one_out() -> None:
    assert names(("1", "FOX", MIDDLE, None), ("2", "FOX", BEGIN, END)) == [("2", "FOX", BEGIN, END)]


def test_spellings_of_one_name_are_one_from_the_first_day_to_the_last_as_written_last() -> None:
    assert names(("1", "Œuvre", BEGIN, MIDDLE), ("1", "OEUVRE", MIDDLE, END)) == [("1", "OEUVRE", BEGIN, END)]
    assert names(("1", "FOX", None, MIDDLE), ("1", "FOX", MIDDLE, END)) == [("1", "FOX", None, END)]


def test_a_mask_and_a_text_without_a_letter_are_no_names() -> None:
    assert names(("1", "[ND]", BEGIN, END), ("1", "[ n.d. ]", BEGIN, END), ("1", "--", BEGIN, END)) == []
