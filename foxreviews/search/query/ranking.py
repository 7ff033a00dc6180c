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

    MOST = 1  # all words that count but one, or but its town
    ELSEWHERE = 2  # the same, all of them in its name, or its trade
    NEARBY = 3  # the same, in the département of the town or postal code that was left out
    TYPOS = 4  # as TYPO, but two in long words
    TYPO = 5  # as BEGINNING, but for a typo in each of its words
    TYPO_IN_NAME = 6  # the same, but typos in its name only, and no word in its address
    BEGINNING = 7  # every word that counts begins one of its words
    ALMOST = 8  # its whole name but for one typo
    START = 9  # every word that counts begins one of its name
    NAME_START = 10  # its name begins so, in any spacing
    ADDRESS = 11  # every word that counts is one of its name, town, trade or address
    BRANCH = 12  # as PLACE, but in the town of another of its establishments, or by the sign of the one there
    PLACE = 13  # every word that counts is one of its names, its town or trade
    CORE = 14  # every word that counts is one of one name: all but articles, legal forms, single letters
    NAME = 15  # every word is one of one name
    ORDER = 16  # a whole name in another order
    EXACT = 17  # a whole name, or one and its town

    @property
    def label(self) -> str:
        """What `?explain=1` calls it."""
        return self.name.lower()


DROPPING = (Tier.NEARBY, Tier.ELSEWHERE, Tier.MOST)  # whose companies lack a word


def siren_of(rank: int) -> str:
    """The SIREN that a rank holds."""
    return f"{MAX_SIREN - (rank & MAX_SIREN):09}"
