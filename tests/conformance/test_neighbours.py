"""All words that are a typo away are found, however many there are: no engine keeps the best few alone."""

from collections.abc import Callable
from itertools import product
from typing import Any

from foxreviews.core.keyset import Window
from foxreviews.enterprise.filters import Filters
from foxreviews.search.engines.base import SearchEngine
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE

WORD = "MARTINELLI"
LETTERS = "BCDFGHJKPQVWXYZ"


def test_hundreds_of_neighbours_are_all_found(
    company: Callable[..., Any], over_everything: Callable[[], SearchEngine]
) -> None:
    words = {f"{WORD[:place]}{letter}{WORD[place + 1 :]}" for place, letter in product(range(10), LETTERS)}
    for word in sorted(words):
        company(word)
    hits = over_everything().search(interpret(WORD), Filters(), Window(RELEVANCE, 100))
    assert len(words) == 150
    assert hits.total == len(words)
