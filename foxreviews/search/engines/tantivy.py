"""Search in an index of our own, embedded in the process: Tantivy, no server to run.

A query becomes a ladder of conditions, from strict to lenient (ranking.Tier); each is walked in the order of one
number, `rank`. So the order is total, any answer can be walked to its end, and a page costs the same however deep.
Conditions are built as objects, never from the text that was typed.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

import tantivy
from tantivy import FieldType, Occur

from foxreviews.core.keyset import Row, Slice, Window, read
from foxreviews.core.trace import searching
from foxreviews.location.models import Ville
from foxreviews.reference.geography import CITIES_WITH_DISTRICTS, MUNICIPAL_DISTRICTS
from foxreviews.reference.naf import NAF
from foxreviews.reference.text import town_key
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.errors import TooManyToSortError
from foxreviews.search.index.schema import FACETS
from foxreviews.search.query import ranking
from foxreviews.search.query.autocomplete import ENOUGH as ENOUGH_TYPED
from foxreviews.search.query.autocomplete import Unfinished
from foxreviews.search.query.ranking import RELEVANCE, Tier
from foxreviews.search.query.rows import rows, rows_of
from foxreviews.search.query.tiers import Ladder
from foxreviews.search.query.types import Counts, Filters, Hits, Query

MOST_SORTED = 10_000  # by name or date: all of them are read to be sorted (25 ms)
STRICT = (Tier.EXACT, Tier.NAME, Tier.CORE, Tier.PLACE, Tier.ADDRESS)
ENOUGH = 20  # hits, with which a search goes no further down
# What follows. Two typos mean so little that they are the last resort.
LENIENT = (Tier.START, Tier.BEGINNING, Tier.TYPO, Tier.TYPOS, Tier.MOST)


class TantivyEngine:
    """Reads one state of the index, which stays as it is while it is being read."""

    name: ClassVar[str] = "tantivy"

    def __init__(self, index: tantivy.Index) -> None:
        self.schema, self.searcher = index.schema, index.searcher()

    @searching(name)
    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        if query.siren or not (query.words or query.code_postal or query.naf_code):
            return self._by_postgres(query, filters, window, facets)
        ladder = Ladder(self.schema, query, self.searcher.doc_freq)
        climb = _Climb(self, ladder, self._narrowed(filters))
        page = _page(climb, window) if window.ordering == RELEVANCE else self._sort(climb, window)
        return Hits(page, self.name, climb.total, self._facets(climb.found, facets))

    @searching(name)
    def count(self, filters: Filters, facets: Collection[str] = ()) -> Hits:
        found = self._narrowed(filters) or [tantivy.Query.all_query()]
        return Hits(Slice([], None, None), self.name, self.count_of(found), self._facets(found, facets))

    @searching(name)
    def suggest(self, query: Query, most: int) -> list[Row]:
        if query.siren or not query.words:
            return PostgresEngine().suggest(query, most)
        met: dict[int, Tier] = {}
        for tier, condition in Unfinished(self.schema, query, self.searcher.doc_freq).steps():
            if len(met) >= ENOUGH_TYPED or (met and tier is Tier.TYPO):
                break
            met = dict.fromkeys(self.ranks([condition], most), tier) | met
        best = sorted(met, key=lambda rank: (met[rank], rank), reverse=True)[:most]
        return _with_rows([(int(met[rank]), rank) for rank in best])

    def _by_postgres(self, query: Query, filters: Filters, window: Window, facets: Collection[str]) -> Hits:
        """The company of a SIREN, which PostgreSQL has at hand; signs and letters that are not in the index."""
        hits = PostgresEngine().search(query, filters, window, facets)
        return replace(hits, engine=self.name)

    def ranks(self, conditions: list[tantivy.Query], most: int, *, ascending: bool = False) -> list[int]:
        """The ranks of those who fulfil all conditions, the highest first."""
        return self.counted(conditions, most, ascending=ascending, count=False)[0]

    def counted(
        self, conditions: list[tantivy.Query], most: int, *, ascending: bool = False, count: bool = True
    ) -> tuple[list[int], int]:
        """Ranks, as above, and how many there are."""
        order = tantivy.Order.Asc if ascending else tantivy.Order.Desc
        result = self.searcher.search(
            _all(conditions), limit=most, count=count, order_by_field="rank", order=order
        )
        found: int = result.count or 0  # type: ignore[attr-defined]  # its stubs forget it
        return [rank for rank, _ in result.hits], found

    def count_of(self, conditions: list[tantivy.Query]) -> int:
        """How many fulfil all conditions: a third of the time where no rank is looked at."""
        alike = tantivy.Query.const_score_query(_all(conditions), 1.0)
        return int(self.searcher.search(alike, limit=1, count=True).count)  # type: ignore[attr-defined]

    def beyond(self, rank: int, *, backward: bool) -> tantivy.Query:
        """Those after a rank, or before it when `backward`."""
        return tantivy.Query.range_query(
            self.schema,
            "rank",
            FieldType.Unsigned,
            lower_bound=rank + 1 if backward else None,
            upper_bound=None if backward else rank - 1,
        )

    def _sort(self, climb: "_Climb", window: Window) -> Slice:
        """The window's rows in an order of PostgreSQL's. Raises TooManyToSortError."""
        if climb.total > MOST_SORTED:
            raise TooManyToSortError(
                f"{climb.total:,} companies answer, and at most {MOST_SORTED:,} are sorted by {window.ordering.name}. "
                f"Leave `ordering` out: the order of relevance can be read to its end. Or narrow the search with a "
                f"filter."
            )
        ranks = self.ranks(climb.found, max(climb.total, 1))
        page = read(rows(Filters()).filter(siren__in=map(ranking.siren_of, ranks)), window)
        here = tantivy.Query.term_set_query(self.schema, "siren", [int(row["siren"]) for row in page.rows])
        scores = {
            ranking.siren_of(rank): int(tier)
            for tier in reversed(climb.tiers if page.rows else [])
            for rank in self.ranks([climb.ladder.rung(tier), here, *climb.narrowed], len(page.rows))
        }
        return replace(
            page, rows=[row | {"score": scores.get(row["siren"], int(climb.tiers[-1]))} for row in page.rows]
        )

    def _narrowed(self, filters: Filters) -> list[tantivy.Query]:
        asked: Mapping[str, Collection[str]] = {
            "code_commune": filters.villes,
            "code_postal": [filters.code_postal] if filters.code_postal else (),
            "departement": [filters.departement] if filters.departement else (),
            "is_active": [] if filters.is_active is None else [str(filters.is_active).lower()],
        }
        narrowed = [
            tantivy.Query.term_set_query(self.schema, name, list(asked[name]))
            for name in asked
            if asked[name]
        ]
        if filters.ville_noms:
            communes = _communes(filters.ville_noms)
            narrowed.append(tantivy.Query.term_set_query(self.schema, "code_commune", communes))
        if filters.naf:
            codes = [code for code in NAF if code.startswith(filters.naf)]
            narrowed.append(tantivy.Query.term_set_query(self.schema, "naf_code", codes))
        return narrowed

    def _facets(self, found: list[tantivy.Query], names: Collection[str]) -> dict[str, Counts]:
        if not names:
            return {}
        asked = {name: {"terms": {"field": name, "size": FACETS[name]}} for name in names}
        counted = self.searcher.aggregate(_all(found), asked)
        return {
            name: {bucket["key"]: bucket["doc_count"] for bucket in counted[name]["buckets"]}
            for name in names
        }


def _communes(noms: Collection[str]) -> list[str]:
    """What the index has for towns of these names: their codes, their districts', and the name where it has no code."""
    towns = Ville.objects.filter(nom__in=noms, nom_recherche__in=map(town_key, noms))
    codes = {*towns.values_list("code_insee", flat=True)}
    codes |= {code for code, nom in CITIES_WITH_DISTRICTS.items() if nom in noms}
    districts = {district for district, city in MUNICIPAL_DISTRICTS.items() if city in codes}
    return sorted({*noms, *codes, *districts})


