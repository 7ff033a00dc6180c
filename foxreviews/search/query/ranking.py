"""What comes first. docs/explanation/ranking.md tells it to people.

A hit's place is its tier (how well its words match), then its prominence (how much of a company it is), then its
SIREN, the lower the earlier: a total order, the same on every page.
"""

from enum import IntEnum

import polars as pl

from foxreviews.core.keyset import Ordering
from foxreviews.reference.register import BANDS, NATURAL_PERSON

# Ranks are distinct, so the order is total; `score` is a Tier.
RELEVANCE = Ordering("pertinence", ("score", "rank"), descending=True)
SIREN_BITS = 30  # 10^9 < 2^30
# 15 bands, by the least workforce; "NN" and an unknown band are 0
BAND_PLACES = {
    band.code: place for place, band in enumerate(sorted(BANDS.values(), key=lambda band: band.minimum))
}
_LAST = 2**SIREN_BITS - 1


class Tier(IntEnum):
    """How well a company matches, best last, so that a tier is compared as a score."""

    MOST = 1  # all words that count but one
    TYPOS = 2  # as TYPO, but two in long words
    TYPO = 3  # as BEGINNING, but for a typo in each of its words
    BEGINNING = 4  # every word that counts begins one of its words
    START = 5  # every word that counts begins one of its name
    ADDRESS = 6  # every word that counts is one of its name, town, trade or address
    PLACE = 7  # every word that counts is one of its name, town or trade
    CORE = 8  # every word that counts is one of its name: all but articles, legal forms, single letters
    NAME = 9  # every word is one of its name
    EXACT = 10  # its name, or its name and town

    @property
    def label(self) -> str:
        """What `?explain=1` calls it."""
        return self.name.lower()


def prominence() -> pl.Expr:
    """0 to 255: active before ceased, then by workforce, then companies before sole traders, then head office known."""
    band = pl.col("tranche_effectif").replace_strict(BAND_PLACES, default=0, return_dtype=pl.UInt64)
    parts = (
        (pl.col("is_active"), 7),
        (pl.col("categorie_juridique") != NATURAL_PERSON, 2),
        (pl.col("siret") != "", 1),
        (pl.col("latitude").is_not_null(), 0),
    )
    flags = (flag.cast(pl.UInt64) * 2**bit for flag, bit in parts)
    return pl.sum_horizontal(band * 2**3, *flags)


def rank() -> pl.Expr:
    """The number by which equals are ordered, highest first. It holds the SIREN."""
    within = pl.lit(_LAST) - pl.col("siren").cast(pl.UInt64)
    whole: pl.Expr = prominence() * 2**SIREN_BITS + within
    return whole


def siren_of(rank: int) -> str:
    """The SIREN that a rank holds."""
    return f"{_LAST - (rank & _LAST):09}"
