"""An engine over any index (query.nodes.Index): what is asked of it, and the rows of its answers from PostgreSQL."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import ClassVar, TypeVar

from django.utils.translation import gettext_lazy as _

from foxreviews.core.keyset import EMPTY, Row, Slice, Window, cut, read
from foxreviews.core.messages import say
from foxreviews.enterprise.by_siren import best_branches, companies_by_siren
from foxreviews.enterprise.filters import EVERYTHING, Filters, Period, passing
from foxreviews.enterprise.hidden_since import HiddenSince
from foxreviews.enterprise.names import names
from foxreviews.location.models import Ville
from foxreviews.reference.geography import CITIES_WITH_DISTRICTS, MUNICIPAL_DISTRICTS, district_name
from foxreviews.reference.text import town_key
from foxreviews.search.errors import TooManyToSortError, UnusableIndexError
from foxreviews.search.index.schema import (
    BEGINNING,
    BEGINNINGS,
    DAYS,
    FACETS,
    MAX_DAYS,
    UNKNOWN_DAY,
    day_number,
)
from foxreviews.search.query import ranking
from foxreviews.search.query.autocomplete import complete
from foxreviews.search.query.explain import Explanation
from foxreviews.search.query.nodes import AllOf, AnyOf, Counts, Index, Node, Not, Prefix, Range, Term, Terms
from foxreviews.search.query.ranking import DROPPING, MAX_SIREN, RELEVANCE, Tier
from foxreviews.search.query.tiers import SHOWN, CompanyTiers, of_ranks
from foxreviews.search.query.types import Hits, Query
from foxreviews.search.query.walk import Walk

Answer = TypeVar("Answer")

MAX_SORTED = 10_000  # by name or date: all of them are read to be sorted (25 ms)
FEW_YEARS = 10
MANY_LISTED = 200_000  # companies of a list; fewer are looked at one by one in a few milliseconds
SPREAD = 8  # times as many numbers are looked at as hold a page, were they spread evenly
LISTED = 0  # the score of what no query has asked for
SIZES = {**FACETS, DAYS: MAX_DAYS}  # of facets
MAX_TRIES = 5  # of a query whose answer has companies that were hidden since; what is hidden is shown in none


class IndexedEngine:
    """Reads one state of the index; the query has words, or a postal code or a NAF code."""

    name: ClassVar[str]

    def __init__(self, index: Index, hidden: HiddenSince | None = None) -> None:
        self.index, self.hidden = index, hidden or HiddenSince()

    def search(self, query: Query, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        tiers = CompanyTiers(query, self.index.frequency, self._departements)
        narrowed = _narrowed(filters)

        def ask() -> Hits:
            walk = Walk(self.index, tiers, (*self._shown(), *narrowed), of_ranks)
            page = (_page if window.ordering == RELEVANCE else _sorted)(walk, window, self.hidden)
            page = replace(page, rows=_with_branches(page.rows, tiers))
            return Hits(page, self.name, walk.total, self._facets(walk.found, facets), Explanation(tiers))

        return self._checked(ask)

    def listed(self, filters: Filters, window: Window, facets: Collection[str] = ()) -> Hits:
        found = AllOf(tuple(_narrowed(filters)))
        total = self.index.count(found)
        ranks = self._behind(found, window, total)
        page = cut([{"score": LISTED, "rank": rank} for rank in ranks], window)
        known = companies_by_siren([ranking.siren_of(row["rank"]) for row in page.rows])
        rows = [(known.get(ranking.siren_of(row["rank"])), row) for row in page.rows]
        shown = [company | row for company, row in rows if company]
        return Hits(replace(page, rows=shown), self.name, total, self._facets(found, facets))

    def _behind(self, found: AllOf, window: Window, total: int) -> list[int]:
        """The ranks behind the window's position, of `total` companies that were found.

        An index looks at each company that matches, and then whether it lies behind. Of many companies the next ones
        are as prominent as the last and have the next numbers: a page in the middle of 3,190,000 took 89 ms and takes
        28, nearly all of it the count (benchmarks.search.filters).
        """
        limit = window.size + 1
        if window.position is not None and total >= MANY_LISTED:
            width = SPREAD * limit * MAX_SIREN // total
            beside = AllOf((*found.nodes, *_beside(window.position[1], width, backward=window.backward)))
            ranks = self.index.ranks(beside, limit, ascending=window.backward)
            if len(ranks) == limit:
                return ranks
        behind = AllOf((*found.nodes, *_beyond(window)))
        return self.index.ranks(behind, limit, ascending=window.backward)

    def count(self, filters: Filters, facets: Collection[str] = ()) -> Hits:
        found = AllOf(tuple(_narrowed(filters)))
        return Hits(EMPTY, self.name, self.index.count(found), self._facets(found, facets))

    def suggest(self, query: Query, limit: int) -> list[Row]:
        rows = self._checked(
            lambda: _with_rows(complete(self.index, query, limit, self._shown()), self.hidden)
        )
        *others, last = query.words
        typed = [*(f"{word} " for word in others), last]
        signs = best_branches([row["siren"] for row in rows if row["score"] == Tier.BRANCH], typed, typed)
        return [
            row | {"etablissement": signs[row["siren"]]} if row["siren"] in signs else row for row in rows
        ]

    def _departements(self, node: Node) -> Counts:
        return self.index.facets(node, {"departement": FACETS["departement"]})["departement"]

    def _shown(self) -> tuple[Not, ...]:
        """What every hit must match. Raises UnusableIndexError."""
        if self.hidden.are_too_many:
            raise UnusableIndexError("Very many companies were hidden since the index was last in sync.")
        since = tuple(map(int, list(self.hidden.sirens)))
        return (SHOWN, Not(Terms("siren", since))) if since else (SHOWN,)

    def _checked(self, ask: Callable[[], Answer]) -> Answer:
        """The answer, asked for again as long as its rows tell of companies that were hidden since."""
        for _try in range(MAX_TRIES):
            known = len(self.hidden.sirens)
            answer = ask()
            if len(self.hidden.sirens) == known:
                break
        return answer

    def _facets(self, found: Node, names: Collection[str]) -> dict[str, Counts]:
        return self.index.facets(found, {name: SIZES[name] for name in names}) if names else {}


def beginning(node: Prefix) -> Term | Prefix:
    """The node in the field of first letters, where it has no more letters than that."""
    if node.field not in BEGINNINGS or len(node.word) > BEGINNING:
        return node
    return (Term if len(node.word) == BEGINNING else Prefix)(BEGINNINGS[node.field], node.word)


def _beyond(window: Window) -> list[Node]:
    """What lies behind the window's position, in the direction of reading."""
    if window.position is None:
        return []
    rank = window.position[1]
    return [Range("rank", lower=rank + 1) if window.backward else Range("rank", upper=rank - 1)]


