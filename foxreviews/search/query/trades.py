"""Trades by the words people use: those of the NAF's labels, and the everyday ones of reference.naf."""

from bisect import bisect_left
from collections import defaultdict
from functools import cache, lru_cache
from itertools import takewhile

from foxreviews.reference.naf import NAF, TRADES
from foxreviews.search.query.typos import distance
from foxreviews.search.query.words import LITTLE, words

Codes = frozenset[str]
_NONE: Codes = frozenset()
LEAST_NEAR = 5  # letters


def named(word: str) -> Codes:
    """The NAF codes of the trades that a word names, in the singular or plural."""
    return _codes().get(stem(word), _NONE)


def beginning(letters: str) -> Codes:
    """The NAF codes of the trades with a word that begins so."""
    ordered = _ordered()
    following = (ordered[place] for place in range(bisect_left(ordered, letters), len(ordered)))
    codes = _codes()
    return frozenset().union(
        *(codes[word] for word in takewhile(lambda word: word.startswith(letters), following))
    )


@lru_cache(maxsize=10_000)
def near(word: str) -> Codes:
    """The NAF codes of the trades that a word of five letters or more names but for one typo: "boulangrie"."""
    if len(word) < LEAST_NEAR:
        return _NONE
    met = {stem_of for each in (stem(word), *_shorter(stem(word))) for stem_of in _by_shorter().get(each, ())}
    codes = _codes()
    return _NONE.union(*(codes[known] for known in met if distance(stem(word), known, 1) <= 1))


def _shorter(word: str) -> set[str]:
    """The word with one letter left out: two words that are one typo apart share one of these, or are one."""
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


@cache
def _by_shorter() -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for word in _codes():
        if len(word) >= LEAST_NEAR - 1:
            for each in (word, *_shorter(word)):
                found[each].add(word)
    return dict(found)


@cache
def _codes() -> dict[str, Codes]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    labels = [(label, (code,)) for code, label in NAF.items()]
    for label, codes in (*labels, *TRADES.items()):
        for word in words(label):
            if word not in LITTLE:
                found[stem(word)].update(codes)
    return {word: frozenset(codes) for word, codes in found.items()}


@cache
def _ordered() -> list[str]:
    return sorted(_codes())


def stem(word: str) -> str:
    """Without the plural's ending. Names keep theirs: only trades are looked up so."""
    return word[:-1] if len(word) > 3 and word[-1] in "SX" else word
