"""The register's texts: what stands for an absent value, texts made from several columns, and the columns staged."""

from collections.abc import Collection

import polars as pl

from foxreviews.enterprise.privacy import MASK
from foxreviews.importing.clean import not_known
from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.importing.clean.steps import columns_where


def unmask(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
    """`[ND]` is not a value: the register writes it in the place of a text that it does not show."""
    masked = columns_where(frame, pl.col(pl.String) == MASK)
    return frame.with_columns(given(name).fill_null("").alias(name) for name in masked)


def given(name: str) -> pl.Expr:
    """The column's value, null where it is empty or a mask."""
    return pl.when(~pl.col(name).is_in(["", MASK])).then(pl.col(name))


def first_of(*names: str) -> pl.Expr:
    """The first of the columns that has a value, "" where none has."""
    return pl.coalesce([*(given(name) for name in names), pl.lit("")])


def joined(*names: str, separator: str = " ") -> pl.Expr:
    """The columns that have a value, one after another."""
    return pl.concat_str([given(name) for name in names], separator=separator, ignore_nulls=True)


def select(filled: Collection[str]) -> Step:
    """The step that keeps the columns to stage, and what became of each record."""
    staged = [column for column in not_known.LOADED if column in filled]

    def keep(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
        marks = {not_known.COLUMN} & {*frame.columns}
        return frame.select("row", *staged, "blank", "reject", "reject_column", *marks)

    return keep
