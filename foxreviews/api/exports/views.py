"""/api/exports/: a table of the directory, or what of it passes the filters or answers a query, as one file."""

import re
from typing import Any, ClassVar

from django.db import connections
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from foxreviews.api.errors import problems
from foxreviews.api.exports import slots
from foxreviews.api.exports.params import (
    FORMATS,
    KEYS,
    MAX_SHEET,
    NO_ROW,
    TOO_MANY,
    EntrepriseExportParams,
    EtablissementExportParams,
    ExportParams,
    VilleExportParams,
    check,
)
from foxreviews.api.exports.process import Export
from foxreviews.api.framework import client, is_from_this_machine
from foxreviews.core.messages import say
from foxreviews.search import version as dataset

COMPRESSED = ("parquet", "xlsx")  # in themselves
ENCODINGS = ("zstd", "gzip")  # the first that the client takes
FORM = OpenApiParameter(
    "form", str, OpenApiParameter.PATH, enum=list(FORMATS), description="What kind of file it is."
)
ANSWERS: dict[Any, Any] = {
    **{(200, media_type.partition(";")[0]): OpenApiTypes.BINARY for media_type in FORMATS.values()},
    **problems(400, 404, 429, 503),
}
ABOUT = (
    "Every row that passes the filters, without a limit, in the order of `{key}`; with `q` or `near` in the order of "
    "the list. It is streamed as it is made, CSV and NDJSON with zstd or gzip where Accept-Encoding has it. A "
    "connection that breaks, or an answer that ends without its end (chunked), is gone on with by `after`, the key of "
    f"the last whole row. A workbook (xlsx) has {MAX_SHEET:,} rows at most: more are refused."
)


class AnyAccept(BaseContentNegotiation):
    """The address says what is answered, whatever Accept says."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:  # noqa: ARG002
        return renderers[0], renderers[0].media_type


class ExportView(APIView):
    """One table as a file."""

    table: ClassVar[str]
    params: ClassVar[type[ExportParams]]
    rate = "export"
    content_negotiation_class = AnyAccept
    http_method_names = ["get", "head", "options"]

    def _get(self, request: Request, form: str) -> StreamingHttpResponse:
        params = self._check(request, form)
        who = "" if is_from_this_machine(request) else client(request)
        encoding = _encoding(request) if form not in COMPRESSED else ""
        headers = self._headers(form, encoding)
        slot = slots.take(who)
        try:
            for each in connections.all(initialized_only=True):
                if not each.in_atomic_block:
                    each.close()  # back into its pool: the answer may take an hour
            arguments = [self.table, "-", "--format", form, *(["--compress", encoding] if encoding else [])]
            refusals = TOO_MANY, say(NO_ROW, key=KEYS[self.table], after=params.get("after", ""))
            export = Export(arguments, request.GET.urlencode(), slot.free, refusals)
        except BaseException:
            slot.free()
            raise
        return StreamingHttpResponse(export, headers=headers)

    def head(self, request: Request, form: str) -> HttpResponse:
        """The headers alone: nothing is exported."""
        self._check(request, form)
        encoding = _encoding(request) if form not in COMPRESSED else ""
        return HttpResponse(headers=self._headers(form, encoding))

    def _check(self, request: Request, form: str) -> dict[str, Any]:
        params = self.params.read(request)
        check(self.table, form, params)
        return params

    def _headers(self, form: str, encoding: str) -> dict[str, str]:
        headers = {
            "Content-Type": FORMATS[form],
            "Content-Disposition": f'attachment; filename="{self.table}.{form}"',
            "Accept-Ranges": "none",  # `after` goes on behind a row
            "Cache-Control": "no-store",
            "Vary": "Accept-Encoding",
        }
        if encoding:
            headers["Content-Encoding"] = encoding
        if (version := dataset.version()) is not None:
            headers["X-Dataset-Version"] = version.name
        return headers


class EntrepriseExportView(ExportView):
    """Companies as a file."""

    table, params = "entreprises", EntrepriseExportParams

    @extend_schema(
        operation_id="exports_entreprises",
        summary="Export companies",
        description=ABOUT.format(key=KEYS["entreprises"]),
        parameters=[FORM, EntrepriseExportParams],
        responses=ANSWERS,
    )
    def get(self, request: Request, form: str) -> StreamingHttpResponse:
        return self._get(request, form)


class EtablissementExportView(ExportView):
    """Establishments as a file."""

    table, params = "etablissements", EtablissementExportParams

    @extend_schema(
        operation_id="exports_etablissements",
        summary="Export establishments",
        description=ABOUT.format(key=KEYS["etablissements"]),
        parameters=[FORM, EtablissementExportParams],
        responses=ANSWERS,
    )
    def get(self, request: Request, form: str) -> StreamingHttpResponse:
        return self._get(request, form)


class VilleExportView(ExportView):
    """Towns as a file."""

    table, params = "villes", VilleExportParams

    @extend_schema(
        operation_id="exports_villes",
        summary="Export towns",
        description=ABOUT.format(key=KEYS["villes"]),
        parameters=[FORM, VilleExportParams],
        responses=ANSWERS,
    )
    def get(self, request: Request, form: str) -> StreamingHttpResponse:
        return self._get(request, form)


def _encoding(request: Request) -> str:
    """The compression that the client takes, "" for none."""
    accepted = {}
    for part in request.META.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        name, _, weight = part.partition(";")
        accepted[name.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return next((name for name in ENCODINGS if accepted.get(name)), "")
