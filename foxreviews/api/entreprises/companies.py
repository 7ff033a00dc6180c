"""The companies that a request asks for: from the search engine by words, from PostgreSQL otherwise."""

import re
from dataclasses import replace
from typing import Any

from foxreviews.api.entreprises import facets
from foxreviews.api.errors import InvalidParametersError
from foxreviews.core.keyset import Window, read
from foxreviews.enterprise.filters import Filters, rows
from foxreviews.location.models import Ville
from foxreviews.reference.geography import MUNICIPAL_DISTRICTS
from foxreviews.reference.text import town_key
from foxreviews.search.engine import search_engine
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.types import Hits

_CODE = re.compile(r"[0-9][0-9AB][0-9]{3}")  # looser than an INSEE code: no town's slug has this shape


def companies(params: dict[str, Any], window: Window) -> Hits:
    """The window of the companies that pass the filters of validated parameters, and answer `q`.

    Without `q` they are counted only where `facets` are asked for. Raises InvalidParametersError where no town
    has the slug, EmptyQueryError, QueryTooLongError, TooManyToSortError, SearchTimeoutError.
    """
    counted = facets.indexed(params.get("facets", ()))
    if "q" in params:
        return search_engine().search(interpret(params["q"]), filters(params), window, counted)
    wanted = filters(params)
    page = read(rows(wanted), window)
    return replace(search_engine().count(wanted, counted), page=page) if counted else Hits(page, engine="")


def filters(params: dict[str, Any]) -> Filters:
    """The filters of validated parameters; one query for a town by name or slug.

    Raises InvalidParametersError where no town has the slug.
    """
    return Filters(
        villes=_communes(params["ville"]) if "ville" in params else (),
        ville_noms=_town_names(params["ville_nom"]) if "ville_nom" in params else (),
        code_postal=params.get("code_postal", ""),
        departement=params.get("departement", ""),
        naf=tuple(params[name] for name in ("naf", "naf_section", "naf25_section") if name in params),
        is_active=params.get("is_active"),
    )


def _town_names(name: str) -> tuple[str, ...]:
    """The towns whose names have one key with `name`, and itself: a company's town may be no Ville."""
    known = Ville.objects.filter(nom_recherche=town_key(name)).values_list("nom", flat=True)
    return tuple(sorted({name, *known}))


def _communes(ville: str) -> tuple[str, ...]:
    """The INSEE code of the town, and of its districts."""
    insee = ville.upper()
    if not _CODE.fullmatch(insee):
        insee = Ville.objects.filter(slug=ville.lower()).values_list("code_insee", flat=True).first() or ""
    if not insee:
        raise InvalidParametersError(
            {"ville": [f"No town has the slug or INSEE code {ville}: look it up at /api/villes/?q={ville}"]}
        )
    return (insee, *(district for district, city in MUNICIPAL_DISTRICTS.items() if city == insee))
