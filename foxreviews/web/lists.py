"""What a town, a trade and a département have in common: their active companies, counted and by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.enterprise.filters import Filters
from foxreviews.enterprise.filters import page as read_page
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import label
from foxreviews.reference.register import BANDS
from foxreviews.search.engine import search_engine
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.query.nodes import Counts
from foxreviews.web import slugs
from foxreviews.web.asked import around, only
from foxreviews.web.hits import hits
from foxreviews.web.language import address
from foxreviews.web.wording import workforce

MAX_BARS = 10


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


def companies(request: HttpRequest, filters: Filters, values: Mapping[str, str]) -> dict[str, Any]:
    """A page of the active companies that pass, and links to the same in the search and the API.

    `values` are the filters as the API calls them.
    """
    pages = CompaniesByName()
    window = pages.window(only(request, "cursor"))
    found = read_page(replace(filters, is_active=True), window)
    query = "&".join(f"{name}={value}" for name, value in values.items())
    return {
        "hits": hits(found.rows),
        "pages": around(pages, found, request),
        "is_first": window.is_first,
        "results_url": f"{address('results')}?{query}",
        "json_url": f"{reverse('api-entreprises')}?{query}&is_active=true&ordering=nom",
        "is_indexed": window.is_first,
    }


def counted(filters: Filters, *facets: str) -> dict[str, Any]:
    """How many companies pass, and of the active ones the most frequent values of facets of the index.

    Nothing where PostgreSQL answers for the index, and it takes too long.
    """
    engine = search_engine()
    try:
        every = engine.count(filters)
        active = engine.count(replace(filters, is_active=True), facets)
    except SearchTimeoutError:
        return {}
    ceased = every.total - active.total if every.total is not None and active.total is not None else None
    return {"active": active.total, "ceased": ceased, "counts": active.facets}


def trades(counts: Counts, values: Mapping[str, str]) -> list[Bar]:
    """The most frequent activities, each with a link to its companies among those that `values` let through."""
    return _bars(counts, label, lambda code: _narrowed(values, naf=code))


def towns(counts: Counts, values: Mapping[str, str]) -> list[Bar]:
    """The towns with the most companies. One query for their names."""
    some = [code for code, _ in _top(counts)]
    names = dict(Ville.objects.filter(code_insee__in=some).values_list("code_insee", "nom"))
    return _bars(counts, lambda code: names.get(code, ""), lambda code: _narrowed(values, ville=code))


def departements(counts: Counts) -> list[Bar]:
    """The départements with the most companies."""
    return _bars(
        counts, lambda code: DEPARTEMENTS[code].nom if code in DEPARTEMENTS else "", slugs.departement
    )


def bands(counts: Counts) -> list[Bar]:
    """The bands of workforce that companies have, the smallest first; those of which nothing is known are left out."""
    most = max((counts.get(code, 0) for code in BANDS), default=0)
    return [
        Bar(workforce(code), "", counts[code], _length(counts[code], most))
        for code in BANDS
        if counts.get(code)
    ]


def _top(counts: Counts) -> list[tuple[str, int]]:
    known = [(value, count) for value, count in counts.items() if value]
    return sorted(known, key=lambda pair: (-pair[1], pair[0]))[:MAX_BARS]


def _bars(counts: Counts, labelled: Callable[[str], str], url: Callable[[str], str]) -> list[Bar]:
    top = _top(counts)
    most = top[0][1] if top else 0
    return [
        Bar(name, url(value), count, _length(count, most))
        for value, count in top
        if (name := labelled(value))
    ]


def _length(count: int, most: int) -> int:
    return max(1, round(100 * count / most)) if most else 0


def _narrowed(values: Mapping[str, str], **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {**values, **more}.items())
    return f"{address('results')}?{query}"
