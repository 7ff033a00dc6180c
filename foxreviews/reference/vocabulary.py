"""What single words say of a company: its trade, its département, its région.

Trades go by the words of the labels of both nomenclatures and by the everyday ones of reference.naf. Areas go by name:
a company is in Finistère though nothing that it is written with says so.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import takewhile

from foxreviews.reference.geography import DEPARTEMENTS, REGIONS
from foxreviews.reference.naf import NAF, NAF25, TRADES, TRADES25, predecessor
from foxreviews.reference.words import LITTLE, distance, words

Codes = frozenset[str]  # of the NAF, or of départements
_NONE: Codes = frozenset()
MIN_NEAR = 5  # letters
# Words of labels that mean a town or a street where they are typed: bets (paris), bridges, baths; "Toutes les autres …"
_OTHER_MEANINGS = frozenset(["PARIS", "PONTS", "BAIN", "BAINS", "NEUFS", "PLACE", "LEUR", "TOUTES"])


def trades(word: str) -> Codes:
    """The NAF codes of the trades that a word names, in the singular or plural."""
    return _codes().get(stem(word), _NONE)


def trades_beginning(letters: str) -> Codes:
    """The NAF codes of the trades with a word that begins so."""
    ordered = _ordered()
    following = (ordered[place] for place in range(bisect_left(ordered, letters), len(ordered)))
    codes = _codes()
    return frozenset().union(
        *(codes[word] for word in takewhile(lambda word: word.startswith(letters), following))
    )


@lru_cache(maxsize=10_000)
def trades_near(word: str) -> Codes:
    """The NAF codes of the trades that a word of five letters or more names but for one typo: "boulangrie"."""
    if len(word) < MIN_NEAR:
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
        if len(word) >= MIN_NEAR - 1:
            for each in (word, *_shorter(word)):
                found[each].add(word)
    return dict(found)


@cache
def _codes() -> dict[str, Codes]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    labels = [(label, (code,)) for code, label in (NAF | NAF25).items()]
    for label, codes in (*labels, *TRADES.items(), *TRADES25.items()):
        for word in words(label):
            if word not in LITTLE and word not in _OTHER_MEANINGS and not word.isdigit():
                found[stem(word)].update(codes)
    return {word: _without_successors(codes) for word, codes in found.items()}


def _without_successors(codes: set[str]) -> Codes:
    """Without the codes of NAF 2025 that come from one of the others: who has such a code is met by that one.

    Two thirds of them: a trade in words costs a search about as much as with one nomenclature.
    """
    return frozenset(code for code in codes if predecessor(code) not in codes)


@cache
def _ordered() -> list[str]:
    return sorted(_codes())


def stem(word: str) -> str:
    """Without the plural's ending. Names keep theirs: only trades are looked up so."""
    return word[:-1] if len(word) > 3 and word[-1] in "SX" else word


def areas(typed: Sequence[str]) -> Mapping[str, Codes]:
    """The words of a query that name a département or a région, its whole name in a row; each with what it names."""
    found: dict[str, Codes] = {}
    for start in range(len(typed)):
        for end in range(start + 1, min(start + _max_area_words(), len(typed)) + 1):
            if codes := _area_names().get(tuple(typed[start:end])):
                found |= {word: found.get(word, frozenset()) | codes for word in typed[start:end]}
    return found


@cache
def _area_names() -> Mapping[tuple[str, ...], Codes]:
    known: dict[tuple[str, ...], Codes] = {}
    for code, departement in DEPARTEMENTS.items():
        name = tuple(words(departement.nom))
        known[name] = known.get(name, frozenset()) | {code}
    for region, nom in REGIONS.items():
        name = tuple(words(nom))
        inside = {code for code, each in DEPARTEMENTS.items() if each.region == region}
        known[name] = known.get(name, frozenset()) | inside
    return known


@cache
def _max_area_words() -> int:
    return max(map(len, _area_names()))
