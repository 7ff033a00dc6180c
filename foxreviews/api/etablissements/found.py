"""The establishments that `q` finds: those of the companies found, in their order, that have the most of its words."""

from foxreviews.core.keyset import Ordering, Position, Row, Slice, Window, cut
from foxreviews.enterprise.by_siren import companies_by_siren
from foxreviews.enterprise.etablissements import Filters, of_companies
from foxreviews.enterprise.filters import EVERYTHING
from foxreviews.reference.words import words
from foxreviews.search.engine import search_engine
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.query.explain import words_of
from foxreviews.search.query.ranking import RELEVANCE, Tier
from foxreviews.search.query.types import Query

PERTINENCE = Ordering("pertinence", ("score", "rank", "siret"), descending=True)
COMPANIES = 50  # are read at once
MAX_BATCHES = 10  # for a page: it is short where hardly an establishment of theirs passes the filters
LAST = "9" * 15  # behind any SIRET


def found(query: Query, filters: Filters, window: Window) -> tuple[Slice, str]:
    """The window of the establishments, and the engine that found their companies. None is met twice.

    Raises EmptyQueryError, QueryTooLongError, SearchTimeoutError.
    """
    met: list[Row] = []
    here, engine = _companies_from(window), search_engine()
    for batch in range(MAX_BATCHES):
        try:
            companies = _by_number(query) or engine.search(query, EVERYTHING, here).page
        except SearchTimeoutError:
            if batch == 0:
                raise
            break  # the page is shorter, and `next` leads on
        met += _met(companies.rows, query, filters, window, window.size + 1 - len(met))
        following = companies.previous if window.backward else companies.next
        if len(met) > window.size or following is None:
            return cut(met, window), engine.name
        here = following
    page = cut(met, window)
    behind = Window(
        window.ordering,
        window.size,
        (*(here.position or ()), "" if not window.backward else LAST),
        window.backward,
    )
    if window.backward:
        return Slice(page.rows, behind, page.next or window), engine.name
    return Slice(page.rows, page.previous, behind), engine.name


def _companies_from(window: Window) -> Window:
    """The companies from that of the window's position on, itself among them."""
    position: Position | None = None
    if window.position:
        score, rank, _ = window.position
        position = (score, rank - 1 if window.backward else rank + 1)
    return Window(RELEVANCE, COMPANIES, position, window.backward)


def _by_number(query: Query) -> Slice | None:
    """The one company of a number that was typed."""
    known = companies_by_siren(query.sirens) if query.sirens else {}
    row = next((known[siren] for siren in query.sirens if siren in known), None)
    return Slice([row | {"score": int(Tier.EXACT), "rank": 0}], None, None) if row else None


def _met(companies: list[Row], query: Query, filters: Filters, window: Window, size: int) -> list[Row]:
    """Up to `size` establishments of the companies, in the direction of reading, beyond the window's position."""
    wanted = [*words(query.text), *filter(None, [query.code_postal])]
    asked = [(row["siren"], set(wanted) - words_of(row)) for row in companies]
    of = {row["siren"]: {"score": row["score"], "rank": row["rank"]} for row in companies}

    def beyond(siret: str) -> bool:
        if window.position is None:
            return True
        here = (*of[siret[:9]].values(), siret)
        return here > window.position if window.backward else here < window.position

    rows = of_companies(asked, filters, beyond, size, backward=window.backward)
    return [row | of[row["siren"]] for row in rows]
