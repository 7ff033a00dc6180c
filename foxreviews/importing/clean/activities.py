"""The activity of a company: its codes of NAF rév. 2 and NAF 2025, from whatever a file has of either.

A code says which nomenclature it is of, so the column that it stands in does not matter: files of 2027 have NAF 2025
where older ones have rév. 2. Where a file gives one of both, and a single code corresponds to it, the other is derived.
"""

import polars as pl

from foxreviews.importing.clean.cleaning import Cleaner
from foxreviews.reference import naf
from foxreviews.reference.activity import NAF25, REV2, Activity, activity_of

ACTIVITY = (REV2, "naf_libelle", NAF25, "naf_derived")  # the columns that are filled


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
