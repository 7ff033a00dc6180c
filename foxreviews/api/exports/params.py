"""The query parameters of the exports: those of the lists, and how the file is to be."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from foxreviews.api.entreprises import companies
from foxreviews.api.entreprises.params import EntrepriseParams
from foxreviews.api.entreprises.serializers import COLUMNS as OF_ENTREPRISES
from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.etablissements import views as etablissements
from foxreviews.api.etablissements.params import EtablissementParams
from foxreviews.api.etablissements.serializers import COLUMNS as OF_ETABLISSEMENTS
from foxreviews.api.params import TRUE_OR_FALSE, FieldsParams, text
from foxreviews.api.villes.params import VilleParams
from foxreviews.api.villes.serializers import COLUMNS as OF_VILLES
from foxreviews.core.messages import say
from foxreviews.reference.geography import INSEE_CODE
from foxreviews.search.query.parse import interpret

DAY = re.compile("[0-9]{4}-?[0-9]{2}-?[0-9]{2}")
TO_ITS_END = timedelta(hours=23, minutes=59, seconds=59, microseconds=999_999)
MOMENT = _("It is a day or a moment such as 2026-01-31 or 2026-01-31T12:00:00Z.")
FORMATS: Mapping[str, str] = {  # and their media types
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MAX_SHEET = 1_048_575  # rows of a sheet, its header aside

# What the rows themselves say, which `manage.py export` reads
TOO_MANY = say(
    _(
        "The export has more than {most} rows, and a sheet has no more. Narrow it, take it in pieces (`rows`, "
        "`after`), or as CSV."
    ),
    most=MAX_SHEET,
)
NO_ROW = _("after: no row of this export has the {key} {after}. Start again without `after`.")


class ExportParams(FieldsParams):
    """How the file of an export is to be."""

    headers = serializers.ChoiceField(
        ["plan", "insee"],
        required=False,
        help_text="Names of the columns: the scaling plan's (default), or those of INSEE's files, where it has the "
        "column; states are then INSEE's letters, too.",
        error_messages={"invalid_choice": _("It is plan or insee.")},
    )
    excel = serializers.BooleanField(
        required=False,
        help_text="true, CSV alone: as Excel in France opens it, with a byte order mark, semicolons, decimal commas, "
        "and numbers that are names kept as text.",
        error_messages={"invalid": TRUE_OR_FALSE},
    )
    after = text(
        14,
        "Go on behind the row with this key (`siren`, `siret`, `code_insee`): the last one that arrived. CSV then has "
        "no header, so that the parts can be put together.",
    )
    rows = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=1_000_000_000,
        help_text="At most so many rows. With `after`, pieces of any size.",
    )


class MomentField(serializers.DateTimeField):
    """A day or a moment; of a day its beginning, or where it is the last one its end."""

    def __init__(self, *, is_last: bool = False, **options: Any) -> None:
        super().__init__(required=False, error_messages={"invalid": MOMENT, "overflow": MOMENT}, **options)
        self.is_last = is_last

    def to_internal_value(self, value: str) -> datetime:  # type: ignore[override]  # it comes from an address
        try:
            moment: datetime = super().to_internal_value(value)
        except OverflowError:  # in UTC the year 0
            self.fail("overflow")
        return moment + TO_ITS_END if self.is_last and DAY.fullmatch(value.strip()) else moment


class EntrepriseExportParams(EntrepriseParams, ExportParams):
    """The parameters of an export of companies."""

    columns = tuple(OF_ENTREPRISES)
    facets = explain = None  # type: ignore[assignment]  # DRF takes a field away so
    updated_at_min = MomentField(help_text="Changed on this day, at this moment, or later.")
    updated_at_max = MomentField(is_last=True, help_text="Changed on this day, at this moment, or before.")


class EtablissementExportParams(EtablissementParams, ExportParams):
    """The parameters of an export of establishments."""

    columns = tuple(OF_ETABLISSEMENTS)
    facets = None  # type: ignore[assignment]  # see above


class VilleExportParams(VilleParams, ExportParams):
    """The parameters of an export of towns."""

    columns = tuple(OF_VILLES)


PARAMS: Mapping[str, type[ExportParams]] = {
    "entreprises": EntrepriseExportParams,
    "etablissements": EtablissementExportParams,
    "villes": VilleExportParams,
}
KEYS: Mapping[str, str] = {"entreprises": "siren", "etablissements": "siret", "villes": "code_insee"}
SHAPES: Mapping[str, re.Pattern[str]] = {  # of the keys
    "siren": re.compile("[0-9]{9}"),
    "siret": re.compile("[0-9]{14}"),
    "code_insee": INSEE_CODE,
}


def check(table: str, form: str, params: Mapping[str, Any]) -> None:
    """Refuse what each parameter allows and all of them together do not, before anything is written.

    Raises InvalidParametersError, EmptyQueryError, QueryTooLongError.
    """
    key = KEYS[table]
    if "after" in params and not SHAPES[key].fullmatch(params["after"]):
        sentence = _("{value} is no {key}: give the one of the last row that arrived.")
        raise InvalidParametersError({"after": [say(sentence, value=params["after"], key=key)]})
    if "q" in params and table != "villes":
        interpret(params["q"])
    if "q" in params and (of_change := [name for name in params if name.startswith("updated_at")]):
        raise InvalidParametersError({of_change[0]: [_("The search does not know it: leave `q` out.")]})
    if params.get("excel") and form != "csv":
        raise InvalidParametersError({"excel": [_("It is for CSV: a workbook (xlsx) opens as it is.")]})
    if form == "xlsx" and params.get("rows", 0) > MAX_SHEET:
        sentence = _("A sheet has {most} rows at most below its header.")
        raise InvalidParametersError({"rows": [say(sentence, most=MAX_SHEET)]})
    if table == "entreprises":
        companies.filters(dict(params))
    if table == "etablissements":
        etablissements.filters(dict(params))
