"""/api/corrections/ and /api/modifications/: what staff correct, and what was done. Staff alone may read them."""

from typing import Any, ClassVar

import orjson
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foxreviews.api.errors import problems
from foxreviews.api.pagination import KeysetPagination, by_name
from foxreviews.api.params import Params, Several, numbers
from foxreviews.api.staff import MayWrite, StaffToken
from foxreviews.core.keyset import Ordering, Row, read
from foxreviews.enterprise.models import Correction, Modification

LATEST = Ordering("-id", ("id",), descending=True)
JSON = {"value", "register_value", "old_value", "new_value"}
REFUSED = problems(400, 401, 403, 406, 429, 503)


class CorrectionOfSerializer(serializers.Serializer[Row]):
    """A column that says what staff say, and not what the register says."""

    siren = serializers.CharField()
    field = serializers.CharField(help_text="The column.")
    value = serializers.JSONField(allow_null=True, help_text="What staff say.")
    register_value = serializers.JSONField(
        allow_null=True, help_text="What the register last said, or the directory before."
    )
    author = serializers.CharField(help_text="The account.")
    reason = serializers.CharField()
    corrected_at = serializers.DateTimeField()


class ModificationSerializer(serializers.Serializer[Row]):
    """An entry of the audit trail."""

    siren = serializers.CharField()
    action = serializers.ChoiceField(Modification.Action.choices)
    field = serializers.CharField(help_text="The column; empty: all of them.")
    old_value = serializers.JSONField(allow_null=True, help_text="[ND] where it is withheld.")
    new_value = serializers.JSONField(allow_null=True, help_text="[ND] where it is withheld.")
    author = serializers.CharField(help_text="The account, or the import.")
    reason = serializers.CharField()
    changed_at = serializers.DateTimeField()


class OfCompaniesParams(Params):
    """Of which companies."""

    siren = Several("SIREN, nine digits.")

    def validate_siren(self, values: list[str]) -> tuple[str, ...]:
        return numbers(values, "SIREN", 9)


class CorrectionPagination(KeysetPagination):
    """Pages of corrections, the latest first."""

    model = Correction
    orderings = by_name(LATEST)
    default = LATEST.name


class ModificationPagination(KeysetPagination):
    """Pages of the trail, the latest first."""

    model = Modification
    orderings = by_name(LATEST)
    default = LATEST.name


class CorrectionViewSet(GenericViewSet[Any]):
    """What staff correct."""

    queryset: QuerySet[Any] = Correction.objects.all()
    serializer_class: type[serializers.Serializer[Row]] = CorrectionOfSerializer
    pagination_class: type[KeysetPagination] = CorrectionPagination
    authentication_classes = [StaffToken]
    permission_classes = [MayWrite]
    permissions: ClassVar[dict[str, str]] = dict.fromkeys(
        ("GET", "HEAD", "OPTIONS"), "enterprise.view_correction"
    )

    @extend_schema(
        summary="What staff correct",
        description="Staff, with a token and the permission enterprise.view_correction. The columns that imports leave "
        "as they are, the latest first.",
        parameters=[OfCompaniesParams],
        responses={200: CorrectionOfSerializer(many=True), **REFUSED},
    )
    def list(self, request: Request) -> Response:
        pages = self.pagination_class()
        params = OfCompaniesParams.read(request, also=pages.parameters)
        found = self.queryset.filter(siren__in=params["siren"]) if "siren" in params else self.queryset.all()
        page = read(found, pages.window(request))
        columns = [*map(str, self.serializer_class().fields)]
        rows = [{column: _read(column, row[column]) for column in columns} for row in page.rows]
        return pages.answer(page, request, rows)


def _read(column: str, value: Any) -> Any:
    """A whole row has JSON as text."""
    return orjson.loads(value) if column in JSON and value is not None else value


class ModificationViewSet(CorrectionViewSet):
    """The audit trail."""

    queryset = Modification.objects.all()
    serializer_class = ModificationSerializer
    pagination_class = ModificationPagination
    permissions: ClassVar[dict[str, str]] = dict.fromkeys(
        ("GET", "HEAD", "OPTIONS"), "enterprise.view_modification"
    )

    @extend_schema(
        summary="The audit trail",
        description="Staff, with a token and the permission enterprise.view_modification. Who changed which column of "
        "which company from what to what, when and why, the latest first. Of a company that is not public it has "
        "neither names, addresses and positions nor reasons.",
        parameters=[OfCompaniesParams],
        responses={200: ModificationSerializer(many=True), **REFUSED},
    )
    def list(self, request: Request) -> Response:
        return super().list(request)
