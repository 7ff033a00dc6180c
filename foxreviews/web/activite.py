"""The pages of trades: all of them by section, a division, and one trade with its companies."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from foxreviews.api.errors import NotFoundError
from foxreviews.enterprise.filters import Filters
from foxreviews.reference.naf import (
    DIVISIONS,
    NAF,
    NAF25,
    PREDECESSORS,
    SECTIONS,
    SECTIONS25,
    SUCCESSORS,
    TRADES,
    TRADES25,
    Beginnings,
    label,
    levels,
    normalise,
    section_of,
)
from foxreviews.web import lists, slugs, structured
from foxreviews.web.asked import queried
from foxreviews.web.language import address
from foxreviews.web.page import page, shown
from foxreviews.web.tiles import tiles

FACETS = ("departement", "code_commune", "tranche_effectif", "categorie_juridique")


@page
def activites(request: HttpRequest) -> HttpResponse:
    """The sections of NAF rév. 2 with their divisions."""
    sections = [
        (
            letter,
            name,
            [
                (code, nom, division_url(code))
                for code, nom in DIVISIONS.items()
                if section_of(code) == letter
            ],
        )
        for letter, name in SECTIONS.items()
    ]
    return shown(
        request, "web/activites.html", {"sections": sections, "way": [(_("Companies"), address("home"))]}
    )


@page
def activite(request: HttpRequest, key: str) -> HttpResponse:
    """One trade of either nomenclature, or a division of rév. 2."""
    code = slugs.code_of(key).upper()
    if code in DIVISIONS:
        path, answer = division_url(code), _division
    elif label(code := normalise(code)):
        path, answer = slugs.activite(code), _trade
    else:
        raise NotFoundError(f"{key[:50]} is the code of no activity.")
    return HttpResponsePermanentRedirect(path) if request.path != path else answer(request, code)


def division_url(code: str) -> str:
    """The address of a division's page."""
    return address("activite", slugs.key(code, DIVISIONS[code]))


def _way() -> list[tuple[str, str]]:
    return [(_("Companies"), address("home")), (_("Activities"), address("activites"))]


def _division(request: HttpRequest, code: str) -> HttpResponse:
    """Its trades: companies are listed there, where an index has them in their order."""
    found = lists.counted(Filters(naf=(Beginnings(rev2=(code,)),)), "naf_code")
    counts = found.get("counts", {}).get("naf_code", {})
    trades = [
        (each, nom, slugs.activite(each), counts.get(each))
        for each, nom in NAF.items()
        if each.startswith(code)
    ]
    way = _way()
    return shown(
        request,
        "web/division.html",
        {
            "code": code,
            "title": DIVISIONS[code],
            "section": SECTIONS[section_of(code)],
            "active": found.get("active"),
            "years": found.get("years"),
            "statistics_url": queried(address("statistiques"), {"naf": code}),
            "json_url": queried(reverse("api-statistiques"), {"naf": code, "is_active": "true"}),
            "trades": trades,
            "way": way,
            "structured": _breadcrumbs(request, [*way, (DIVISIONS[code], request.path)]),
        },
    )


def _trade(request: HttpRequest, code: str) -> HttpResponse:
    is_rev2 = code in NAF
    filters = Filters(naf=(Beginnings(rev2=(code,)) if is_rev2 else Beginnings(naf25=(code,)),))
    found = lists.counted(filters, *FACETS)
    counts, values, way = found.get("counts", {}), {"naf": code}, _way()
    if is_rev2:
        way.append((DIVISIONS[code[:2]], division_url(code[:2])))
    context: dict[str, Any] = {
        "code": code,
        "title": label(code),
        "nomenclature": "NAF rév. 2" if is_rev2 else "NAF 2025",
        "other_nomenclature": "NAF 2025" if is_rev2 else "NAF rév. 2",
        "section": (SECTIONS if is_rev2 else SECTIONS25).get(levels(code).section, ""),
        "words": [nom for nom, codes in (TRADES if is_rev2 else TRADES25).items() if code in codes],
        "others": [
            (each, label(each), slugs.activite(each))
            for each in (SUCCESSORS if is_rev2 else PREDECESSORS).get(code, ())
            if each in NAF or each in NAF25
        ],
        "active": found.get("active"),
        "ceased": found.get("ceased"),
        "departements": lists.departements(counts.get("departement", {})),
        "tiles": tiles(counts["departement"], lambda place: lists.narrowed(values, departement=place))
        if counts
        else [],
        "towns": lists.towns(counts.get("code_commune", {}), values),
        "bands": lists.bands_of(counts.get("tranche_effectif", {}), values),
        "forms": lists.forms(counts.get("categorie_juridique", {}), values),
        "years": found.get("years"),
        "way": way,
        "structured": _breadcrumbs(request, [*way, (label(code), request.path)]),
    }
    return shown(request, "web/activite.html", context | lists.companies(request, filters, values))


def _breadcrumbs(request: HttpRequest, way: list[tuple[str, str]]) -> str:
    return structured.script(structured.breadcrumbs(request.build_absolute_uri("/").rstrip("/"), way))
