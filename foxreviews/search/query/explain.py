"""Why a company matches: where each word that was typed stands in it, and how well.

The tier that placed it says in which ways a word may stand in it (CompanyTiers.spellings). These same nodes are
evaluated on the row that is shown; the index itself keeps no text.
"""

import html
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from foxreviews.core.keyset import Row
from foxreviews.enterprise.names import Name, names
from foxreviews.reference.text import fold
from foxreviews.reference.words import distance, key, street_words, words
from foxreviews.search.query.nodes import Fuzzy, Leaf, Prefix, Range, Term, Terms
from foxreviews.search.query.ranking import DROPPING, Tier
from foxreviews.search.query.tiers import CompanyTiers, Spelling

HOW = ("same", "joined", "trade", "beginning", "typo")  # best first
NAMES = ("nom", "nom_commercial", "autres_noms")
OF_NAMES = ("nom", "joined", "key", "enseigne")  # the fields of the index that are made of names
# The fields of a row, the likeliest first, that a field of the index is made of
COLUMNS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(OF_NAMES, NAMES), "enseigne": ("enseigne",), "ailleurs": ("ville_etablissement",),
    "lieu": ("ville_nom",), "code_postal": ("code_postal",),
    "adresse": ("adresse",), "naf": ("naf_code", "naf25_code"), "departement": ("departement",),
}  # fmt: skip
CODES = ("code_postal", "naf", "departement")
BEGIN, END = "\x02", "\x03"  # of a marked word, until the name is HTML; no name has controls
_ORDER = tuple(dict.fromkeys(column for columns in COLUMNS.values() for column in columns))
_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True)
class Match:
    """A typed word, the field that has it, the field's own word, and how: same, joined, trade, beginning or typo."""

    word: str
    field: str
    found: str
    how: str


class Explanation:
    """Explains the hits of one query. With `tier` all of them by that tier, whatever their score is."""

    def __init__(self, tiers: CompanyTiers, tier: Tier | None = None) -> None:
        self._tiers, self._tier = tiers, tier
        self._spellings: dict[int, dict[str, list[Spelling]]] = {}
        self._nodes_of_names: dict[int, list[tuple[str, list[Leaf]]]] = {}
        self._in_names: dict[tuple[str, int], dict[str, Collection[str]]] = {}

    def matches(self, row: Row, score: int) -> list[Match]:
        """The best match of each word, in the order they were typed; a word that may be left out may have none."""
        if siren := self._tiers.query.siren:
            return [Match(siren, "siren", siren, "same")]
        found = (list(_matches(word, ways, row)) for word, ways in self._of_tier(score).items())
        return [min(each, key=_badness) for each in found if each]

    def dropped(self, row: Row, score: int) -> list[str]:
        """The words that count and that the company has not, where it was found without one."""
        if score not in DROPPING:
            return []
        found = {match.word for match in self.matches(row, score)}
        return [word for word in self._tiers.needed if word not in found]

    def matched_name(self, row: Row, score: int) -> Name | None:
        """The name that is what was typed, else the one with the most of its words; None where no name has any."""
        branch = row.get("etablissement")
        known = [*names(row), *(names(branch | {"nom": ""})[1:] if branch else ())]
        exact = {*self._tiers.exact_keys()} if score >= Tier.ORDER else set()
        met = [(bool(exact) and _key(name.nom) in exact, len(self._met(name.nom, score))) for name in known]
        best = max(met)
        return known[met.index(best)] if any(best) else None

    def highlighted(self, nom: str, score: int) -> str:
        """The name as HTML, its words that match inside <mark>."""
        marked = {own for words in self._met(nom, score).values() for own in words}

        def mark(word: re.Match[str]) -> str:
            return word[0] if marked.isdisjoint(_words(word[0])) else f"{BEGIN}{word[0]}{END}"

        text = html.escape(_WORD.sub(mark, nom))
        return text.replace(BEGIN, "<mark>").replace(END, "</mark>")

    def _met(self, nom: str, score: int) -> Mapping[str, Collection[str]]:
        """The typed words that a name has, each with the name's own words. Both questions above ask for the same."""
        if (nom, score) not in self._in_names:
            met = ((word, _own_words(word, nodes, nom)) for word, nodes in self._of_names(score))
            self._in_names[nom, score] = {word: own for word, own in met if own}
        return self._in_names[nom, score]

    def _of_names(self, score: int) -> list[tuple[str, list[Leaf]]]:
        """Each typed word with the nodes that find it in a name, those that find it in words as they are first."""
        if score not in self._nodes_of_names:
            self._nodes_of_names[score] = [
                (
                    word,
                    sorted(
                        {each.node: None for each in ways if each.node.field in OF_NAMES}, key=_is_together
                    ),
                )
                for word, ways in self._of_tier(score).items()
            ]
        return self._nodes_of_names[score]

    def _of_tier(self, score: int) -> Mapping[str, list[Spelling]]:
        """The spellings of each typed word in the tier that a score names."""
        if score not in self._spellings:
            self._spellings[score] = self._made(self._tier or Tier(score))
        return self._spellings[score]

    def _made(self, tier: Tier) -> dict[str, list[Spelling]]:
        """An exact name may have its words in any spacing, and its town next to it; of MOST words each is there."""
        tiers = self._tiers
        whole = (
            [Spelling("joined", Term("key", name)) for name in tiers.exact_keys()]
            if tier >= Tier.ORDER
            else []
        )
        tier_of_words = {
            Tier.EXACT: Tier.PLACE,
            Tier.ORDER: Tier.PLACE,
            Tier.NAME_START: Tier.START,
            Tier.ALMOST: Tier.TYPO_IN_NAME,
            Tier.NEARBY: Tier.PLACE,
            Tier.ELSEWHERE: Tier.PLACE,
            Tier.MOST: Tier.ADDRESS,
        }.get(tier, tier)
        numbers = tiers.numbers()
        if tier == Tier.BRANCH and (code := tiers.query.code_postal):
            numbers[code] = [Spelling("same", Term("ailleurs", code))]
        signs = {
            word: [Spelling("same", Term("enseigne", word))] if tier in DROPPING else []
            for word in tiers.words
        }
        return {
            word: [*tiers.spellings(word, tier_of_words), *sign, *whole] for word, sign in signs.items()
        } | numbers


