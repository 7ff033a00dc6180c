"""The register's codes of activities, next to a column that names their nomenclature."""

from functools import partial

import polars as pl

from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.reference import naf
from foxreviews.reference.words import key

# The values of the column, in capitals without spaces, signs and accents (reference.words.key)
NAF_REV2 = "NAFREV2"
OLDER = ("NAFREV1", "NAF1993", "NAP")
NAF_2025 = ("NAF2025", "NAF25")  # how INSEE will write it is not known
OLDER_REASON, UNKNOWN_REASON = "naf-of-an-older-nomenclature", "naf-nomenclature-unknown"


def of_nomenclature(column: str) -> Step:
    """The step that reads the codes next to the column that names their nomenclature."""
    return partial(_of_nomenclature, column)


def _of_nomenclature(column: str, cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """The code of an older nomenclature, which looks like one of NAF rév. 2, is left out; any other says what it is.

    The column that names the nomenclature is believed where it names an older one, and of codes that are in none.
    """
    spelt = {name: key(name) for name in frame[column].unique()}
    older = [name for name in spelt if spelt[name] in OLDER]
    frame = cleaner.keep_where(frame, "naf_code", ~pl.col(column).is_in(older), OLDER_REASON)
    for name in spelt.keys() - older:
        if spelt[name] != NAF_REV2:
            here = pl.col(column) == name
            frame = _without_what_is_in_none(cleaner, frame, name, here)
    return frame


def _without_what_is_in_none(cleaner: Cleaner, frame: pl.DataFrame, name: str, here: pl.Expr) -> pl.DataFrame:
    """What to make of a code that is in neither nomenclature, where the file does not say that it is of rév. 2."""
    codes = frame.filter(here)["naf_code"].unique()
    none = [code for code in codes if code and naf.nomenclature_of(naf.normalise(code)) is None]
    if not none:
        return frame
    here &= pl.col("naf_code").is_in(none)
    if key(name) in NAF_2025:  # a later edition has a new code
        both = {"naf_code": pl.lit(""), "naf25_code": pl.col("naf_code")}
        return frame.with_columns(
            pl.when(here).then(new).otherwise(pl.col(column)).alias(column) for column, new in both.items()
        )
    return cleaner.keep_where(frame, "naf_code", ~here, UNKNOWN_REASON if name else OLDER_REASON)
