"""The results of a search, or the companies that pass filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from foxreviews.api.entreprises.companies import companies
from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.api.suggestions import suggestions
from foxreviews.core.keyset import Window
from foxreviews.enterprise.filters import EVERYTHING
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import SECTIONS, label
from foxreviews.search.engine import search_engine
from foxreviews.search.engines.indexed import MAX_SORTED
from foxreviews.search.query.nodes import Counts
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.search.query.types import Hits
from foxreviews.web import suggestions as suggested
from foxreviews.web.asked import WITH_CEASED, Asked, around
from foxreviews.web.hits import Hit, hits
from foxreviews.web.maps import drawn
from foxreviews.web.page import page, shown
from foxreviews.web.understood import parts

MAX_VALUES = 8  # of a facet
MAX_LOOKED_UP = 6  # words of a query that finds nothing
MAX_NEAR = 5
FACETS = ("departement", "ville", "naf_section")  # of the API; of the last one the codes are shown
TITLES = {"departement": "departement", "code_commune": "ville", "naf_code": "naf"}  # index → parameter


@dataclass(frozen=True)
class Choice:
    """A link to the same list with one thing changed."""

    label: str
    url: str
    count: int | None = None
    is_chosen: bool = False


@page
def results(request: HttpRequest) -> HttpResponse:
    """What is asked for; without anything the search box."""
    asked = Asked.read(request)
    q = asked.values.get("q", "")
    if not (q or asked.filters):
        return shown(request, "web/results.html", {"asked": asked, "is_empty": True})
    found, with_ceased = _found(asked)
    context: dict[str, Any] = {"asked": asked, "q": q, "found": found, "with_ceased": with_ceased}
    context |= {
        "hits": hits(found.page.rows, found.explanation),
        "map": drawn(found.page.rows),
        "parts": _parts(q, found, asked),
        "filters": [
            Choice(_labelled(name, value), asked.url(**{name: ""})) for name, value in asked.filters.items()
        ],
        "facets": _facets(asked, found.facets),
        "orderings": _orderings(asked, found.total),
        "pages": around(EnterpriseCursorPagination(), found.page, request),
        "is_first": asked.window.is_first,
        "with_ceased_url": asked.url(**{WITH_CEASED: "1"}),
        "without_ceased_url": asked.url(**{WITH_CEASED: ""}),
    }
    context |= _ceased(asked, found)
    total = context.get("total_with_ceased")
    context["has_ceased"] = not with_ceased and (total is None or found.total is None or total > found.total)
    if not found.page.rows and asked.window.is_first:
        context["nothing"] = _nothing(asked, q)
    return shown(request, "web/results.html", context)


def _found(asked: Asked) -> tuple[Hits, bool]:
    """The companies, and whether ceased ones are among them: as is asked for, or where no other is found."""
    params = dict(asked.params) | {"facets": FACETS}
    if asked.with_ceased:
        return companies(params, asked.window), True
    active = companies(params | {"is_active": True}, asked.window)
    if active.page.rows or not asked.window.is_first:
        return active, False
    every = companies(params, asked.window)
    return (every, True) if every.page.rows else (active, False)


def _ceased(asked: Asked, found: Hits) -> dict[str, Any]:
    """How many there are with ceased ones, and one that has ceased and matches better than all that are active."""
    if asked.with_ceased or not asked.window.is_first or not found.page.rows or "q" not in asked.params:
        return {}
    every = companies(dict(asked.params), Window(asked.window.ordering, 1))
    first = every.page.rows[0] if every.page.rows else None
    better: Hit | None = None
    if first and not first["is_active"] and first["score"] > found.page.rows[0]["score"]:
        (better,) = hits([first], every.explanation)
    return {"total_with_ceased": every.total, "better": better}


def _parts(q: str, found: Hits, asked: Asked) -> list[tuple[Any, str]]:
    if not (q and found.page.rows and found.explanation):
        return []
    return [(part, asked.url(q=part.rest)) for part in parts(q, found.page.rows, found.explanation)]


def _facets(asked: Asked, counts: Mapping[str, Counts]) -> dict[str, list[Choice]]:
    """The most frequent values of each filter that is not set, by the parameter that sets it."""
    found = {}
    for facet, name in TITLES.items():
        values = {value: count for value, count in counts.get(facet, {}).items() if value}
        top = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_VALUES]
        if name in asked.filters or len(values) < 2:
            continue
        labels = _labels(name, [value for value, _ in top])
        found[name] = [
            Choice(labels[value], asked.url(**{name: value}), count)
            for value, count in top
            if labels.get(value)
        ]
    return {name: choices for name, choices in found.items() if choices}


def _labels(name: str, values: Iterable[str]) -> dict[str, str]:
    if name == "ville":
        towns = Ville.objects.filter(code_insee__in=values).values_list("code_insee", "nom")
        return dict(towns)
    if name == "departement":
        return {value: f"{DEPARTEMENTS[value].nom} ({value})" for value in values if value in DEPARTEMENTS}
    return {value: label(value) for value in values}


def _labelled(name: str, value: str) -> str:
    """A filter in words."""
    if name == "ville":
        town = (
            Ville.objects.filter(slug=value.lower())
            if "-" in value or not value[:1].isdigit()
            else Ville.objects.filter(code_insee=value.upper())
        )
        return next(iter(town.values_list("nom", flat=True)), value)
    if name == "departement" and value.upper() in DEPARTEMENTS:
        return f"{DEPARTEMENTS[value.upper()].nom} ({value.upper()})"
    if name == "naf_section":
        return SECTIONS.get(value.upper(), value)
    return label(value.upper()) or value


def _orderings(asked: Asked, total: int | None) -> list[Choice]:
    """The orders that the list can have: of many results only that of relevance."""
    names = {"nom": _("name, A to Z"), "-created_at": _("latest in the directory")}
    if "q" in asked.values:
        names = {RELEVANCE.name: _("relevance")} | names
        if total is None or total > MAX_SORTED:
            return []
    now = asked.window.ordering.name
    return [Choice(text, asked.url(ordering=name), is_chosen=name == now) for name, text in names.items()]


def _nothing(asked: Asked, q: str) -> dict[str, Any]:
    """Which word finds nothing, what is spelt nearly so, and what fewer filters find."""
    engine = search_engine()
    typed = list(dict.fromkeys(q.split()))[:MAX_LOOKED_UP]
    counted = []
    for word in typed if len(typed) > 1 or asked.filters else []:
        if any(letter.isalnum() for letter in word):
            found = engine.search(interpret(word), EVERYTHING, Window(RELEVANCE, 1))
            counted.append(Choice(word, asked.url(q=word, **dict.fromkeys(asked.filters, "")), found.total))
    absent = [choice.label for choice in counted if choice.count == 0] or typed[:1]
    near = [each for word in absent[:2] for each in suggestions(word, MAX_NEAR)] if q else []
    wider = []
    for name, value in asked.filters.items():
        params = {key: each for key, each in asked.params.items() if key != name}
        if params.keys() - {"ordering", "facets"}:
            found = companies(
                params | ({} if asked.with_ceased else {"is_active": True}), replace(asked.window, size=1)
            )
            if found.page.rows:
                wider.append(Choice(_labelled(name, value), asked.url(**{name: ""}), found.total))
    return {
        "words": counted,
        "near": [(each.label, each.detail, suggested.url(each)) for each in near][:MAX_NEAR],
        "wider": wider,
    }