def words_of(row: Row) -> set[str]:
    """The words of a company's names."""
    return {word for name in names(row) for word in _words(name.nom)}


def _badness(match: Match) -> tuple[int, int]:
    return HOW.index(match.how), _ORDER.index(match.field)


def _matches(word: str, spellings: Iterable[Spelling], row: Row) -> Iterator[Match]:
    others = [name.nom for name in names(row)[1:]]
    for how, node in spellings:
        for column in COLUMNS[node.field]:
            for text in others if column == "autres_noms" else [row.get(column) or ""]:
                for own in _found(node, word, text):
                    yield Match(word, column, own, how)


def _is_together(node: Leaf) -> bool:
    """Whether the node finds neighbours as one word."""
    return node.field in ("key", "joined")


def _own_words(word: str, nodes: Iterable[Leaf], nom: str) -> Collection[str]:
    """The words of a name in which one of the nodes finds a typed word. Neighbours count where no word does by itself.

    To look at neighbours takes ten times as long as all else. The word VVH of "V.V.H." is none that stands there.
    """
    own = set[str]()
    for node in nodes:
        if _is_together(node) and not own.isdisjoint(_parts(nom)):
            break
        own.update(_found(node, word, nom))
    return own


def _found(node: Leaf, word: str, text: str) -> Iterable[str]:
    """The words of a row's field in which a node finds a typed word."""
    if isinstance(node, Terms):
        return [text] if text in node.values else []
    if isinstance(node, Range):
        return []
    if _is_together(node):
        return _together(node, word, text)
    own = [text] if node.field in CODES else _words(text, node.field)
    return filter(_matcher(node), own)


def _matcher(node: Term | Prefix | Fuzzy) -> Callable[[str], bool]:
    """What says whether a word of a row is one that the node finds."""
    if isinstance(node, Term):
        return node.word.__eq__
    if isinstance(node, Prefix):
        return lambda own: own.startswith(node.word)
    return lambda own: _distance(node.word, own) <= node.typos


def _together(node: Term | Prefix | Fuzzy, word: str, text: str) -> list[str]:
    """The neighbours in a text that are the word, or begin with it: "totalener" is TOTAL ENERGIES; or the reverse."""
    letters = _key(text)
    if node.word != word:  # the whole name, of which the word is a part
        return [own for own in _words(text) if word in own] if letters == node.word else []
    if word not in letters:
        return []
    parts, found = _parts(text), list[str]()
    for start in range(len(parts)):
        for end in range(start + 2, len(parts) + 1):
            whole = "".join(parts[start:end])
            begins = isinstance(node, Prefix) and len(parts[start]) < len(word) and whole.startswith(word)
            if begins or whole == word:
                found += parts[start:end]
            if not word.startswith(whole):
                break
    return found


# The names of a page share their words, and so do pages.
@lru_cache(maxsize=20_000)
def _words(text: str, field: str = "nom") -> tuple[str, ...]:
    return tuple(street_words(text) if field == "adresse" else words(text))


@lru_cache(maxsize=20_000)
def _parts(text: str) -> list[str]:
    """The words of a text, letters with a sign between them each by itself."""
    return fold(text).split()


_key = lru_cache(maxsize=20_000)(key)


@lru_cache(maxsize=20_000)
def _distance(one: str, other: str) -> int:
    return distance(one, other, 2)
