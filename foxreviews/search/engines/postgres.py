"""Search in PostgreSQL itself, through the trigram index on `nom`: there is nothing to build or to keep up.

Every word must be part of the name, in any order and case, as typed or without its accents. `nom_commercial`
is not searched: it has no trigram index, and with it in the condition PostgreSQL reads the table (1,357 ms
against 9 ms on 4,000,000 rows).
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Collection
from functools import partial, reduce
from operator import or_
from time import monotonic
from typing import ClassVar, TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import BigIntegerField, Case, Count, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, ExtractYear
from django.utils.translation import gettext_lazy as _
from psycopg.errors import QueryCanceled

from foxreviews.core.keyset import EMPTY, Row, Window, read, whole_rows
from foxreviews.core.trace import answers_in_part, current
from foxreviews.enterprise.filters import EVERYTHING, Filters, of_activity, passing
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import HIDDEN
from foxreviews.reference.naf import Beginnings
from foxreviews.reference.register import NATURAL_PERSON
from foxreviews.reference.words import key
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.index.schema import day_number
from foxreviews.search.query.explain import Explanation
from foxreviews.search.query.nodes import Counts
from foxreviews.search.query.ranking import BAND_PLACES, SIREN_BITS, Tier
from foxreviews.search.query.tiers import CompanyTiers
from foxreviews.search.query.types import Hits, Query

Found = QuerySet[Entreprise]
Answer = TypeVar("Answer")

# Milliseconds, and whether PostgreSQL may walk the index of the ordering until the page is full. The walk
# takes 1 ms for a frequent word, and 3,144 ms for «restaurant» by name, which comes late in the alphabet;
# without it, through the trigrams, 220 ms (and 496 ms for the 555,000 names with «sci», that the walk finds
# in 70, or in 300 where other work has the cores). Together they are what an answer has.
ATTEMPTS = ((500, "on"), (2_000, "off"))
TOO_LONG = _(
    "The search took too long and was stopped. Ask for a longer or rarer word, or narrow it with a filter: "
    "ville, code_postal, departement, naf."
)
LIMITS = "SELECT set_config('statement_timeout', %s, true), set_config('enable_indexscan', %s, true)"

# Of the facets that are not called like theirs.
COLUMNS = {"code_commune": "ville_id"}
YEAR = "annee_creation"  # of a date, no column

LAST_CHARACTER = "\U0010ffff"

_TRIGRAM = re.compile(r"[A-Za-z0-9]{3}")
_PLAIN = str.maketrans({"Œ": "OE", "œ": "oe", "Æ": "AE", "æ": "ae", "’": "'", "‘": "'"})


class PostgresEngine:
    """The engine that is always there."""

    name: ClassVar[str] = "postgres"

    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        found = passing(filters).filter(_condition(query))
        ranked = found.annotate(score=_score(query), rank=_rank())
        time = Time()
        page = time.ask(lambda: read(ranked, window))
        return Hits(
            page, self.name, time.try_to(found.count), _facets(found, facets, time), _explanation(query)
        )

    def listed(self, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        found = passing(filters)
        ranked = found.annotate(score=Value(0), rank=_rank())
        time = Time()
        page = time.ask(lambda: read(ranked, window))
        return Hits(page, self.name, time.try_to(found.count), _facets(found, facets, time))

    def count(self, filters: Filters, facets: Collection[str] = ()) -> Hits:
        found, time = passing(filters), Time()
        return Hits(EMPTY, self.name, time.try_to(found.count), _facets(found, facets, time))

    def suggest(self, query: Query, limit: int) -> list[Row]:
        """Names that begin so, in capitals or as typed, in their order: the index by name has them at hand."""
        text = " ".join(query.typed)
        found: list[Row] = []
        time = Time()
        for spelling in dict.fromkeys((_plain(text).upper(), text)) if text else ():
            begin = passing(EVERYTHING).filter(~HIDDEN, nom__startswith=spelling).order_by("nom", "id")
            found += time.ask(partial(whole_rows, begin[: limit - len(found)]))
        return [row | {"score": int(_how(query, row["nom"]))} for row in found]


class Time:
    """What an answer may take of PostgreSQL: ATTEMPTS together, for all that it asks, in a request for all searches.

    At 30,000,000 companies each of ten facets took the whole of it, when each had it for itself.
    """

    def __init__(self) -> None:
        self._until = monotonic() + sum(milliseconds for milliseconds, _ in ATTEMPTS) / 1000
        if trace := current():
            self._until = trace.search_until = trace.search_until or self._until

    def ask(self, ask: Callable[[], Answer]) -> Answer:
        """What PostgreSQL answers in what is left. Raises SearchTimeoutError."""
        for milliseconds, walk in ATTEMPTS:
            left = min(milliseconds, int((self._until - monotonic()) * 1000))
            if left < 1:  # 0 would be no limit
                break
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(LIMITS, [str(left), walk])
                    answer = ask()
                    # Nothing was written. This ends the limits, also inside a transaction.
                    transaction.set_rollback(True)
                    return answer
            except OperationalError as error:
                if not isinstance(error.__cause__, QueryCanceled):
                    raise
        answers_in_part()  # if who asks can do without it
        raise SearchTimeoutError(TOO_LONG)

    def try_to(self, ask: Callable[[], Answer]) -> Answer | None:
        """The same, None where it takes too long: the answer goes without it."""
        try:
            return self.ask(ask)
        except SearchTimeoutError:
            return None


def _explanation(query: Query) -> Explanation:
    """By all ways in which a word may stand in a company: there is no dictionary that knows a word as frequent."""
    return Explanation(CompanyTiers(query, lambda _field, _word: 0), Tier.TYPOS)


def _score(query: Query) -> Case:
    """The names that are what was typed, before those that have its words."""
    whole = " ".join(query.typed)
    return Case(When(nom__iexact=whole, then=Value(int(Tier.EXACT))), default=Value(int(Tier.NAME)))


def _how(query: Query, nom: str) -> Tier:
    """How a name answers that begins with what was typed."""
    return Tier.EXACT if key(nom) == query.key else Tier.BEGINNING


def _rank() -> Combinable:
    """search.index.document.rank, in SQL."""
    bands = (When(tranche_effectif=code, then=Value(place * 8)) for code, place in BAND_PLACES.items())
    prominence = (
        Case(When(is_active=True, then=Value(128)), default=Value(0))
        + Case(*bands, default=Value(0))
        + Case(When(categorie_juridique=NATURAL_PERSON, then=Value(0)), default=Value(4))
        + Case(When(siret="", then=Value(0)), default=Value(2))
        + Case(When(latitude=None, then=Value(0)), default=Value(1))
    )
    siren = Cast("siren", BigIntegerField())
    return Cast(prominence, BigIntegerField()) * Value(2**SIREN_BITS) + Value(2**SIREN_BITS - 1) - siren


def _facets(found: Found, names: Collection[str], time: Time) -> dict[str, Counts]:
    """The counts of each facet's values, in the words of the index, without those for which the time is too short."""
    counted: dict[str, Counts] = {}
    for name in names:
        column = _column(name)
        if name == YEAR:
            found = found.annotate(**{YEAR: ExtractYear("date_creation")})
        pairs = found.order_by().values_list(column).annotate(count=Count("*")).order_by("-count", column)
        counts: list[tuple[str | bool | int | dt.date | None, int]] | None = time.try_to(partial(list, pairs))
        if counts is not None:
            counted[name] = {_spelt(value): count for value, count in counts}
    return counted


def facet_value(row: Row, name: str) -> str:
    """What a row has in a facet, in the words of the index."""
    if name == YEAR:
        return _spelt(row["date_creation"] and row["date_creation"].year)
    return _spelt(row[_column(name)])


def _column(facet: str) -> str:
    return COLUMNS.get(facet, facet)


def _spelt(value: str | bool | int | dt.date | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return str(day_number(value))
    return f"{value:04}" if isinstance(value, int) else value or ""


def _condition(query: Query) -> Q:
    condition = ~HIDDEN
    if query.naf_code:
        code = query.naf_code
        of_code = of_activity(Beginnings(rev2=(code,), naf25=(code,)))
        condition &= of_code | Q(nom__icontains=code) | Q(nom__icontains=code.replace(".", ""))
    if query.code_postal:
        condition &= Q(code_postal=query.code_postal) | Q(nom__icontains=query.code_postal)
    elif query.typed and not any(map(_is_indexed, _spellings(" ".join(query.typed)))):
        return condition & _begins_with(" ".join(query.typed))
    narrow = bool(query.code_postal) or any(all(map(_is_indexed, _spellings(word))) for word in query.typed)
    for word in query.typed:
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
