"""The page of a company: what the register says of it, its establishments, its past and its neighbours."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from foxreviews.api.errors import NotFoundError
from foxreviews.api.etablissements.serializers import shown as shown_etablissement
from foxreviews.api.etablissements.views import EtablissementPagination
from foxreviews.core.keyset import Ordering, Row, Slice, Window, read
from foxreviews.descriptions.facts import Company
from foxreviews.descriptions.shown import description
from foxreviews.enterprise import etablissements
from foxreviews.enterprise.by_siren import company_with_town, establishments_by_siret, names_by_siren
from foxreviews.enterprise.filters import Filters
from foxreviews.enterprise.models import AncienNom, Entreprise
from foxreviews.enterprise.names import Kind, names
from foxreviews.enterprise.privacy import MASK, is_hidden, masked
from foxreviews.enterprise.successions import doublon_de, of_siren
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.identifiers import format_siren
from foxreviews.reference.naf import label
from foxreviews.reference.register import CATEGORIES, LEGAL_FORMS
from foxreviews.reference.typed_numbers import InvalidSirenError, siren_named_by
from foxreviews.search.engine import search_engine
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.search.query.types import Hits, Query
from foxreviews.web import maps, slugs, structured
from foxreviews.web.asked import around, only, queried
from foxreviews.web.contacts import CONTACTS, contact
from foxreviews.web.errors import GoneError
from foxreviews.web.hits import hits
from foxreviews.web.language import address
from foxreviews.web.page import page, shown
from foxreviews.web.wording import (
    KINDS,
    NATURES,
    employer,
    legible,
    place,
    short,
    trade,
    workforce,
    years_since,
)

WITH_CLOSED = "fermes"
NEIGHBOURS = 5
MAX_SUCCESSIONS = 20
MAX_DOTS = 400  # establishments of other pages on the map
LATEST = Ordering("-date", ("date", "predecesseur", "successeur"), descending=True)
SIREN = re.compile("[0-9]{9}")


@dataclass(frozen=True)
class Link:
    """A succession, seen from a company: its own establishment, and the other side's SIRET, name and page."""

    date: date
    own: str
    is_successor: bool  # the other side took over
    siret: str
    nom: str  # "" where it is the company itself, not public or not known
    url: str  # "" where the directory lacks it
    has_moved: bool
    goes_on: bool


@page
def entreprise(request: HttpRequest, key: str) -> HttpResponse:
    """One company. Another spelling of its address leads to the one that search engines keep."""
    siren = _siren(key)
    row = company_with_town(siren)
    other = doublon_de(siren) if row is None or row["doublon_de"] else ""
    if row is None:
        return _elsewhere(siren, other)
    path = slugs.entreprise(row)
    if request.path != path:
        return HttpResponsePermanentRedirect(path)
    context = _context(request, masked(row), other, path)
    said = {name: legible(text) for name, text in description(Company.of(row)).items()}
    return shown(request, "web/entreprise.html", context | said)


def _siren(key: str) -> str:
    """The SIREN in an address. Raises NotFoundError for what names none."""
    if SIREN.fullmatch(slugs.code_of(key)):
        return slugs.code_of(key)
    try:
        return siren_named_by(key)
    except InvalidSirenError as error:
        raise NotFoundError(str(error)) from error


def _elsewhere(siren: str, other: str) -> HttpResponse:
    """Where a number leads that the directory does not have. Raises NotFoundError, GoneError."""
    if other and Entreprise.objects.filter(siren=other).exists():
        return HttpResponsePermanentRedirect(address("entreprise", other))
    if other:
        raise GoneError(f"{siren} is a double of {other}, which the directory does not have.")
    raise NotFoundError(f"The directory has no company with the SIREN {siren}.")