def _beside(rank: int, width: int, *, backward: bool) -> tuple[Node, Node]:
    """As prominent as the company of this rank, with a number that is so much larger at most; backward: smaller."""
    siren, least = int(ranking.siren_of(rank)), rank - (rank & MAX_SIREN)
    if backward:
        sirens, ranks = (max(siren - width, 0), max(siren - 1, 0)), (rank + 1, least + MAX_SIREN)
    else:
        sirens, ranks = (siren + 1, siren + width), (least, max(rank - 1, 0))
    return Range("siren", *sirens), Range("rank", *ranks)


def _page(walk: Walk, window: Window, hidden: HiddenSince) -> Slice:
    """The window's rows in the order of relevance."""
    hits = walk.read(window.size + 1, window.position, backward=window.backward)
    page = cut([dict(zip(RELEVANCE.fields, hit, strict=True)) for hit in hits], window)
    return replace(page, rows=_with_rows([(row["score"], row["rank"]) for row in page.rows], hidden))


def _sorted(walk: Walk, window: Window, hidden: HiddenSince) -> Slice:
    """The window's rows in an order of PostgreSQL's. Raises TooManyToSortError."""
    if walk.total > MAX_SORTED:
        sentence = _(
            "{count} companies match, and at most {most} are sorted by {order}. Leave `ordering` out: the order of "
            "relevance can be read to its end. Or narrow the search with a filter."
        )
        raise TooManyToSortError(say(sentence, count=walk.total, most=MAX_SORTED, order=window.ordering.name))
    ranks = walk.index.ranks(walk.found, max(walk.total, 1))
    page = read(passing(EVERYTHING).filter(siren__in=map(ranking.siren_of, ranks)), window)
    sirens = [row["siren"] for row in page.rows]
    shown = {row["siren"]: row for row in hidden.rows_of(sirens)}
    page = replace(page, rows=[shown[siren] for siren in sirens if siren in shown])
    here = Terms("siren", tuple(map(int, shown)))
    scores = {
        ranking.siren_of(rank): tier
        for tier in reversed(walk.reached if page.rows else [])
        for rank in walk.index.ranks(walk.narrow(walk.tiers.node(tier), here), len(page.rows))
    }
    last = walk.reached[-1]
    return replace(page, rows=[row | {"score": int(scores.get(row["siren"], last))} for row in page.rows])


