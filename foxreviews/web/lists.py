"""What a town, a trade and a département have in common: their active companies, counted and by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.core.keyset import Window
from foxreviews.enterprise.filters import EVERYTHING, Filters
from foxreviews.enterprise.filters import page as read_page
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import label
from foxreviews.reference.register import BANDS, LEGAL_FORMS
from foxreviews.search.engine import search_engine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.query.nodes import Counts
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.web import charts, slugs
from foxreviews.web.asked import around, only, queried
from foxreviews.web.hits import Hit, hits
from foxreviews.web.language import address
from foxreviews.web.wording import short, workforce

MAX_BARS = 10
MAX_FEW = 5  # companies that stand out
MIN_EMPLOYEES = 10  # of a company that is called a large one
YEAR = "annee_creation"


class CompaniesByName(EnterpriseCursorPagination):
    """Pages of companies, from A to Z unless another order is asked for."""

    default = "nom"


@dataclass(frozen=True)
class Bar:
    """A value, how many companies have it, and how long its bar is, of 100."""

    label: str
    url: str
    count: int
    length: int


@dataclass(frozen=True)
class Employer:
    """A company that is large among others, with its workforce in words."""

    hit: Hit
    workforce: str


def companies(request: HttpRequest, filters: Filters, values: Mapping[str, str]) -> dict[str, Any]:
    """A page of the active companies that pass, and links to the same in the search, as figures, a feed and JSON.

    `values` are the filters as the API calls them. On the first page also those that stand out.
    """
    pages = CompaniesByName()
    known = only(request, "cursor")
    window = pages.window(known)
    active = replace(filters, is_active=True)
    found = read_page(active, window)
    links = {
        "results_url": queried(address("results"), values),
        "statistics_url": queried(address("statistiques"), values),
        "feed_url": queried(address("feed"), values),
        "json_url": queried(reverse("api-entreprises"), {**values, "is_active": "true", "ordering": "nom"}),
    }
    few = {"newest": _newest(active), "employers": _employers(active)} if window.is_first else {}
    return {
        "hits": hits(found.rows),
        "pages": around(pages, found, known),
        "is_first": window.is_first,
        "is_indexed": window.is_first,
        "canonical": queried(request.path, {} if window.is_first else {"cursor": request.GET["cursor"]}),
        **links,
        **few,
    }


def _newest(filters: Filters) -> list[Hit]:
    """Those that came into the directory last."""
    return hits(read_page(filters, Window(CompaniesByName.orderings["-created_at"], MAX_FEW)).rows)


def _employers(filters: Filters) -> list[Employer]:
    """Those with the largest workforce, as the index has them; none without an index."""
    engine = search_engine()
    if engine.name == PostgresEngine.name:
        return []
    try:
        rows = engine.listed(filters, Window(RELEVANCE, MAX_FEW)).page.rows
    except SearchTimeoutError:
        return []
    known = [
        row for row in rows if (band := BANDS.get(row["tranche_effectif"])) and band.minimum >= MIN_EMPLOYEES
    ]
    return [
        Employer(hit, workforce(row["tranche_effectif"])) for hit, row in zip(hits(known), known, strict=True)
    ]


def counted(filters: Filters, *facets: str) -> dict[str, Any]:
    """How many companies pass, when they were created, and of the active ones the most frequent values of facets.

    Nothing where PostgreSQL answers for the index, and lacks the time, as it does for all companies.
    """
    engine = search_engine()
    if engine.name == PostgresEngine.name and filters == EVERYTHING:
        return {}
    every = engine.count(filters, [YEAR])
    active = engine.count(replace(filters, is_active=True), [*facets, YEAR])
    if YEAR not in every.facets or not active.facets.keys() >= {*facets, YEAR}:
        return {}
    ceased = every.total - active.total if every.total is not None and active.total is not None else None
    return {
        "active": active.total,
        "ceased": ceased,
        "counts": active.facets,
        "years": charts.years(every.facets[YEAR], active.facets[YEAR]),
    }


def trades(counts: Counts, values: Mapping[str, str]) -> list[Bar]:
    """The most frequent activities, each with a link to its companies among those that `values` let through."""
    return _bars(counts, label, lambda code: narrowed(values, naf=code))


def towns(counts: Counts, values: Mapping[str, str]) -> list[Bar]:
    """The towns with the most companies. One query for their names."""
    some = [code for code, _ in _top(counts)]
    names = dict(Ville.objects.filter(code_insee__in=some).values_list("code_insee", "nom"))
    return _bars(counts, lambda code: short(names.get(code, "")), lambda code: narrowed(values, ville=code))


def departements(counts: Counts) -> list[Bar]:
    """The départements with the most companies."""
    return _bars(
        counts, lambda code: DEPARTEMENTS[code].nom if code in DEPARTEMENTS else "", slugs.departement
    )


def forms(counts: Counts, values: Mapping[str, str]) -> list[Bar]:
    """The most frequent legal forms."""
    return _bars(
        counts,
        lambda code: LEGAL_FORMS.get(code, ""),
        lambda code: narrowed(values, categorie_juridique=code),
    )


def bands(counts: Counts, url: Callable[[str], str]) -> list[Bar]:
    """The bands of workforce that companies have, the smallest first; those of which nothing is known are left out."""
    most = max((counts.get(code, 0) for code in BANDS), default=0)
    return [
        Bar(workforce(code), url(code), counts[code], length(counts[code], most))
        for code in BANDS
        if counts.get(code)
    ]


def bands_of(counts: Counts, values: Mapping[str, str]) -> list[Bar]:
    """The same, each with a link to its companies among those that `values` let through."""
    return bands(counts, lambda code: narrowed(values, tranche_effectif=code))


def _top(counts: Counts) -> list[tuple[str, int]]:
    known = [(value, count) for value, count in counts.items() if value]
    return sorted(known, key=lambda pair: (-pair[1], pair[0]))[:MAX_BARS]


def _bars(counts: Counts, labelled: Callable[[str], str], url: Callable[[str], str]) -> list[Bar]:
    top = _top(counts)
    most = top[0][1] if top else 0
    return [
        Bar(name, url(value), count, length(count, most)) for value, count in top if (name := labelled(value))
    ]


def length(count: int, most: int) -> int:
    """Of a bar, of 100."""
    return max(1, round(100 * count / most)) if most else 0


def narrowed(values: Mapping[str, str], **more: str) -> str:
    """The results of these filters and more."""
    return queried(address("results"), {**values, **more})
