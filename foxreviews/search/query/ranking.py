"""What comes first. docs/explanation/ranking.md tells it to people.

A hit's place is its tier (how well its words match), then its prominence (how much of a company it is), then its
SIREN, the lower the earlier: a total order, the same on every page. Prominence and SIREN are one number, the rank:
search.index.document makes it for an index, search.engines.postgres in SQL.
"""

from enum import IntEnum

from foxreviews.core.keyset import Ordering
from foxreviews.reference.register import BANDS

# Ranks are distinct, so the order is total; `score` is a Tier.
RELEVANCE = Ordering("pertinence", ("score", "rank"), descending=True)
SIREN_BITS = 30  # 10^9 < 2^30
# 15 bands, by the least workforce; "NN" and an unknown band are 0
BAND_PLACES = {
    band.code: place for place, band in enumerate(sorted(BANDS.values(), key=lambda band: band.minimum))
}
MAX_SIREN = 2**SIREN_BITS - 1


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


def siren_of(rank: int) -> str:
    """The SIREN that a rank holds."""
    return f"{MAX_SIREN - (rank & MAX_SIREN):09}"