def _with_rows(hits: list[tuple[int, int]], hidden: HiddenSince) -> list[Row]:
    """The rows of pairs of score and rank, in their order, without those that were removed or hidden a moment ago."""
    by_siren = {ranking.siren_of(rank): (score, rank) for score, rank in hits}
    found = {row["siren"]: row for row in hidden.rows_of(by_siren)}
    return [
        found[siren] | {"score": score, "rank": rank}
        for siren, (score, rank) in by_siren.items()
        if siren in found
    ]


def _with_branches(rows: Collection[Row], tiers: CompanyTiers) -> list[Row]:
    """The rows, with the establishment by which a company was found: `etablissement`, its signs, and where it is."""
    towns, others = ([f"{word} " for word in words] for words in tiers.branch_words)
    found = best_branches([row["siren"] for row in rows if row["score"] == Tier.BRANCH], towns, others)
    if tiers.has_signs:
        found |= best_branches([row["siren"] for row in rows if row["score"] in DROPPING], (), others)
    return [row | _of_branch(found[row["siren"]]) if row["siren"] in found else row for row in rows]


def _of_branch(branch: Row) -> Row:
    town = " ".join(
        filter(None, (branch["ville_nom"], district_name(branch["code_commune"]), branch["code_postal"]))
    )
    signs = " ".join(name.nom for name in names(branch | {"nom": ""})[1:])
    return {"etablissement": branch, "enseigne": signs, "ville_etablissement": town}


def _narrowed(filters: Filters) -> list[Node]:
    """What companies must match to pass the filters."""
    wanted: Mapping[str, Collection[str]] = {
        "code_commune": filters.villes,
        "code_postal": filters.codes_postaux,
        "departement": filters.departements,
        "is_active": [] if filters.is_active is None else [str(filters.is_active).lower()],
        "tranche_effectif": filters.tranches,
        "categorie_entreprise": filters.categories_entreprise,
        "est_employeur": [] if filters.est_employeur is None else [str(filters.est_employeur).lower()],
    }
    narrowed: list[Node] = [Terms(name, tuple(wanted[name])) for name in wanted if wanted[name]]
    if filters.sirens:
        narrowed.append(Terms("siren", tuple(map(int, filters.sirens))))
    if filters.categories:
        narrowed.append(AnyOf(tuple(map(_of_form, filters.categories))))
    if period := filters.creation:
        narrowed += _created(period)
    if filters.ville_noms:
        narrowed.append(Terms("code_commune", tuple(_communes(filters.ville_noms))))
    return narrowed + [Terms("naf", beginnings.codes()) for beginnings in filters.naf]


def _of_form(code: str) -> Node:
    """A legal form, or all whose codes begin so."""
    return (Term if len(code) == len("5710") else Prefix)("categorie_juridique", code)


def _created(period: Period) -> list[Node]:
    """Days are compared one by one; of a few years only those of their companies."""
    first = day_number(period.first) if period.first else UNKNOWN_DAY + 1
    nodes: list[Node] = [Range("date_creation", first, day_number(period.last) if period.last else None)]
    if period.first and period.last and 0 <= period.last.year - period.first.year < FEW_YEARS:
        years = range(period.first.year, period.last.year + 1)
        nodes.append(Terms("annee_creation", tuple(f"{year:04}" for year in years)))
    return nodes


def _communes(noms: Collection[str]) -> list[str]:
    """What the index has for towns of these names: their codes, their districts', and the name where it has no code."""
    towns = Ville.objects.filter(nom__in=noms, nom_recherche__in=map(town_key, noms))
    codes = {*towns.values_list("code_insee", flat=True)}
    codes |= {code for code, nom in CITIES_WITH_DISTRICTS.items() if nom in noms}
    districts = {district for district, city in MUNICIPAL_DISTRICTS.items() if city in codes}
    return sorted({*noms, *codes, *districts})
