"""/api/entreprises/: companies in a list, found by words, and one by one."""

from typing import Any

from django.db.models import F
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foxreviews.api.errors import NotFoundError, problems
from foxreviews.api.pagination import KeysetPagination, by_name
from foxreviews.api.params import Params
from foxreviews.core.errors import UsageError
from foxreviews.core.keyset import Ordering, read
from foxreviews.enterprise.api.params import EntrepriseParams, filters
from foxreviews.enterprise.api.serializers import (
    EntrepriseDetailSerializer,
    EntrepriseSerializer,
    shown,
    shown_in_detail,
)
from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.identifiers import clean_digits, is_siren
from foxreviews.search.factory import search_engine
from foxreviews.search.interpret import interpret
from foxreviews.search.rows import rows


class InvalidSirenError(UsageError):
    """The address does not hold nine digits."""

    code = "invalid-siren"


class EnterpriseCursorPagination(KeysetPagination):
    """Pages of companies by date of entry or by name, each order with `id` to part equals."""

    model = Entreprise
    orderings = by_name(
        Ordering("-created_at", ("created_at", "id"), descending=True),
        Ordering("created_at", ("created_at", "id")),
        Ordering("nom", ("nom", "id")),
        Ordering("-nom", ("nom", "id"), descending=True),
    )
    default = "-created_at"


class EntrepriseViewSet(GenericViewSet[Any]):
    """Companies of the national register."""

    queryset = Entreprise.objects.all()
    serializer_class = EntrepriseSerializer
    pagination_class = EnterpriseCursorPagination
    lookup_field = "siren"

    @extend_schema(
        summary="List or search companies",
        description="Every company that passes the filters, and answers `q` where it is given. Names are "
        "ordered byte by byte: capitals, then small letters, then accented ones.",
        parameters=[EntrepriseParams],
        responses={200: EntrepriseSerializer(many=True), **problems(400, 406, 429, 503)},
    )
    def list(self, request: Request) -> Response:
        pages = self.pagination_class()
        params = EntrepriseParams.read(request, also=pages.parameters)
        window = pages.window(request)
        asked = filters(params)
        if "q" in params:
            page = search_engine().search(interpret(params["q"]), asked, window).page
        else:
            page = read(rows(asked), window)
        return pages.answer(page, request, [shown(row) for row in page.rows])

    @extend_schema(
        summary="One company",
        description="By its SIREN, in any spacing.",
        responses={200: EntrepriseDetailSerializer, **problems(400, 404, 406, 429, 503)},
    )
    def retrieve(self, request: Request, siren: str) -> Response:
        Params.read(request)
        digits = clean_digits(siren)
        if not (len(digits) == len("732829320") and digits.isascii() and digits.isdigit()):
            raise InvalidSirenError(f"A SIREN has nine digits, as in 732 829 320; {siren[:50]} has not.")
        found = Entreprise.objects.filter(siren=digits).annotate(
            town_nom=F("ville__nom"), town_slug=F("ville__slug")
        )
        row = found.values().first()
        if row is None:
            hint = (
                ""
                if is_siren(digits)
                else " Its last digit, which checks the others, does not match: check the number."
            )
            raise NotFoundError(f"The directory has no company with the SIREN {digits}.{hint}")
        return Response(shown_in_detail(row))
