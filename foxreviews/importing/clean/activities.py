"""The activity of a company: its codes of NAF rév. 2 and NAF 2025, from whatever a file has of either.

A code says which nomenclature it is of, so the column that it stands in does not matter: files of 2027 have NAF 2025
where older ones have rév. 2. Where a file gives one of both, and a single code corresponds to it, the other is derived.
"""

from functools import lru_cache
from typing import NamedTuple

import polars as pl

from foxreviews.importing.clean.cleaning import Cleaner
from foxreviews.reference import naf
from foxreviews.reference.naf import Nomenclature

REV2, NAF25 = "naf_code", "naf25_code"
ACTIVITY = (REV2, "naf_libelle", NAF25, "naf_derived")  # the columns that are filled


class Activity(NamedTuple):
    """Both codes and the label of rév. 2, "" where there is none.

    `naf_derived` names the code that the file does not give.
    """

    naf_code: str = ""
    naf_label: str = ""
    naf25_code: str = ""
    naf_derived: str = ""


@lru_cache(maxsize=10_000)
def activity_of(naf_code: str, naf25_code: str) -> Activity:
    """The activity that two cells name, in any spelling. A code of neither nomenclature stays in its column."""
    cells = naf.read(naf_code), naf.read(naf25_code)
    of = {naf.nomenclature_of(code): code for code in reversed(cells) if code}  # the first one counts
    rev2, naf25 = (
        of.get(nomenclature, "") or (own if naf.nomenclature_of(own) is None else "")
        for own, nomenclature in zip(cells, (Nomenclature.REV2, Nomenclature.NAF2025), strict=True)
    )
    derived = ""
    if rev2 and not naf25 and (naf25 := naf.successor(rev2)):
        derived = NAF25
    elif naf25 and not rev2 and (rev2 := naf.predecessor(naf25)):
        derived = REV2
    return Activity(rev2, naf.label(rev2), naf25, derived)


def activity(cleaner: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """Both codes with their dots and labels; the source's label where the reference has none."""
    given = [name for name in (REV2, NAF25) if name in frame.columns]
    for name in given:
        frame = _without_malformed(cleaner, frame, name)
    cells = frame.select(given).unique()
    found = [activity_of(row.get(REV2, ""), row.get(NAF25, "")) for row in cells.iter_rows(named=True)]
    made = pl.DataFrame(found, schema=dict.fromkeys(Activity._fields, pl.String), orient="row")
    read = cells.select(pl.all().name.prefix("read_")).hstack(made)
    frame = frame.rename({name: f"read_{name}" for name in given})
    keys = [f"read_{name}" for name in given]
    frame = frame.join(read, on=keys, how="left", maintain_order="left").drop(keys)
    source = pl.col("naf_libelle") if "naf_libelle" in frame.columns else pl.lit("")
    # A source that gives NAF 2025 alone has the label of that
    foreign = (pl.col("naf_code") == "") & (pl.col("naf25_code") != "")
    label = pl.when((pl.col("naf_label") == "") & ~foreign).then(source).otherwise(pl.col("naf_label"))
    return frame.with_columns(naf_libelle=label).drop("naf_label")


def _without_malformed(cleaner: Cleaner, frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """What has not the shape of a code is left out."""
    malformed = [text for text in frame[name].unique() if text and not naf.read(text)]
    if not malformed:
        return frame
    valid = ~pl.col(name).is_in(malformed)
    return cleaner.keep_where(frame, name, valid, f"{name.replace('_', '-')}-malformed")
