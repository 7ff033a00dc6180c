"""The companies that a request asks for: from the search engine by words, from PostgreSQL otherwise."""

import re
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from foxreviews.api.entreprises import facets
from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.params import NOWHERE, NearParams, departements, period
from foxreviews.core.keyset import Slice, Window
from foxreviews.core.messages import say
from foxreviews.enterprise import etablissements
from foxreviews.enterprise.by_siren import companies_by_siren
from foxreviews.enterprise.filters import Filters, page
from foxreviews.location.models import Ville
from foxreviews.reference.geography import MUNICIPAL_DISTRICTS
from foxreviews.reference.text import town_key
from foxreviews.search.engine import search_engine
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE
from foxreviews.search.query.types import Hits

_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")  # looser than an INSEE code: no town's slug has this shape


def companies(params: dict[str, Any], window: Window) -> Hits:
    """The window of the companies that pass the filters of validated parameters, and answer `q`.

    Without `q` they are counted where `facets` are asked for, or the search index has listed them. Raises
    InvalidParametersError where no town has the slug, EmptyQueryError, QueryTooLongError, TooManyToSortError,
    SearchTimeoutError.
    """
    if "near" in params:
        return Hits(_near(params, window), engine="")
    counted = facets.indexed(params.get("facets", ()))
    if "q" in params:
        return search_engine().search(interpret(params["q"]), filters(params), window, counted)
    wanted = filters(params)
    if window.ordering == RELEVANCE:
        return search_engine().listed(wanted, window, counted)
    found = page(wanted, window)
    return replace(search_engine().count(wanted, counted), page=found) if counted else Hits(found, engine="")


def _near(params: dict[str, Any], window: Window) -> Slice:
    """The companies whose head office is within the distance, each with its `distance` in metres."""
    if refused := [name for name in ("q", "facets") if name in params]:
        raise InvalidParametersError({refused[0]: [_("It does not go with `near`: leave one of them out.")]})
    heads = etablissements.Filters(
        est_siege=True, near=NearParams.near_of(params), entreprises=filters(params)
    )
    page = etablissements.page(heads, window)
    known = companies_by_siren([row["siren"] for row in page.rows])
    rows = [(known[row["siren"]], row) for row in page.rows if row["siren"] in known]
    return replace(
        page, rows=[company | {"distance": row["distance"], "siret": row["siret"]} for company, row in rows]
    )


def filters(params: dict[str, Any]) -> Filters:
    """The filters of validated parameters; one query for each town by name or slug.

    Raises InvalidParametersError where no town has the slug.
    """
    villes = communes(*params["ville"]) if "ville" in params else None
    noms: tuple[str, ...] = ()
    if "ville_nom" in params:
        noms, called = _town_names(params["ville_nom"])
        if called:
            villes = called if villes is None else tuple(code for code in villes if code in called)
    return Filters(
        sirens=params.get("siren", ()),
        villes=(NOWHERE,) if villes == () else villes or (),
        ville_noms=noms,
        codes_postaux=params.get("code_postal", ()),
        departements=departements(params),
        naf=tuple(params[name] for name in ("naf", "naf_section", "naf25_section") if name in params),
        is_active=params.get("is_active"),
        categories=params.get("categorie_juridique", ()),
        tranches=params.get("tranche_effectif", ()),
        categories_entreprise=params.get("categorie_entreprise", ()),
        est_employeur=params.get("est_employeur"),
        creation=period(params, "date_creation"),
        change=period(params, "updated_at"),
    )


def _town_names(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and codes, one of which a company's town must have.

    The names are those that have one key with `name`, and itself: a company's town may be no Ville. Where it is another
    name of some town, and no town's own, the codes are that town's.
    """
    towns = list(Ville.objects.called(name).values_list("code_insee", "nom", "nom_recherche"))
    if any(key != town_key(name) for _, _, key in towns):
        return (), tuple(sorted({each for code, *_ in towns for each in _with_districts(code)}))
    return tuple(sorted({name, *(nom for _, nom, _ in towns)})), ()


def communes(*villes: str) -> tuple[str, ...]:
    """The INSEE codes of the towns, or of those that former communes are part of, and of their districts.

    Raises InvalidParametersError where there is no such town.
    """
    return tuple(dict.fromkeys(code for ville in villes for code in _commune(ville)))


def _commune(ville: str) -> tuple[str, ...]:
    insee, towns = ville.upper(), Ville.objects.values_list("code_insee", flat=True)
    if _CODE.fullmatch(insee):
        # All of them, in no order: for the first of an order PostgreSQL walks that order, in 40 ms.
        insee = min(towns.filter(codes_anciens__contains=[insee]).order_by(), default=insee)
    else:
        insee = towns.filter(slug=ville.lower()).first() or ""
    if not insee:
        sentence = _("No town has the slug or INSEE code {ville}: look it up at /api/villes/?q={ville}")
        raise InvalidParametersError({"ville": [say(sentence, ville=ville)]})
    return _with_districts(insee)


def _with_districts(code: str) -> tuple[str, ...]:
    return (code, *(district for district, city in MUNICIPAL_DISTRICTS.items() if city == code))
