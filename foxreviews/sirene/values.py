"""The register's texts: what stands for an absent value, texts made from several columns, and the columns staged."""

from collections.abc import Collection, Mapping

import polars as pl

from foxreviews.enterprise.names import COLON, SEPARATOR
from foxreviews.enterprise.privacy import MASK, PUBLIC
from foxreviews.importing.clean import not_known
from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.importing.clean.steps import columns_where

# What a head office gives its company: the town, and what is forgotten of those who may not be shown.
PLACE = ("code_postal", "ville_nom", "code_commune", "departement")
KNOWN_AS = ("nom_commercial", "autres_noms")
STREET = ("adresse", *KNOWN_AS, "latitude", "longitude")


def unmask(facts: Mapping[str, str], identity: Mapping[str, Collection[str]], diffusion: str) -> Step:
    """`[ND]` is not a value: the register writes it in the place of a text that it does not show.

    Of `facts`, which are columns of the file with the directory's columns that they fill, a mask says nothing. Of
    `identity` neither, where the record is public; where it is not, that is to be forgotten.
    """

    def unmasked(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
        masked = columns_where(frame, pl.col(pl.String) == MASK)
        public = pl.col(diffusion) == PUBLIC
        for name in masked:
            if name in facts:
                frame = not_known.mark(frame, [facts[name]], pl.col(name) == MASK)
            elif name in identity:
                frame = not_known.mark(frame, identity[name], (pl.col(name) == MASK) & public)
        return frame.with_columns(given(name).fill_null("").alias(name) for name in masked)

    return unmasked


def given(name: str) -> pl.Expr:
    """The column's value, null where it is empty or a mask."""
    return pl.when(~pl.col(name).is_in(["", MASK])).then(pl.col(name))


def first_of(*names: str) -> pl.Expr:
    """The first of the columns that has a value, "" where none has."""
    return pl.coalesce([*(given(name) for name in names), pl.lit("")])


def joined(*names: str, separator: str = " ") -> pl.Expr:
    """The columns that have a value, one after another."""
    return pl.concat_str([given(name) for name in names], separator=separator, ignore_nulls=True)


def names_of(kinds: Mapping[str, str], but: pl.Expr) -> pl.Expr:
    """The names in the columns that kinds are given for, each with its kind (enterprise.names), save one."""
    return pl.concat_str(
        [
            pl.when(given(name) != but).then(pl.concat_str(pl.lit(kind + COLON), name))
            for name, kind in kinds.items()
        ],
        separator=SEPARATOR,
        ignore_nulls=True,
    )


def is_employer(column: str) -> pl.Expr:
    """The register's letter: O, N, or nothing."""
    return pl.col(column).replace_strict({"O": True, "N": False}, default=None, return_dtype=pl.Boolean)


def select(filled: Collection[str]) -> Step:
    """The step that keeps the columns to stage, and what became of each record."""

    def keep(_: Cleaner, frame: pl.DataFrame) -> pl.DataFrame:
        wanted = {*filled, "row", "blank", "reject", "reject_column", not_known.COLUMN}
        return frame.select(name for name in frame.columns if name in wanted)

    return keep
