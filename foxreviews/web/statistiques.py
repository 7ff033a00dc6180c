"""Figures of the directory under filters: how many companies there are, when they came, where, and what they do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from foxreviews.api.entreprises import companies, facets
from foxreviews.api.params import departements
from foxreviews.api.statistiques import COUNTED_BY, created, establishments
from foxreviews.core.keyset import Row
from foxreviews.enterprise import comptages
from foxreviews.enterprise.filters import EVERYTHING, Filters
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.search.engine import search_engine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.query.nodes import Counts
from foxreviews.web import charts, choices, lists, structured
from foxreviews.web.asked import Selection, queried
from foxreviews.web.charts import Chart
from foxreviews.web.language import address
from foxreviews.web.lists import Bar
from foxreviews.web.page import page, shown
from foxreviews.web.tiles import tiles

FACETS = (
    "departement", "naf_code", "tranche_effectif", "categorie_entreprise", "est_employeur", "categorie_juridique",
)  # fmt: skip
TOWNS = "code_commune"  # within a département: of the country there are too many to be read
DIVISION = len("56")
ALL = 21  # sections, of which there are most; and more than there are régions


@dataclass(frozen=True)
class Group:
    """The most frequent values of one thing, each with the figures of its companies alone."""

    caption: str
    bars: list[Bar]
    is_french: bool = False


@dataclass(frozen=True)
class Establishments:
    """As of the last count: how many are open and closed, and a chart of the months."""

    opened: int
    closed: int
    moment: datetime
    months: Chart | None


@page
def statistiques(request: HttpRequest) -> HttpResponse:
    """The figures that the API has under the same filters, of active companies; each leads to a narrower page."""
    selection = Selection.read(request)
    wanted = companies.filters(dict(selection.params))
    found = lists.counted(wanted, *FACETS, *([TOWNS] if _has_towns(selection) else []))
    counts: Mapping[str, Counts] = found.get("counts", {})
    chosen = choices.filters(selection)
    way = [(_("Companies"), address("home"))]
    if chosen:
        way.append((_("Statistics"), address("statistiques")))
    title = ", ".join(str(each.label) for each in chosen) or _("Statistics")
    root = request.build_absolute_uri("/").rstrip("/")
    place = _narrowing(selection, "departement", "region", "ville", "code_postal")
    context: dict[str, Any] = {
        "title": title,
        "way": way,
        "filters": chosen,
        "canonical": selection.url(),
        "is_indexed": not chosen,
        "active": found.get("active"),
        "ceased": found.get("ceased"),
        "years": found.get("years"),
        "created": _created(wanted) if found else None,
        "establishments": of_establishments(selection.params),
        "of_place_url": _of_place(selection),
        "tiles": tiles(_by_departement(wanted, counts), place),
        "places": _departements(selection),
        "of_places": _places(selection, counts) if counts else None,
        "groups": _groups(selection, counts) if counts else [],
        "results_url": queried(address("results"), selection.values) if chosen else "",
        "json_url": queried(reverse("api-statistiques"), {**selection.values, "is_active": "true"}),
        "structured": structured.script(structured.breadcrumbs(root, [*way, (title, selection.url())])),
    }
    return shown(request, "web/statistiques.html", context)


def _created(wanted: Filters) -> Chart | None:
    """A chart of the months in which the companies that pass were created; None where they were not counted."""
    every, active = created(wanted), created(replace(wanted, is_active=True))
    return charts.created(every, active) if every is not None and active is not None else None


def of_establishments(params: Mapping[str, Any]) -> Establishments | None:
    """Those that pass validated parameters; None with a filter that the count does not have, and before any count."""
    if params.keys() - COUNTED_BY:
        return None
    moment = comptages.moment()
    found = establishments(moment, departements(dict(params)), None)
    if found is None:
        return None
    counted, by_month = found
    states = {each["value"]: each["count"] for each in counted["facets"]["is_active"]}
    return Establishments(
        states.get("true", 0), states.get("false", 0), datetime.fromisoformat(moment), charts.months(by_month)
    )


def _of_place(selection: Selection) -> str:
    """The page of the place alone, whose months are counted; of its département, where it is within one."""
    values = {name: selection.values.get(name, "") for name in ("region", "departement")}
    return queried(
        address("statistiques"), values | {"departement": _around(selection) or values["departement"]}
    )


def _around(selection: Selection) -> str:
    """The département that the town or postal code is in; "" without one."""
    within = (
        choices.departement_of(name, selection.values.get(name, "")) for name in ("ville", "code_postal")
    )
    return next(filter(None, within), "")


def _by_departement(wanted: Filters, counts: Mapping[str, Counts]) -> Counts | None:
    """Companies of the country that pass all other filters than those by place; None where they were not counted."""
    country = replace(wanted, departements=(), villes=(), ville_noms=(), codes_postaux=(), is_active=True)
    if country == replace(wanted, is_active=True):
        return counts.get("departement")
    engine = search_engine()
    if engine.name == PostgresEngine.name and country == replace(EVERYTHING, is_active=True):
        return None
    return engine.count(country, ["departement"]).facets.get("departement")


def _departements(selection: Selection) -> set[str]:
    """Those that are chosen: by themselves, by their région, or because the town is there."""
    if around := _around(selection):
        return {around}
    if not {"region", "departement"} & selection.params.keys():
        return set()
    return {*departements(dict(selection.params))} & DEPARTEMENTS.keys()


def _narrowing(selection: Selection, name: str, *instead_of: str) -> Callable[[str], str]:
    """From a value of a filter to the page with it, without those that it stands for."""
    return lambda value: selection.url(**{**dict.fromkeys(instead_of, ""), name: value})


def _has_towns(selection: Selection) -> bool:
    return "ville" not in selection.filters and bool(
        {"departement", "code_postal"} & selection.filters.keys()
    )


def _places(selection: Selection, counts: Mapping[str, Counts]) -> Group | None:
    """Régions of the country, départements of a région, towns of a département."""
    if "ville" in selection.filters:
        return None
    if _has_towns(selection):
        bars = _bars("ville", counts, _narrowing(selection, "ville", "region", "departement"))
        return Group(_("Towns with the most companies"), bars)
    if "region" in selection.filters:
        narrowed = _narrowing(selection, "departement", "region")
        return Group(_("Départements with the most companies"), _bars("departement", counts, narrowed))
    return Group(_("By région"), _bars("region", counts, _narrowing(selection, "region"), most=ALL))


def _groups(selection: Selection, counts: Mapping[str, Counts]) -> list[Group]:
    """Activities, workforce, categories, employers and legal forms."""
    groups = []
    if level := _level(selection):
        name = "naf_section" if level == "naf_section" else "naf"
        bars = _bars(level, counts, _narrowing(selection, name, "naf", "naf_section"), most=ALL)
        groups.append(Group(_("Most frequent activities"), bars, is_french=True))
    if "tranche_effectif" not in selection.filters:
        url = _narrowing(selection, "tranche_effectif")
        groups.append(Group(_("Workforce"), lists.bands(counts.get("tranche_effectif", {}), url)))
    if "categorie_entreprise" not in selection.filters:
        bars = _bars("categorie_entreprise", counts, _narrowing(selection, "categorie_entreprise"))
        groups.append(Group(_("Category"), bars, is_french=True))
    if "est_employeur" not in selection.filters:
        bars = _bars("est_employeur", counts, _narrowing(selection, "est_employeur"))
        groups.append(Group(_("Employer"), bars))
    if "categorie_juridique" not in selection.filters:
        url = _narrowing(selection, "categorie_juridique")
        bars = _bars("categorie_juridique", counts, url)
        groups.append(Group(_("Legal forms"), bars, is_french=True))
    return [group for group in groups if group.bars]


def _level(selection: Selection) -> str:
    """The facet that parts the activities chosen: sections, then divisions, then codes; "" for one code."""
    chosen = selection.filters.get("naf", "")
    if len(chosen) > DIVISION:
        return ""
    if len(chosen) == DIVISION:
        return "naf"
    return "naf_division" if chosen or "naf_section" in selection.filters else "naf_section"


def _bars(
    name: str, counts: Mapping[str, Counts], url: Callable[[str], str], most: int = lists.MAX_BARS
) -> list[Bar]:
    """The most frequent values of a facet of the API."""
    counted = facets.shown((name,), counts)[name] or []
    values: list[Row] = [each for each in counted if each["label"]][:most]
    longest = max((each["count"] for each in values), default=0)
    return [
        Bar(_label(name, each), url(each["value"]), each["count"], lists.length(each["count"], longest))
        for each in values
    ]


def _label(facet: str, value: Row) -> str:
    """The API's, which are French names of the nomenclatures; of what has none the page's own words."""
    return choices.labelled(facet, value["value"]) if facet == "est_employeur" else str(value["label"])
