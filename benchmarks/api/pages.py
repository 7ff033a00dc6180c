"""The addresses of the API, requested in this process through every middleware, in the session of a web worker."""

import time
from collections.abc import Iterator
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from rest_framework.request import Request

from benchmarks.api.measure import Measure
from benchmarks.api.scaling_plan import FILTER, PAGE, SEARCH, counted_queries
from benchmarks.server import ANSWERED_ALONE
from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.core import sql
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.keyset import Slice, Window
from foxreviews.enterprise.models import Entreprise

TOWNS = 8.0  # milliseconds: the scaling plan's table of expected capacity
TWO_ORDERS = ("-created_at", "nom")
WORDS = {
    "frequent": "sci",
    "scaling plan": "restaurant",
    "two words": "boulangerie lyon",
    "misspelt": "boulangrie",
    "absent": "xqzwvk",
}
FILTERS = {
    "ville_nom": "ville_nom",
    "ville": "ville_id",
    "code_postal": "code_postal",
    "departement": "departement",
    "naf": "naf_code",
}


class NotAnsweredError(FoxreviewsError):
    """A page answers with an error: there is nothing to measure."""


def measures() -> Iterator[Measure]:
    """Lists deep and shallow, each filter with its most and least frequent value, searches, one company, towns."""
    orderings = EnterpriseCursorPagination.orderings
    for ordering in orderings:
        yield _page("Pages", f"first page, {ordering}", PAGE, {"ordering": ordering})
    for ordering in orderings:
        yield Measure("Pages", f"middle of {ordering}", PAGE, partial(_get, _middle(ordering)))
    for name, values in _filters().items():
        for value in values:
            for ordering in TWO_ORDERS:
                query = {name: value, "ordering": ordering}
                yield _page("Filters", f"{name}={value}, {ordering}", FILTER, query)
    for ordering in TWO_ORDERS:
        query = {"ville_nom": "Paris", "naf": "62", "ordering": ordering}
        yield _page("Filters", f"Paris, naf=62, {ordering}", FILTER, query)
    for kind, word in WORDS.items():
        yield _page("Searches", f"q={word} ({kind})", SEARCH, {"q": word})
    counted = {"q": "restaurant", "facets": "departement,naf_division"}
    yield _page("Searches", "q=restaurant with facets", SEARCH, counted)
    yield Measure("Searches", "suggestions, q=boul", SEARCH, partial(_get, "/api/suggestions/?q=boul"))
    siren = sql.value("SELECT siren FROM enterprise_entreprise LIMIT 1")
    yield _page("Searches", "q=<a SIREN>", SEARCH, {"q": siren})
    yield Measure("One company, towns", "one company", PAGE, partial(_get, f"/api/entreprises/{siren}/"))
    yield Measure("One company, towns", "towns, first page", PAGE, partial(_get, "/api/villes/"))
    towns = partial(_queries_of, "/api/villes/?q=saint")
    yield Measure("One company, towns", "towns, q=saint, its queries", TOWNS, towns)


def _page(group: str, what: str, limit: float, query: dict[str, str]) -> Measure:
    return Measure(group, what, limit, partial(_get, f"/api/entreprises/?{urlencode(query)}"))


@cache
def _client() -> Client:
    """One client, as a web worker has one chain of middlewares: making it takes 30 ms.

    It asks by a host name that is allowed, through TLS where that is required.
    """
    headers = ANSWERED_ALONE | ({"X-Forwarded-Proto": "https"} if settings.HTTPS else {})
    return Client(HTTP_HOST=host(), headers=headers)


def host() -> str:
    """A name that ALLOWED_HOSTS lets in."""
    allowed = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost"
    return "localhost" if allowed == "*" else allowed.removeprefix(".")


def _get(url: str) -> tuple[float, str]:
    client = _client()
    started = time.perf_counter()
    answer = client.get(url, secure=settings.HTTPS)
    milliseconds = (time.perf_counter() - started) * 1000
    if answer.status_code != 200:
        raise NotAnsweredError(f"{url} answers {answer.status_code}: {answer.content.decode()[:200]}")
    found: dict[str, Any] = answer.json()
    rows = found.get("results")
    return milliseconds, "" if rows is None else f"{len(rows)} rows {found.get('engine', '')}".strip()


def _queries_of(url: str) -> tuple[float, str]:
    """The time that the queries of a page take, as the scaling plan's phase 4 adds it up."""
    with CaptureQueriesContext(connection) as captured:
        _get(url)
    return sum(float(query["time"]) for query in captured) * 1000, counted_queries(len(captured))


def _middle(ordering: str) -> str:
    """The address of the page after the row in the middle of the ordering."""
    chosen = EnterpriseCursorPagination.orderings[ordering]
    fields = [f"-{field}" if chosen.descending else field for field in chosen.fields]
    rows = Entreprise.objects.order_by(*fields).values_list(*chosen.fields)
    position = rows[Entreprise.objects.count() // 2]
    address = f"/api/entreprises/?ordering={ordering}"
    request = Request(RequestFactory(HTTP_HOST=host()).get(address, secure=settings.HTTPS))
    page = Slice([], previous=None, next=Window(chosen, EnterpriseCursorPagination.page_size, position))
    link: str = EnterpriseCursorPagination().answer(page, request, []).data["next"]
    return link


def _filters() -> dict[str, list[str]]:
    """Each filter with its most and its least frequent value; for trades, the scaling plan's prefix too."""
    found = {name: _extremes(column) for name, column in FILTERS.items()}
    return found | {"naf": [*found["naf"], "62"], "is_active": ["true", "false"]}


def _extremes(column: str) -> list[str]:
    counted = (
        Entreprise.objects.order_by()
        .values_list(column)
        .annotate(count=Count("*"))
        .order_by("-count", column)
    )
    values = [value for value, _ in counted if value]
    return list(dict.fromkeys([*values[:1], *values[-1:]]))
