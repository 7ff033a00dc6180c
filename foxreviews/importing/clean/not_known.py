"""The third state of a cell: not a value, not empty on purpose, but not known.

A company that is there already keeps what the directory has; a new one gets what the frame holds in the cell: nothing,
or the safe side. A frame tells by the column `not_known`, a bit for each of the directory's columns, which it has only
where some cell is not known: a file of valid values pays nothing.
"""

from collections.abc import Iterable

import polars as pl
from django.db.models import Model

from foxreviews.enterprise.models import Entreprise

COLUMN = "not_known"
NOT_LOADED = {"id", "created_at", "updated_at", "cell"}


def loaded(model: type[Model]) -> tuple[str, ...]:
    """The columns of the directory's table that a file fills."""
    return tuple(field.column for field in model._meta.concrete_fields if field.column not in NOT_LOADED)


LOADED = loaded(Entreprise)
BITS = {column: 1 << place for place, column in enumerate(LOADED)}


def mark(frame: pl.DataFrame, columns: Iterable[str], where: pl.Expr) -> pl.DataFrame:
    """The cells of these columns are not known in the rows where that holds. Other files' columns have no bit."""
    marks = bits(column for column in columns if column in BITS)
    if not marks:
        return frame
    before = pl.col(COLUMN) if COLUMN in frame.columns else pl.lit(0, pl.Int64)
    marked = pl.when(where).then(before | pl.lit(marks, pl.Int64)).otherwise(before)
    return frame.with_columns(marked.alias(COLUMN))


def bits(columns: Iterable[str]) -> int:
    """The bits that stand for the columns."""
    return sum(BITS[column] for column in columns)
