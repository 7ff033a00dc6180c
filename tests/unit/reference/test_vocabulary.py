"""What single words say of a company."""

import pytest

from foxreviews.reference.naf import predecessor
from foxreviews.reference.vocabulary import trades, trades_beginning, trades_near


def test_a_trade_goes_by_the_words_of_both_labels_and_by_what_people_say() -> None:
    assert "47.11K" in trades("HYPERMARCHE")
    assert "96.23Y" in trades("SAUNA")  # a word of NAF 2025 alone
    assert {"47.22Z", "47.22Y"} <= trades("BOUCHERIE")
    assert {"47.22Z", "47.22Y"} <= trades_near("BOUCHRIE") | trades("BOUCHERIE")


@pytest.mark.parametrize("word", ["PARIS", "PONT", "BAINS", "PLACE", "35", "120"])
def test_a_word_that_is_a_town_or_a_number_names_no_trade(word: str) -> None:
    assert not trades(word)


@pytest.mark.parametrize("letters", ["PROGRAMM", "BOULANG", "RESTAU"])
def test_a_code_of_naf_2025_is_not_asked_for_next_to_the_one_that_it_comes_from(letters: str) -> None:
    codes = trades_beginning(letters)
    assert codes
    assert not any(predecessor(code) in codes for code in codes)
