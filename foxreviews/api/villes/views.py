"""/api/villes/: towns in a list, found by name, and one by one."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foxreviews.api.errors import NotFoundError, problems
from foxreviews.api.pagination import KeysetPagination, by_name
from foxreviews.api.params import Params, only
from foxreviews.api.villes.params import VilleParams
from foxreviews.api.villes.serializers import (
    ArrondissementSerializer,
    VilleDetailSerializer,
    VilleSerializer,
    shown,
    shown_in_detail,
)
from foxreviews.api.villes.towns import RELEVANCE, towns
from foxreviews.core.keyset import Ordering
from foxreviews.core.messages import say
from foxreviews.location.models import Ville
from foxreviews.reference.geography import INSEE_CODE

NO_TOWN = _(
    "No town has the INSEE code {code}. It is not the postal code: look the town up by its name at /api/villes/?q=… or "
    "by its postal code at /api/villes/?code_postal=…"
)


class VillePagination(KeysetPagination):
    """Pages of towns by name or by population, each with the INSEE code as tie-breaker."""

    model = Ville
    orderings = by_name(
        Ordering("nom", ("nom_recherche", "code_insee")),
        Ordering("-nom", ("nom_recherche", "code_insee"), descending=True),
        Ordering("population", ("inhabitants", "code_insee")),
        Ordering("-population", ("inhabitants", "code_insee"), descending=True),
    )
    default = "nom"
    relevance = RELEVANCE


class VilleViewSet(GenericViewSet[Any]):
    """Communes of France, and the municipal districts of Paris, Lyon and Marseille."""

    queryset = Ville.objects.all()
    serializer_class = VilleSerializer
    pagination_class = VillePagination
    lookup_field = "code_insee"

    @extend_schema(
        summary="List or find towns",
        description="Every town that passes the filters. `ordering=nom`, the default, is alphabetical, "
        "accents and capitals aside. With `q` the default is `ordering=pertinence`: the town of exactly that name, "
        "then those whose names begin so, then those that have the words, then misspelt ones; in each group "
        "the most populous first. A town whose population is unknown counts as empty.",
        parameters=[VilleParams],
        responses={200: VilleSerializer(many=True), **problems(400, 406, 429, 503)},
    )
    def list(self, request: Request) -> Response:
        pages = VillePagination()
        params = VilleParams.read(request, also=pages.parameters)
        page = towns(params, pages.window(request))
        results = [shown(row) for row in page.rows]
        return pages.answer(page, request, only(results, params["fields"]) if "fields" in params else results)

    @extend_schema(
        summary="One town",
        description="By its INSEE code, with its municipal districts.",
        responses={200: VilleDetailSerializer, **problems(400, 404, 406, 429, 503)},
    )
    def retrieve(self, request: Request, code_insee: str) -> Response:
        Params.read(request)
        code = code_insee.upper()
        row = Ville.objects.filter(code_insee=code).values().first() if INSEE_CODE.fullmatch(code) else None
        if row is None:
            raise NotFoundError(say(NO_TOWN, code=code_insee[:50]))
        columns = list(ArrondissementSerializer().fields)
        districts = Ville.objects.filter(commune=code).order_by("code_insee").values(*columns)
        return Response(shown_in_detail(dict(row), districts))
