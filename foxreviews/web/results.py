"""The results of a search, or the companies that pass filters."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from foxreviews.api.entreprises.companies import companies
from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.core.keyset import Window
from foxreviews.search.engines.indexed import MAX_SORTED
from foxreviews.search.errors import SearchTimeoutError, TooManyToSortError
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.search.query.types import Hits
from foxreviews.web.asked import KNOWN, WITH_CEASED, Asked, around, only, queried
from foxreviews.web.choices import facets, filters, orderings
from foxreviews.web.hits import Hit, hits
from foxreviews.web.language import address
from foxreviews.web.maps import drawn
from foxreviews.web.nothing import nothing
from foxreviews.web.page import page, shown
from foxreviews.web.understood import Part, parts

# Of the API; of activities the codes are shown
FACETS = (
    "departement", "ville", "naf_section", "tranche_effectif", "categorie_entreprise", "est_employeur",
    "categorie_juridique",
)  # fmt: skip


@page
def results(request: HttpRequest) -> HttpResponse:
    """What is asked for; without anything the search box. An order that many results cannot have is left out."""
    asked = Asked.read(request)
    if not (asked.filters or "q" in asked.values):
        return shown(request, "web/results.html", {"asked": asked, "is_empty": True})
    try:
        found, with_ceased = _found(asked)
    except TooManyToSortError:
        return HttpResponseRedirect(asked.url(ordering=""))
    context: dict[str, Any] = {
        "asked": asked,
        "q": asked.values.get("q", ""),
        "found": found,
        "with_ceased": with_ceased,
        "hits": hits(found.page.rows, found.explanation),
        "map": drawn(found.page.rows),
        "parts": _parts(asked, found),
        "filters": filters(asked),
        "facets": facets(asked, found.facets),
        "orderings": orderings(asked, found.total),
        "pages": around(EnterpriseCursorPagination(), found.page, only(request, *KNOWN)),
        "is_first": asked.window.is_first,
        "has_ceased": not with_ceased,
    } | _links(asked, found, request.GET.get("cursor", ""), with_ceased=with_ceased)
    if asked.window.is_first and found.page.rows and not with_ceased and "q" in asked.values:
        context |= _ceased(asked, found)
    if asked.window.is_first and not found.page.rows:
        context["nothing"] = nothing(asked)
    return shown(request, "web/results.html", context)


def _found(asked: Asked) -> tuple[Hits, bool]:
    """The companies, and whether ceased ones are among them: as is asked for, or where no other is found.

    Raises TooManyToSortError, SearchTimeoutError.
    """
    params = {**asked.params, "facets": FACETS}
    if asked.with_ceased:
        return companies(params, asked.window), True
    active = companies(params | {"is_active": True}, asked.window)
    if active.page.rows or not asked.window.is_first:
        return active, False
    try:
        every = companies(params, asked.window)
    except SearchTimeoutError:
        return active, False
    return (every, True) if every.page.rows else (active, False)


def _links(asked: Asked, found: Hits, cursor: str, *, with_ceased: bool) -> dict[str, Any]:
    """To the same list in other forms: as it is shown, with ceased ones or without."""
    same = asked.with_all() if with_ceased else asked
    is_sorted = "q" not in asked.values or (found.total is not None and found.total <= MAX_SORTED)
    return {
        "canonical": asked.url(cursor=cursor),
        "same": same,
        "feed_url": same.feed_url if is_sorted else "",
        "statistics_url": queried(address("statistiques"), asked.filters),
        "with_ceased_url": asked.url(**{WITH_CEASED: "1"}),
        "without_ceased_url": asked.url(**{WITH_CEASED: ""}),
    }


def _ceased(asked: Asked, found: Hits) -> dict[str, Any]:
    """How many there are with ceased ones, and one that has ceased and matches better than all that are active."""
    try:
        every = companies(dict(asked.params), Window(RELEVANCE, 1))
    except SearchTimeoutError:
        return {}
    better: Hit | None = None
    for first in every.page.rows:
        if not first["is_active"] and first["score"] > max(row["score"] for row in found.page.rows):
            (better,) = hits([first], every.explanation)
    has_ceased = every.total is None or found.total is None or every.total > found.total
    return {"total_with_ceased": every.total, "better": better, "has_ceased": has_ceased}


def _parts(asked: Asked, found: Hits) -> list[tuple[Part, str]]:
    """What was understood, and the list without each part."""
    if not (found.page.rows and found.explanation):
        return []
    understood = parts(asked.values["q"], found.page.rows, found.explanation)
    return [(part, asked.url(q=part.rest)) for part in understood]
