"""The query parameters of the exports: those of the lists, and how the file is to be."""

from collections.abc import Mapping
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
from foxreviews.search.query.parse import interpret

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


class EntrepriseExportParams(EntrepriseParams, ExportParams):
    """The parameters of an export of companies."""

    columns = tuple(OF_ENTREPRISES)
    facets = explain = None  # type: ignore[assignment]  # DRF takes a field away so
    updated_at_min = serializers.DateTimeField(
        required=False, help_text="Changed at this moment or later.", error_messages={"invalid": MOMENT}
    )
    updated_at_max = serializers.DateTimeField(
        required=False, help_text="Changed at this moment or before.", error_messages={"invalid": MOMENT}
    )


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


def check(table: str, form: str, params: Mapping[str, Any]) -> None:
    """Refuse what each parameter allows and all of them together do not, before anything is written.

    Raises InvalidParametersError, EmptyQueryError, QueryTooLongError.
    """
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
