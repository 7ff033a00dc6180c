"""Who took over whom: the successions of an establishment, and of a company's establishments."""

import re
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foxreviews.api.errors import NotFoundError, problems
from foxreviews.api.pagination import KeysetPagination, by_name
from foxreviews.api.params import Params
from foxreviews.core.keyset import Ordering, Row, read
from foxreviews.enterprise.models import Entreprise, Etablissement, Succession
from foxreviews.enterprise.successions import of_siren, of_siret

SIREN, SIRET = re.compile("[0-9]{9}"), re.compile("[0-9]{14}")
NOTHING = _("The directory has neither this number nor a succession of it.")


class SuccessionSerializer(serializers.Serializer[Row]):
    """An establishment that took over another one; the directory may lack either."""

    predecesseur = serializers.CharField(help_text="SIRET of the one taken over.")
    successeur = serializers.CharField(help_text="SIRET of the one that took over.")
    date = serializers.DateField()
    transfert_siege = serializers.BooleanField(help_text="Whether a head office has moved.")
    continuite_economique = serializers.BooleanField(help_text="Whether the same business goes on.")


COLUMNS = tuple(map(str, SuccessionSerializer().fields))


class SuccessionPagination(KeysetPagination):
    """Pages of successions, the latest first."""

    model = Succession
    orderings = by_name(Ordering("-date", ("date", "predecesseur", "successeur"), descending=True))
    default = "-date"


class SuccessionViewSet(GenericViewSet[Any]):
    """Successions of establishments."""

    queryset = Succession.objects.all()
    serializer_class = SuccessionSerializer
    pagination_class = SuccessionPagination

    @extend_schema(
        operation_id="etablissements_successions_list",
        summary="The successions of an establishment",
        description="In which it took over another one, or was taken over. The latest first.",
        responses={200: SuccessionSerializer(many=True), **problems(400, 404, 406, 429, 503)},
    )
    def of_etablissement(self, request: Request, siret: str) -> Response:
        _refuse_other_than(SIRET, siret)
        found = Succession.objects.filter(of_siret(siret))
        return _page(request, found, is_there=Etablissement.objects.filter(siret=siret).exists())

    @extend_schema(
        operation_id="entreprises_successions_list",
        summary="The successions of a company's establishments",
        description="In which one of them took over another one, or was taken over. The latest first.",
        responses={200: SuccessionSerializer(many=True), **problems(400, 404, 406, 429, 503)},
    )
    def of_entreprise(self, request: Request, siren: str) -> Response:
        _refuse_other_than(SIREN, siren)
        is_there = Entreprise.objects.filter(siren=siren).exists()
        return _page(request, of_siren(siren), is_there=is_there)


def _refuse_other_than(shape: re.Pattern[str], number: str) -> None:
    if not shape.fullmatch(number):
        raise NotFoundError(NOTHING)


def _page(request: Request, found: QuerySet[Succession], *, is_there: bool) -> Response:
    Params.read(request, also=SuccessionPagination.parameters)
    pages = SuccessionPagination()
    page = read(found, pages.window(request))
    if not is_there and not page.rows:
        raise NotFoundError(NOTHING)
    return pages.answer(page, request, [{name: row[name] for name in COLUMNS} for row in page.rows])