def _all(conditions: list[tantivy.Query]) -> tantivy.Query:
    if len(conditions) == 1:
        return conditions[0]
    return tantivy.Query.boolean_query([(Occur.Must, condition) for condition in conditions])


class _Climb:
    """How far down the ladder one search goes, and its hits in the order of relevance.

    A lenient rung costs the most: it is asked once, and only where the better ones have hardly a hit.
    """

    def __init__(self, engine: TantivyEngine, ladder: Ladder, narrowed: list[tantivy.Query]) -> None:
        self.engine, self.ladder, self.narrowed = engine, ladder, narrowed
        self._top: dict[Tier, list[int]] = {}
        self.tiers = list(STRICT)
        self.total = engine.count_of([ladder.rung(STRICT[-1]), *narrowed])
        if self.total < ENOUGH:
            self._count(STRICT[-1])
        for tier in LENIENT:
            if self.total >= self._enough(tier):
                continue
            self.tiers.append(tier)
            self.total = self._count(tier)

    @property
    def found(self) -> list[tantivy.Query]:
        """The conditions of every hit."""
        return [self.ladder.rung(self.tiers[-1]), *self.narrowed]

    def _count(self, tier: Tier) -> int:
        self._top[tier], total = self.engine.counted([self.ladder.rung(tier), *self.narrowed], ENOUGH)
        return total

    def _enough(self, tier: Tier) -> int:
        """With how many hits a lenient tier is left out.

        Where several words are met in one company, each of them is spelt as it should be.
        """
        several, exact = self.ladder.has_several_words, self._is_exact
        if tier in (Tier.START, Tier.BEGINNING):
            return 1 if several and exact else ENOUGH
        if tier is Tier.MOST:
            return 1 if several else 0
        if exact or self.ladder.typos() < (1 if tier is Tier.TYPO else 2):
            return 0
        return 1 if several or tier is Tier.TYPOS else ENOUGH

    @cached_property
    def _is_exact(self) -> bool:
        """Whether some company has the very name."""
        return self.ladder.has_exact and bool(self._hits(Tier.EXACT, 1, None, ascending=False))

    def read(self, window: Window, most: int) -> Iterator[tuple[int, int]]:
        """Up to `most` pairs of score and rank behind the window's position, in the direction of reading."""
        for tier in reversed(self.tiers) if window.backward else self.tiers:
            beyond = None
            if window.position is not None:
                score, rank = window.position
                if (tier < score) if window.backward else (tier > score):
                    continue
                if tier == score:
                    beyond = rank
            for rank in self._hits(tier, most, beyond, ascending=window.backward):
                yield int(tier), rank
                most -= 1
            if not most:
                return

    def _hits(self, tier: Tier, most: int, beyond: int | None, *, ascending: bool) -> list[int]:
        """Up to `most` ranks of the tier alone."""
        if beyond is None and tier in self._top and not self._top[tier]:
            return []
        limits = [] if beyond is None else [self.engine.beyond(beyond, backward=ascending)]
        if tier in STRICT:
            return self.engine.ranks(
                [self.ladder.only(tier), *self.narrowed, *limits], most, ascending=ascending
            )
        better = self._top[self.tiers[self.tiers.index(tier) - 1]]  # all of them: they are few
        ranks = self._top[tier] if beyond is None and self.total <= ENOUGH and not ascending else None
        if ranks is None:
            conditions = [self.ladder.rung(tier), *self.narrowed, *limits]
            ranks = self.engine.ranks(conditions, most + len(better), ascending=ascending)
        return [rank for rank in ranks if rank not in better][:most]


def _page(climb: _Climb, window: Window) -> Slice:
    """The window's rows in the order of relevance."""
    met = list(climb.read(window, window.size + 1))
    onward, met = len(met) > window.size, met[: window.size]
    back = window.position is not None
    if window.backward:
        met.reverse()
        onward, back = back, onward
    return Slice(
        _with_rows(met),
        previous=_beside(window, met[:1], backward=True) if back else None,
        next=_beside(window, met[-1:], backward=False) if onward else None,
    )


def _with_rows(met: list[tuple[int, int]]) -> list[Row]:
    """The rows of the hits, in their order. A company that was removed a moment ago is left out."""
    by_siren = {ranking.siren_of(rank): (score, rank) for score, rank in met}
    found = {row["siren"]: row for row in rows_of(by_siren)}
    return [
        found[siren] | {"score": score, "rank": rank}
        for siren, (score, rank) in by_siren.items()
        if siren in found
    ]


def _beside(window: Window, end: list[tuple[int, int]], *, backward: bool) -> Window:
    return replace(window, position=end[0] if end else None, backward=backward)
