"""Why a company matches: where each word that was typed stands in it, and how well.

Worked out from the row that is shown, for a page of them; the index itself keeps no text.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from foxreviews.core.keyset import Row
from foxreviews.reference.ways import WAYS
from foxreviews.search import trades
from foxreviews.search.types import Question
from foxreviews.search.typos import distance, typos_of
from foxreviews.search.words import street_words, words

HOW = ("same", "joined", "beginning", "typo", "trade")  # best first
FIELDS = ("nom", "nom_commercial", "ville_nom", "code_postal", "adresse")
_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True)
class Match:
    """A typed word, the field that has it, the field's own word, and how: same, joined, beginning, typo or trade."""

    word: str
    field: str
    found: str
    how: str


def explain(question: Question, row: Row) -> list[Match]:
    """The best match of each word, in the order they were typed; a word that may be left out may have none."""
    asked = [*question.words, *filter(None, (question.code_postal,))]
    matches = (list(_matches(word, question, row)) for word in asked)
    return [min(found, key=lambda match: HOW.index(match.how)) for found in matches if found]


def highlighted(question: Question, nom: str) -> str:
    """The name as HTML, its words that match inside <mark>."""
    pieces, at = [], 0
    for found in _WORD.finditer(nom):
        pieces.append(html.escape(nom[at : found.start()]))
        word, at = html.escape(found[0]), found.end()
        marked = any(_how(asked, own, question.key) for own in _own(found[0]) for asked in question.words)
        pieces.append(f"<mark>{word}</mark>" if marked else word)
    return "".join([*pieces, html.escape(nom[at:])])


def _matches(word: str, question: Question, row: Row) -> Iterator[Match]:
    for name in FIELDS:
        in_address = name == "adresse"
        asked = WAYS.get(word, word) if in_address else word
        for own in (street_words if in_address else words)(row[name]):
            if how := _how(asked, own, question.key):
                yield Match(word, name, own, how)
    if row["naf_code"] in (trades.named(word) or trades.near(word)):
        yield Match(word, "naf_code", row["naf_code"], "trade")


# The names of a page share their words, and so do pages: kept, these two take a tenth of a page's 1.1 ms.
@lru_cache(maxsize=20_000)
def _own(word: str) -> tuple[str, ...]:
    return tuple(words(word))


@lru_cache(maxsize=20_000)
def _how(asked: str, own: str, together: str) -> str:
    """How the company's own word answers the asked one, "" where it does not; `together` are all letters typed."""
    if own == asked:
        return "same"
    if len(asked) > 1 and asked in own and own in together:
        return "joined"  # "total energies" in TOTALENERGIES
    if len(asked) > 1 and not asked.isdigit() and own.startswith(asked):
        return "beginning"
    if len(own) > 2 and asked.startswith(own) | asked.endswith(own):
        return "joined"  # "totalenergies" in TOTAL ENERGIES
    return "typo" if distance(asked, own, typos_of(asked)) <= typos_of(asked) else ""
