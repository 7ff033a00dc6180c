"""The pattern of a word that is begun with a typo finds what reference.words.distance says, and nothing else."""

import re

from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reference.words import distance
from foxreviews.search.cluster.schema import MAX_PATTERN
from foxreviews.search.engines.opensearch import MAX_NEAR, near

WORD = st.text("ABC1", min_size=2, max_size=6)


def is_near(word: str, other: str) -> bool:
    """Whether the other one begins with something that is at most one typo from the word."""
    return any(distance(word, other[:end], 1) <= 1 for end in range(len(other) + 1))


@given(word=WORD, other=st.text("ABC1", max_size=8))
def test_it_finds_words_that_begin_so_but_for_a_typo(word: str, other: str) -> None:
    assert bool(re.fullmatch(near(word), other)) == is_near(word, other)


def test_signs_in_a_word_are_no_pattern() -> None:
    assert re.fullmatch(near("A.C*"), "A.C*D")
    assert not re.fullmatch(near("A.C*"), "AXCYD")


def test_the_longest_is_within_what_an_index_takes() -> None:
    assert len(near("*" * MAX_NEAR)) <= MAX_PATTERN
