"""The towns that a request asks for: by name from the index of search, or from PostgreSQL where there is none."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Coalesce

from foxreviews.core.keyset import Ordering, Row, Slice, Window, cut, read
from foxreviews.location.models import Ville
from foxreviews.reference.text import town_key
from foxreviews.search.engine import search_places
from foxreviews.search.query.places import VILLE, Place, Places, Step

# The same in the index and in PostgreSQL: a walk goes on where the index is made or lost meanwhile.
RELEVANCE = Ordering("pertinence", ("score", "inhabitants", "code_insee"), descending=True)


def towns(params: dict[str, Any], window: Window) -> Slice:
    """The window of the towns that pass the filters of validated parameters, and answer `q`."""
    found = None
    if "q" in params:
        look = _by_relevance if window.ordering == RELEVANCE else _in_order
        found = search_places(lambda places: look(places, params, window))
    return read(_beginning(params), window) if found is None else found


def _by_relevance(places: Places, params: dict[str, Any], window: Window) -> Slice:
    """The index says which towns and in what order, PostgreSQL what they are. One that is gone is left out."""
    after = None if window.position is None else Place(*window.position)
    found_places = places.find(
        VILLE, params["q"], window.size + 1, _narrowed(params), after, backward=window.backward
    )
    page = cut([dict(zip(RELEVANCE.fields, place, strict=True)) for place in found_places], window)
    codes = [row["code_insee"] for row in page.rows]
    found = {row["code_insee"]: dict(row) for row in Ville.objects.filter(code_insee__in=codes).values()}
    return replace(page, rows=[found[code] for code in codes if code in found])


def _in_order(places: Places, params: dict[str, Any], window: Window) -> Slice:
    """The index says which towns, PostgreSQL orders them."""
    codes = places.codes(VILLE, params["q"], _narrowed(params))
    return read(_rows(Ville.objects.filter(code_insee__in=codes)), window)


def _narrowed(params: dict[str, Any]) -> dict[str, Sequence[str]]:
    return {name: params[name] for name in ("region", "departement", "code_postal") if name in params}


def _beginning(params: dict[str, Any]) -> QuerySet[Ville, Row]:
    """The towns that pass the filters, and whose name begins with `q`."""
    found = Ville.objects.all()
    if "q" in params:
        found = found.beginning_with(params["q"])
    if "code_postal" in params:
        found = found.delivered_under(*params["code_postal"])
    if "departement" in params:
        found = found.filter(departement__in=params["departement"])
    if "region" in params:
        found = found.filter(region__in=params["region"])
    key = town_key(params.get("q", ""))
    score = Case(When(nom_recherche=key, then=Value(int(Step.EXACT))), default=Value(int(Step.START)))
    return _rows(found.annotate(score=score))


def _rows(found: QuerySet[Ville, Ville]) -> QuerySet[Ville, Row]:
    """With what the orderings compare, which is never null."""
    return found.annotate(inhabitants=Coalesce("population", 0)).values()
