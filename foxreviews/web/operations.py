"""The operator's page, for staff: what was imported and rejected, how old the data is, what the checks say.

It stands under /admin/, which proxies close to strangers, and asks for the admin's login and permissions. Nothing of it
is kept by anybody, and staff, who have a session, are never answered by a replica.
"""

import csv
import io
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.spreadsheet import neutralise
from foxreviews.importing.history import facts, file_name, reasons
from foxreviews.importing.models import REJECT_COLUMNS, ImportReject, ImportRun
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.search.lag import read_lag
from foxreviews.web.checks import CHECKS, run_check
from foxreviews.web.language import address
from foxreviews.web.page import View, action, page, shown

MAX_RUNS = 20
REJECTS_SHOWN = 50
REJECTS_AT_ONCE = 2_000  # of a file: one statement
OLD_DAYS = 40  # the register comes every month
WHAT = {  # web.checks.CHECKS look at
    "search_status": gettext_lazy("How the search index stands"),
    "doctor": gettext_lazy("The database: migrations, indexes, queries, maintenance"),
    "verify": gettext_lazy("What the last import has left"),
    "preflight": gettext_lazy("What the next import needs"),
}


class NotPermittedError(FoxreviewsError):
    """An account of staff without the permission."""

    status = 403
    code = "not-allowed"


def staff(permission: str, kind: Callable[[View], View] = page) -> Callable[[View], View]:
    """A page for accounts that may log in to the admin and have the permission; `kind` is web.page's page or action."""

    def decorated(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            if not (request.user.is_active and request.user.is_staff):
                return redirect_to_login(request.get_full_path(), reverse("admin:login"))
            if not request.user.has_perm(permission):
                raise NotPermittedError
            return view(request, *arguments, **named)

        return _private(kind(answer))

    return decorated


def _private(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        response = view(request, *arguments, **named)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer


@staff("importing.view_importrun")
def operations(request: HttpRequest) -> HttpResponse:
    """The runs, the age of the data, how far the index is behind; a check when it is asked for."""
    runs = list(ImportRun.objects.order_by("-id")[:MAX_RUNS])
    last = ImportRun.objects.filter(status=ImportRun.Status.DONE).order_by("-id").first()
    updated_at = last.finished_at if last else None
    context = {
        "runs": [facts(run) | {"name": file_name(run.source), "at": run.started_at} for run in runs],
        "updated_at": updated_at,
        "is_old": updated_at is not None and (timezone.now() - updated_at).days > OLD_DAYS,
        "has_index": PostgresEngine.name != settings.SEARCH_ENGINE,
        "lag": read_lag() if PostgresEngine.name != settings.SEARCH_ENGINE else None,
        "may_see_rejects": request.user.has_perm("importing.view_importreject"),
        "checks": _checks(),
        "canonical": "",
    }
    return shown(request, "web/operations.html", context)


@staff("importing.view_importrun", action)
def check(request: HttpRequest, name: str) -> HttpResponse:
    """What one of the checks says now, by POST: a page that is loaded again, or ahead, runs none."""
    if name not in CHECKS:
        raise Http404
    outcome = run_check(name) if request.method == "POST" else None
    context = {"outcome": outcome, "name": name, "what": WHAT[name], "checks": _checks(), "canonical": ""}
    return shown(request, "web/check.html", context | {"way": _way()})


def _way() -> list[tuple[str, str]]:
    return [(_("Operations"), address("staff-operations"))]


def _checks() -> list[tuple[str, Promise, str]]:
    return [(each, WHAT[each], address("staff-check", each)) for each in CHECKS]


@staff("importing.view_importreject")
def rejects(request: HttpRequest) -> HttpResponse:
    """The rejected records of a run, also of one reason, in the order of the file."""
    run, reason = _asked(request)
    after = request.GET.get("apres", "")
    found = _rejects(run, reason).filter(id__gt=int(after) if _is_number(after) else 0)
    some = list(found[: REJECTS_SHOWN + 1]) if run else []
    values = {"run": str(run.pk), "motif": reason} if run else {}
    following = {**values, "apres": str(some[REJECTS_SHOWN - 1].pk)} if len(some) > REJECTS_SHOWN else None
    runs = list(ImportRun.objects.order_by("-id")[:MAX_RUNS])
    if run and run not in runs:
        runs.append(run)
    counts: dict[str, int | None] = {**reasons(run)} if run else {}
    if reason:
        counts.setdefault(reason)  # a run that was killed has left no counts
    context = {
        "run": run,
        "name": file_name(run.source) if run else "",
        "runs": [(each, file_name(each.source)) for each in runs],
        "reason": reason,
        "reasons": sorted(counts.items()),
        "rejects": some[:REJECTS_SHOWN],
        "is_first": not after,
        "first_url": f"{address('staff-rejects')}?{urlencode(values)}",
        "next_url": f"{address('staff-rejects')}?{urlencode(following)}" if following else "",
        "file_url": f"{address('staff-rejects-file')}?{urlencode(values)}",
        "way": _way(),
        "canonical": "",
    }
    return shown(request, "web/rejects.html", context)


@staff("importing.view_importreject")
def rejects_file(request: HttpRequest) -> Any:
    """The same as CSV, as Excel in France opens it: of any size, a piece at a time."""
    run, reason = _asked(request)
    if run is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="rejets-{run.pk}.csv"'}
    pieces = _file(_rejects(run, reason)) if request.method == "GET" else ()
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)


def _asked(request: HttpRequest) -> tuple[ImportRun | None, str]:
    """The run and the reason; without a run the newest one. Raises Http404 where there is no such run."""
    number, reason = request.GET.get("run", ""), request.GET.get("motif", "")[:40]
    if not number:
        return ImportRun.objects.order_by("-id").first(), reason
    run = ImportRun.objects.filter(pk=number).first() if _is_number(number) else None
    if run is None:
        raise Http404
    return run, reason


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _rejects(run: ImportRun | None, reason: str) -> QuerySet[ImportReject]:
    found = ImportReject.objects.filter(run=run).order_by("id")
    return found.filter(reason=reason.replace("\0", "")) if reason else found


def _file(found: QuerySet[ImportReject]) -> Iterator[bytes]:
    """By the key of the last one: no cursor of the database stays open for a slow client."""
    yield _csv([REJECT_COLUMNS], mark="\ufeff")
    last = 0
    while rows := list(found.filter(id__gt=last).values_list("id", *REJECT_COLUMNS)[:REJECTS_AT_ONCE]):
        last = rows[-1][0]
        yield _csv([row[1:] for row in rows])


def _csv(rows: Any, mark: str = "") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(
        [neutralise(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return (mark + text.getvalue()).encode(errors="replace")
