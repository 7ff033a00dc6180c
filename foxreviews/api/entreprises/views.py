"""/api/entreprises/: companies in a list, found by words, and one by one."""

from dataclasses import asdict
from itertools import chain
from typing import Any

from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from foxreviews.api.entreprises import facets
from foxreviews.api.entreprises.companies import companies
from foxreviews.api.entreprises.params import IN_INDEX_ORDER, EntrepriseParams
from foxreviews.api.entreprises.serializers import (
    EntrepriseDetailSerializer,
    EntrepriseSerializer,
    FoundEntrepriseSerializer,
    shown,
)
from foxreviews.api.entreprises.writing import StaffViewSet
from foxreviews.api.entreprises.writing import shown as answer_of
from foxreviews.api.errors import InvalidParametersError, NotFoundError, problems
from foxreviews.api.pagination import KeysetPagination, by_name
from foxreviews.api.params import Params, only
from foxreviews.core.keyset import Ordering, Row
from foxreviews.core.messages import join, say
from foxreviews.enterprise.by_siren import company_with_town
from foxreviews.enterprise.etablissements import BY_DISTANCE
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.names import Name
from foxreviews.enterprise.privacy import masked
from foxreviews.enterprise.successions import doublon_de
from foxreviews.reference.identifiers import is_siren
from foxreviews.reference.typed_numbers import siren_named_by
from foxreviews.search.query.explain import Explanation
from foxreviews.search.query.ranking import RELEVANCE, Tier
from foxreviews.search.query.types import Hits


def _found(row: Row, explanation: Explanation, params: dict[str, Any]) -> Row:
    """A company that was found, as it is shown: its name highlighted, and with `explain` why it matches."""
    row = masked(row)
    seen, score = shown(row), row["score"]
    matched = explanation.matched_name(row, score) or Name("", "")
    result = seen | {
        "nom_highlighted": explanation.highlighted(seen["nom"], score),
        "matched_name": matched.nom,
        "matched_name_kind": matched.kind,
        "matched_siret": row["etablissement"]["siret"] if "etablissement" in row else "",
    }
    if params.get("explain"):
        words = [asdict(match) for match in explanation.matches(row, score)]
        result["match"] = {"tier": Tier(score).label, "words": words}
    return result


def _counted(hits: Hits, params: dict[str, Any]) -> dict[str, Any]:
    """The counts that come with the results; none with a list that was not counted."""
    names = params.get("facets", ())
    counted: dict[str, Any] = {"total": hits.total, "engine": hits.engine} if hits.engine else {}
    if why := hits.explanation:
        dropped = (why.dropped(masked(row), row["score"]) for row in hits.page.rows)
        counted["dropped"] = list(dict.fromkeys(chain.from_iterable(dropped)))
    return counted | ({"facets": facets.shown(names, hits.facets)} if names else {})


class EnterpriseCursorPagination(KeysetPagination):
    """Pages of companies by date of entry or by name, each with `id` as tie-breaker."""

    model = Entreprise
    orderings = by_name(
        Ordering("-created_at", ("created_at", "id"), descending=True),
        Ordering("created_at", ("created_at", "id")),
        Ordering("nom", ("nom", "id")),
        Ordering("-nom", ("nom", "id"), descending=True),
    )
    default = "-created_at"
    relevance = RELEVANCE

    def _ordering(self, request: Request) -> Ordering:
        given = request.query_params
        if "near" not in given:
            by_index = [name for name in IN_INDEX_ORDER if name in given]
            if by_index and not {"q", "siren"} & set(given):
                return self._index_order(request, by_index[0])
            return super()._ordering(request)
        if request.query_params.get("ordering", BY_DISTANCE.name) != BY_DISTANCE.name:
            raise InvalidParametersError({"ordering": [_("With `near` it is distance: leave it out.")]})
        return BY_DISTANCE

    def _index_order(self, request: Request, name: str) -> Ordering:
        """In no other one are the companies of such a filter next to each other anywhere."""
        if request.query_params.get("ordering", RELEVANCE.name) != RELEVANCE.name:
            only = _("With `{name}` it is {order}, the larger first: leave it out.")
            hint = _(
                "With `siren`, or a `q` of at most 10,000 results, any order goes; an export has no limit."
            )
            raise InvalidParametersError({"ordering": [say(only, name=name, order=RELEVANCE.name), hint]})
        return RELEVANCE

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        described["properties"] |= facets.COUNTED_SCHEMA
        return described


class EntrepriseViewSet(StaffViewSet):
    """Companies of the national register."""

    queryset = Entreprise.objects.all()
    serializer_class = EntrepriseSerializer
    pagination_class = EnterpriseCursorPagination
    lookup_field = "siren"

    @extend_schema(
        summary="List or search companies",
        description="Every company that passes the filters and, where it is given, matches `q`; with `q` the best "
        "matches come first, and misspelt words are understood. `total` is exact, null where it was not counted: in a "
        "list without `q` it is counted on request, with `facets`. Names are ordered byte by byte: capitals, then "
        "small letters, then accented ones.",
        parameters=[EntrepriseParams],
        responses={200: FoundEntrepriseSerializer(many=True), **problems(400, 406, 429, 503)},
    )
    def list(self, request: Request) -> Response:
        pages = EnterpriseCursorPagination()
        params = EntrepriseParams.read(request, also=pages.parameters)
        hits = companies(params, pages.window(request))
        why = hits.explanation
        results = [_found(row, why, params) if why else shown(row) for row in hits.page.rows]
        if "fields" in params:
            results = only(results, params["fields"])
        return pages.answer(hits.page, request, results, _counted(hits, params))

    @extend_schema(
        summary="One company",
        description="By its SIREN. A SIREN in another spelling, with spaces or without its leading zeros, a SIRET and "
        "a VAT number redirect to the address with the SIREN; so does a double that the directory does not have.",
        responses={
            200: EntrepriseDetailSerializer,
            301: OpenApiResponse(description="`Location` is the address with the SIREN."),
            **problems(400, 404, 406, 429, 503),
        },
    )
    def retrieve(self, request: Request, siren: str) -> HttpResponse:
        Params.read(request)
        named = siren_named_by(siren)
        if named != siren:
            # For good: a number names one company for ever, whether or not the directory has it.
            return HttpResponsePermanentRedirect(reverse("api-entreprise", args=[named]))
        row = company_with_town(siren)
        other = doublon_de(siren) if row is None or row["doublon_de"] else ""
        if row is None and other and Entreprise.objects.filter(siren=other).exists():
            return HttpResponsePermanentRedirect(reverse("api-entreprise", args=[other]))
        if row is None:
            absent = say(_("The directory has no company with the SIREN {siren}."), siren=siren)
            wrong = _("Its last digit, which checks the others, does not match: check the number.")
            raise NotFoundError(absent if is_siren(siren) else join(absent, wrong))
        return answer_of(row | {"doublon_de": other})
