"""/api/etablissements/: establishments in a list, near a point, of a company, and one by one."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foxreviews.api.entreprises import facets
from foxreviews.api.entreprises.companies import communes
from foxreviews.api.entreprises.facets import COUNTED_SCHEMA
from foxreviews.api.errors import InvalidParametersError, NotFoundError, problems
from foxreviews.api.etablissements.found import PERTINENCE, found
from foxreviews.api.etablissements.params import EtablissementParams, OfEntrepriseParams
from foxreviews.api.etablissements.serializers import EtablissementSerializer, shown
from foxreviews.api.pagination import KeysetPagination, by_name
from foxreviews.api.params import NearParams, Params, departements, only, period
from foxreviews.core.keyset import Row
from foxreviews.core.messages import say
from foxreviews.enterprise import etablissements
from foxreviews.enterprise.by_siren import names_by_siren
from foxreviews.enterprise.etablissements import BY_DISTANCE, BY_SIRET, MAX_COUNTED, Filters
from foxreviews.enterprise.models import Entreprise, Etablissement
from foxreviews.search.query.parse import interpret

SIREN, SIRET = re.compile("[0-9]{9}"), re.compile("[0-9]{14}")
# Filters that no index serves, and those of which one must then be given
UNINDEXED = ("tranche_effectif", "est_employeur", "date_creation_min", "date_creation_max")
NARROW = ("siren", "siret", "code_postal", "ville")


class EtablissementPagination(KeysetPagination):
    """Pages of establishments by SIRET, or the nearest first."""

    model = Etablissement
    orderings = by_name(BY_SIRET, BY_DISTANCE)
    default = BY_SIRET.name
    relevance = PERTINENCE

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        described["properties"] |= {name: COUNTED_SCHEMA[name] for name in ("total", "engine", "facets")}
        return described


class EtablissementViewSet(GenericViewSet[Any]):
    """Establishments of the companies: head offices, shops, offices, workshops."""

    queryset = Etablissement.objects.all()
    serializer_class = EtablissementSerializer
    pagination_class = EtablissementPagination
    lookup_field = "siret"

    @extend_schema(
        summary="List establishments",
        description="Every establishment that passes the filters, in the order of SIRET; with `near`, "
        "`ordering=distance` has the nearest first. With `q` those of the companies that it finds, in their order, and "
        "of each company those that have the most of the words; they are not counted. `facets` counts those that pass "
        f"the filters, {MAX_COUNTED:,} at most.",
        parameters=[EtablissementParams],
        responses={200: EtablissementSerializer(many=True), **problems(400, 406, 429, 503)},
    )
    def list(self, request: Request) -> Response:
        params = EtablissementParams.read(request, also=EtablissementPagination.parameters)
        if "q" in params:
            return _search(request, params)
        _require_narrow(params)
        return _page(request, filters(params), params)

    @extend_schema(
        summary="One establishment",
        description="By its SIRET.",
        responses={200: EtablissementSerializer, **problems(400, 404, 406, 429, 503)},
    )
    def retrieve(self, request: Request, siret: str) -> Response:
        Params.read(request)
        row = Etablissement.objects.filter(siret=siret).values().first() if SIRET.fullmatch(siret) else None
        if row is None:
            sentence = _("The directory has no establishment with the SIRET {siret}.")
            raise NotFoundError(say(sentence, siret=siret[:50]))
        return Response(shown(dict(row), _names([dict(row)])[row["siren"]]))

    @extend_schema(
        summary="The establishments of a company",
        description="By its SIREN, in the order of SIRET: the oldest first.",
        parameters=[OfEntrepriseParams],
        responses={200: EtablissementSerializer(many=True), **problems(400, 404, 406, 429, 503)},
    )
    def of_entreprise(self, request: Request, siren: str) -> Response:
        params = OfEntrepriseParams.read(request, also=EtablissementPagination.parameters)
        if not (SIREN.fullmatch(siren) and Entreprise.objects.filter(siren=siren).exists()):
            sentence = _("The directory has no company with the SIREN {siren}.")
            raise NotFoundError(say(sentence, siren=siren[:50]))
        return _page(request, filters(params | {"siren": (siren,)}), params)


def _search(request: Request, params: dict[str, Any]) -> Response:
    if "facets" in params:
        raise InvalidParametersError({"facets": [_("What `q` finds is not counted: leave one of them out.")]})
    pages = EtablissementPagination()
    window = pages.window(request)
    if window.ordering != PERTINENCE:
        raise InvalidParametersError({"ordering": [_("With `q` it is pertinence: leave it out.")]})
    page, engine = found(interpret(params["q"]), filters(params), window)
    return pages.answer(page, request, _results(page.rows, params), {"total": None, "engine": engine})


def _require_narrow(params: dict[str, Any]) -> None:
    """No index has what these say, so few establishments must be left to look at. Raises InvalidParametersError."""
    asked = [name for name in UNINDEXED if name in params]
    if asked and not set(NARROW).intersection(params):
        needed = say(_("It needs one of {names} next to it."), names=", ".join(NARROW))
        hint = _("The export has no such limit: /api/exports/etablissements.csv")
        raise InvalidParametersError({asked[0]: [needed, hint]})


def shown_with_names(rows: list[Row]) -> list[Row]:
    """The rows as the API shows them, each with the name of its company."""
    nom = _names(rows)
    return [shown(row, nom[row["siren"]]) for row in rows]


def _results(rows: list[Row], params: dict[str, Any]) -> list[Row]:
    shown = shown_with_names(rows)
    return only(shown, params["fields"]) if "fields" in params else shown


def _page(request: Request, wanted: Filters, params: dict[str, Any]) -> Response:
    pages = EtablissementPagination()
    window = pages.window(request)
    if window.ordering.name == BY_DISTANCE.name and wanted.near is None:
        raise InvalidParametersError(
            {"ordering": [_("distance needs `near`, the point that it is measured from.")]}
        )
    page = etablissements.page(wanted, window)
    counted: dict[str, Any] = {}
    if names := params.get("facets", ()):
        total, counts = etablissements.counts(wanted, facets.indexed(names))
        counted = {"total": total, "facets": facets.shown(names, counts)}
    return pages.answer(page, request, _results(page.rows, params), counted)


def filters(params: dict[str, Any]) -> Filters:
    """The filters of validated parameters. Raises InvalidParametersError where no town has the slug."""
    return Filters(
        sirens=params.get("siren", ()),
        sirets=params.get("siret", ()),
        est_employeur=params.get("est_employeur"),
        est_siege=params.get("est_siege"),
        is_active=params.get("is_active"),
        villes=communes(*params.get("ville", ())),
        codes_postaux=params.get("code_postal", ()),
        departements=departements(params),
        tranches=params.get("tranche_effectif", ()),
        creation=period(params, "date_creation"),
        naf=(params["naf"],) if "naf" in params else (),
        near=NearParams.near_of(params),
    )


def _names(rows: list[Row]) -> dict[str, str]:
    """The names of the rows' companies as they may be shown. A company that was removed a moment ago has none."""
    sirens = [row["siren"] for row in rows]
    return dict.fromkeys(sirens, "") | names_by_siren(sirens)