def _context(request: HttpRequest, row: Row, other: str, path: str) -> dict[str, Any]:
    hidden = is_hidden(row)
    nom = "" if row["nom"] == MASK else legible(row["nom"])
    root, picture = request.build_absolute_uri("/").rstrip("/"), address("card", row["siren"])
    way = _way(row)
    title = nom or _("Company %(siren)s") % {"siren": format_siren(row["siren"])}
    things = [structured.breadcrumbs(root, [*way, (title, path)])]
    if not hidden:
        things.insert(0, structured.organization(row, f"{root}{path}", f"{root}{picture}"))
    known = names(row | {"anciens_noms": ""}) if nom else []
    return {
        "row": row,
        "nom": nom,
        "title": title,
        "is_hidden": hidden,
        "is_partial": not hidden and row["statut_diffusion"] != Entreprise.Diffusion.PUBLIC,
        "adresse": "" if row["adresse"] == MASK else row["adresse"],
        "place": place(row),
        "contacts": {} if hidden else {name: contact(name, row[name]) for name in CONTACTS if row[name]},
        "trade": trade(row),
        "trades": [
            _trade(row, column, nomenclature) for column, nomenclature in NOMENCLATURES if row[column]
        ],
        "workforce": workforce(row["tranche_effectif"]),
        "legal_form": LEGAL_FORMS.get(row["categorie_juridique"], ""),
        "category": CATEGORIES.get(row["categorie_entreprise"], ""),
        "employer": employer(row["est_employeur"]),
        "years": years_since(row["date_creation"], localdate()) if row["date_creation"] else None,
        "other_names": [(name.nom, KINDS[Kind(name.kind)]) for name in known[1:]],
        "former_names": [] if hidden else [_former(each) for each in row["anciens_noms"]],
        "unknown": _unknown(row, hidden=hidden),
        "town_nom": short(row["town_nom"] or row["ville_nom"]),
        "town_url": slugs.ville(row["ville_id"], row["town_slug"]) if row["town_slug"] else "",
        "departement": DEPARTEMENTS.get(row["departement"]),
        "departement_url": slugs.departement(row["departement"]),
        "double": (format_siren(other), address("entreprise", other)) if other else None,
        "way": way,
        "structured": structured.script(*things),
        "neighbours": _neighbours(row),
        "path": path,
        "canonical": _canonical(request, path),
        "card": "" if hidden else picture,
        "is_indexed": not hidden and not other and "cursor" not in request.GET,
        **_successions(row["siren"]),
        **_etablissements(request, row),
    }


def _canonical(request: HttpRequest, path: str) -> str:
    """What search engines keep: of further pages of establishments each its own, with the closed ones or without."""
    further = {name: request.GET.get(name, "") for name in (WITH_CLOSED, "cursor")}
    return queried(path, further) if further["cursor"] else path


NOMENCLATURES = (("naf_code", "NAF rév. 2"), ("naf25_code", "NAF 2025"))


def _trade(row: Row, column: str, nomenclature: str) -> dict[str, Any]:
    code = row[column]
    return {
        "code": code,
        "label": label(code) or (row["naf_libelle"] if column == "naf_code" else ""),
        "nomenclature": nomenclature,
        "is_derived": row["naf_derived"] == column,
        "url": slugs.activite(code) if label(code) else "",
    }


def _former(name: Row) -> tuple[str, Promise | str, date | None, date]:
    ends = [date.fromisoformat(name[each]) if name[each] else None for each in ("date_debut", "date_fin")]
    return name["nom"], NATURES.get(AncienNom.Nature(name["nature"]), ""), ends[0], ends[1] or localdate()


def _way(row: Row) -> list[tuple[str, str]]:
    """From the first page to the company, by its département and town."""
    steps = [(_("Companies"), address("home"))]
    if row["departement"] in DEPARTEMENTS:
        steps.append((DEPARTEMENTS[row["departement"]].nom, slugs.departement(row["departement"])))
    if row["town_slug"]:
        steps.append((short(row["town_nom"]), slugs.ville(row["ville_id"], row["town_slug"])))
    return steps


def _unknown(row: Row, *, hidden: bool) -> list[str]:
    """What the register does not say, of what visitors look for."""
    missing = {
        _("activity"): not trade(row),
        _("workforce"): not row["tranche_effectif"],
        _("legal form"): not row["categorie_juridique"],
        _("date of creation"): row["date_creation"] is None,
        _("street"): not row["adresse"]
        and not hidden
        and row["statut_diffusion"] == Entreprise.Diffusion.PUBLIC,
    }
    return [name for name, is_missing in missing.items() if is_missing]


