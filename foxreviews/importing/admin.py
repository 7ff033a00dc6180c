"""The ledger of imports in Django's admin, read-only; no page counts or reads a whole table."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from foxreviews.enterprise.admin import BoundedPaginator
from foxreviews.importing.history import file_name, reasons
from foxreviews.importing.models import ImportReject, ImportRun

OF_RUN = "run__id__exact"
REASON = "reason"
RAW_LISTED = 100  # characters of a record that a list shows

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[Any]
else:
    BaseAdmin = admin.ModelAdmin


class ReadOnly(BaseAdmin):
    """Without adding, changing or deleting: the ledger is a record."""

    actions = None
    paginator = BoundedPaginator
    list_per_page = 50
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly):
    """The runs, newest first; each leads to the records it has rejected."""

    list_display = ["id", "started_at", "file", "status", "records", "created", "updated", "rejected"]
    list_filter = ["status"]
    fields = ["source", "status", "started_at", "finished_at", "counts", "rejected_because"]

    @admin.display
    def file(self, run: ImportRun) -> str:
        return file_name(run.source)

    @admin.display
    def records(self, run: ImportRun) -> str:
        return _count(run, "records")

    @admin.display
    def created(self, run: ImportRun) -> str:
        return _count(run, "created")

    @admin.display
    def updated(self, run: ImportRun) -> str:
        return _count(run, "updated")

    @admin.display
    def rejected(self, run: ImportRun) -> str:
        return _link(run, _count(run, "rejected"))

    @admin.display
    def counts(self, run: ImportRun) -> str:
        """The report, a line for each of its figures."""
        return _lines((name.replace("_", " "), _shown(value)) for name, value in run.report.items()
                      if name not in {"rejects_by_reason", "reject_examples"})  # fmt: skip

    @admin.display(description="Rejected records")
    def rejected_because(self, run: ImportRun) -> str:
        """A link to those of each reason, and to all."""
        lines = [(_link(run, reason, reason), f"{count:,}") for reason, count in sorted(reasons(run).items())]
        return _lines([(_link(run, "all, in the order of the file"), ""), *lines])


def _count(run: ImportRun, name: str) -> str:
    return f"{run.report[name]:,}" if name in run.report else "–"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if value is None or isinstance(value, bool):
        return {None: "–", True: "yes", False: "no"}[value]
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _lines(pairs: Iterable[tuple[str, str]]) -> SafeString:
    return format_html("<table>{}</table>", format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", pairs))


def _link(run: ImportRun, text: str, reason: str = "") -> SafeString:
    query = {OF_RUN: run.pk} | ({REASON: reason} if reason else {})
    return format_html(
        '<a href="{}?{}">{}</a>', reverse("admin:importing_importreject_changelist"), urlencode(query), text
    )


class ReasonFilter(admin.SimpleListFilter):
    """The reasons of one run, as its report has them; Django's own filter reads them from every row."""

    title = parameter_name = REASON

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - Django's
        chosen = request.GET.get(OF_RUN, "")
        run = ImportRun.objects.filter(pk=chosen).first() if chosen.isascii() and chosen.isdigit() else None
        return [(reason, reason) for reason in sorted(reasons(run))] if run else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[ImportReject]) -> QuerySet[ImportReject]:  # noqa: ARG002
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(ImportReject)
class ImportRejectAdmin(ReadOnly):
    """The rejected records: of all runs the last ones first, those of one run in the order of its file."""

    list_display = ["line", "reason", "column", "text", "of_run"]
    list_filter = [ReasonFilter]
    fields = ["of_run", "line", "offset", "reason", "column", "record"]

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["id"] if OF_RUN in request.GET else ["-id"]

    @admin.display(description="record")
    def text(self, reject: ImportReject) -> str:
        return Truncator(reject.raw).chars(RAW_LISTED)

    @admin.display
    def record(self, reject: ImportReject) -> str:
        return format_html("<pre>{}</pre>", reject.raw)

    @admin.display(description="run")
    def of_run(self, reject: ImportReject) -> str:
        page = reverse("admin:importing_importrun_change", args=[reject.run_id])
        return format_html('<a href="{}">{}</a>', page, reject.run_id)
