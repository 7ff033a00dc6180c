"""Search in PostgreSQL itself, through the trigram index on `nom`: there is nothing to build or to keep up.

Every word must be part of the name, in any order and case, as typed or without its accents. `nom_commercial`
is not searched: it has no trigram index, and with it in the condition PostgreSQL reads the table (1,357 ms
against 9 ms on 4,000,000 rows).
"""

import re
import unicodedata
from functools import reduce
from operator import or_
from typing import ClassVar

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from psycopg.errors import QueryCanceled

from foxreviews.core.keyset import Row, Slice, Window, read
from foxreviews.enterprise.diffusion import HIDDEN
from foxreviews.enterprise.models import Entreprise
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.rows import rows
from foxreviews.search.types import Filters, Hits, Question

# Milliseconds, and whether PostgreSQL may walk the index of the ordering until the page is full. The walk
# takes 1 ms for a frequent word, and 3,144 ms for «restaurant» by name, which comes late in the alphabet;
# without it, through the trigrams, 220 ms (and 496 ms for the 555,000 names with «sci», that the walk finds
# in 70, or in 300 where other work has the cores).
ATTEMPTS = ((500, "on"), (2_000, "off"))
LIMITS = "SELECT set_config('statement_timeout', %s, true), set_config('enable_indexscan', %s, true)"

LAST_CHARACTER = "\U0010ffff"

_TRIGRAM = re.compile(r"[A-Za-z0-9]{3}")
_PLAIN = str.maketrans({"Œ": "OE", "œ": "oe", "Æ": "AE", "æ": "ae", "’": "'", "‘": "'"})


class PostgresEngine:
    """The engine that is always there."""

    name: ClassVar[str] = "postgres"

    def search(self, question: Question, filters: Filters, window: Window) -> Hits:
        found = rows(filters).filter(_condition(question))
        return Hits(_read_in_time(found, window), self.name)


def _condition(question: Question) -> Q:
    if question.siren:
        return Q(siren=question.siren)
    condition = ~HIDDEN
    if question.code_postal:
        condition &= Q(code_postal=question.code_postal) | Q(nom__icontains=question.code_postal)
    elif not any(map(_is_indexed, _spellings(" ".join(question.words)))):
        return condition & _begins_with(" ".join(question.words))
    narrow = bool(question.code_postal) or any(
        all(map(_is_indexed, _spellings(word))) for word in question.words
    )
    for word in question.words:
        condition &= _contains(word, narrow=narrow)
    return condition


def _contains(word: str, *, narrow: bool) -> Q:
    """Names with the word in them, in one of its spellings.

    Where no other word narrows the search (`narrow`), a spelling that trigrams do not serve ("Été") is looked
    for at the beginning of names only.
    """
    spellings = _spellings(word)
    everywhere = narrow or not any(map(_is_indexed, spellings))
    return reduce(
        or_,
        (
            Q(nom__icontains=spelling) if everywhere or _is_indexed(spelling) else Q(nom__startswith=spelling)
            for spelling in spellings
        ),
    )


def _begins_with(text: str) -> Q:
    """Names that begin with words too short for trigrams ("3M", "H&M"): in capitals, or as typed.

    The range around both lets a list by name start at the first of them: "s" 2,064 ms without it.
    """
    spellings = sorted({text, _plain(text).upper()})
    around = Q(nom__gte=spellings[0], nom__lt=spellings[-1] + LAST_CHARACTER)
    return around & reduce(or_, (Q(nom__startswith=spelling) for spelling in spellings))


def _is_indexed(spelling: str) -> bool:
    """Whether the trigram index serves a search for the spelling: three letters in a row, none accented."""
    return bool(_TRIGRAM.search(spelling))


def _spellings(word: str) -> list[str]:
    """The word as typed, and without its accents."""
    return sorted({word, _plain(word)})


def _plain(text: str) -> str:
    """The text as registers spell it, without accents; its signs stay ("l’œuvre" → "l'oeuvre")."""
    letters = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _read_in_time(found: QuerySet[Entreprise, Row], window: Window) -> Slice:
    """The window's rows, or SearchTimeoutError: no question occupies the database for more than 2.5 s."""
    for milliseconds, walk in ATTEMPTS:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(LIMITS, [str(milliseconds), walk])
                page = read(found, window)
                # Nothing was written. This ends the limits, also inside a transaction.
                transaction.set_rollback(True)
                return page
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
    raise SearchTimeoutError(
        "The search took too long and was stopped. Ask for a longer or rarer word, "
        "or narrow it with a filter: ville, code_postal, departement, naf."
    )
