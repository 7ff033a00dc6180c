"""How many typos a word may have, and how many there are."""

import pytest

from foxreviews.reference.vocabulary import areas, trades, trades_beginning, trades_near
from foxreviews.reference.words import distance, typos_of


@pytest.mark.parametrize(
    ("word", "typos"), [("AB", 0), ("ABC", 1), ("ABCDEF", 1), ("ABCDEFG", 2), ("ABC1", 0), ("ABCDEFGH9", 0)]
)
def test_longer_words_may_have_more(word: str, typos: int) -> None:
    assert typos_of(word) == typos


@pytest.mark.parametrize(
    ("one", "other", "limit", "typos"),
    [
        *(("LYON", "LYON", 1, 0), ("LYON", "LYN", 1, 1), ("LYON", "LOYN", 1, 1), ("LYON", "LYIN", 1, 1)),
        *(("LYON", "LYONS", 1, 1), ("LYON", "PARIS", 2, 3), ("LYON", "LN", 2, 2), ("LYON", "LN", 1, 2)),
    ],
)
def test_a_swap_of_neighbours_is_one(one: str, other: str, limit: int, typos: int) -> None:
    assert distance(one, other, limit) == typos


def test_a_trade_is_known_by_its_word_its_beginning_and_but_for_a_typo() -> None:
    assert "10.71C" in trades("BOULANGERIES") & trades_beginning("BOULANG") & trades_near("BOULANGRIE")
    assert not trades_near("TAXI")  # four letters may be any word
    assert trades("TAXI") < trades_near("TAXIS")


def test_an_area_is_known_by_its_whole_name_alone() -> None:
    assert areas(["BOULANGER", "LOIRE", "ATLANTIQUE"])["ATLANTIQUE"] == {"44"}
    assert "ATLANTIQUE" not in areas(["ATLANTIQUE"])