def _etablissements(request: HttpRequest, row: Row) -> dict[str, Any]:
    """A page of its establishments, the oldest first: open ones; all where that is asked for, or all are closed."""
    siren = etablissements.Filters(sirens=(row["siren"],))
    total, counted = etablissements.counts(siren, ["is_active"])
    is_open = counted["is_active"].get("true", 0)
    with_closed = request.GET.get(WITH_CLOSED) == "1" or not is_open
    pages = EtablissementPagination()
    filters = siren if with_closed else replace(siren, is_active=True)
    known = only(request, "cursor")
    found = etablissements.page(filters, pages.window(known))
    return {
        "etablissements": [
            shown_etablissement(each, row["nom"]) | {"place": place(each)} for each in found.rows
        ],
        # A list of companies names head offices that no list of establishments has.
        "has_head_office": total > 0 and row["siret"] in establishments_by_siret([row["siret"]]),
        "etablissements_open": is_open,
        "etablissements_closed": total - is_open,
        "with_closed": with_closed,
        "pages": around(pages, found, known),
        "map": _map(row, found, filters),
    }


def _map(row: Row, found: Slice, filters: etablissements.Filters) -> maps.Map | None:
    """The establishments of the page, numbered, and as dots those of other pages; None of who is hidden."""
    if is_hidden(row):
        return None
    of_company = {name: row[name] for name in ("nom", "categorie_juridique")}
    others: Iterable[Any] = ()
    if found.next or found.previous:
        known = etablissements.passing(filters).filter(
            latitude__isnull=False, statut_diffusion=Entreprise.Diffusion.PUBLIC
        )
        others = known.values_list("latitude", "longitude")[:MAX_DOTS]
    return maps.drawn([each | of_company for each in found.rows], others)


def _successions(siren: str) -> dict[str, Any]:
    """The latest, with the names of the other sides as they may be shown, and whether there are more."""
    found = read(of_siren(siren), Window(LATEST, MAX_SUCCESSIONS))
    rows = found.rows
    sirets = {row[side] for row in rows for side in ("predecesseur", "successeur")}
    names = names_by_siren([siret[:9] for siret in sirets]) if rows else {}
    known = establishments_by_siret([*sirets]) if rows else {}
    links = [_link(row, siren, names, known) for row in rows]
    return {"successions": links, "has_more_successions": bool(found.next)}


def _link(row: Row, siren: str, names: Mapping[str, str], known: Container[str]) -> Link:
    is_successor = row["predecesseur"].startswith(siren)
    own, other = row["predecesseur"], row["successeur"]
    if not is_successor:
        own, other = other, own
    nom = "" if other.startswith(siren) else names.get(other[:9], "")
    return Link(
        row["date"],
        own,
        is_successor,
        other,
        "" if nom == MASK else nom,
        address("etablissement", other) if other in known else "",
        row["transfert_siege"],
        row["continuite_economique"],
    )


def _neighbours(row: Row) -> dict[str, Any] | None:
    """The most prominent active companies of the same trade in the same town, else in the same département."""
    code = row["naf_code"] or row["naf25_code"]
    places = {
        "ville": (row["ville_id"], Filters(is_active=True, villes=(row["ville_id"],))),
        "departement": (row["departement"], Filters(is_active=True, departements=(row["departement"],))),
    }
    for name, (value, filters) in places.items() if label(code) else ():
        if value and (found := _of_trade(code, filters)):
            others = [each for each in found.page.rows if each["siren"] != row["siren"]]
            if others:
                return {
                    "hits": hits(others[:NEIGHBOURS]),
                    "url": f"{address('results')}?{name}={value}&naf={code}",
                    "total": found.total,
                    "has_more": len(others) > NEIGHBOURS,
                    "are_in_town": name == "ville",
                }
    return None


def _of_trade(code: str, filters: Filters) -> Hits | None:
    """Companies of a trade, the most prominent first; None where the search takes too long."""
    try:
        return search_engine().search(Query(naf_code=code), filters, Window(RELEVANCE, NEIGHBOURS + 1))
    except SearchTimeoutError:
        return None
