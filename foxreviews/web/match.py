"""A list and the companies that its lines mean: the page that takes it, the table of results, the file.

Nothing of a list is kept: the page itself carries the lines from one step to the next (web.batches). With JavaScript
they are matched a few at a time, so that progress is seen; without it all at once.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foxreviews.core.spreadsheet import neutralise
from foxreviews.core.trace import answers_in_part
from foxreviews.matching.errors import ListRefusedError, NoIndexError, Refusal
from foxreviews.matching.model import Decision
from foxreviews.matching.results import RESULTS, cells
from foxreviews.matching.short_list import MAX_BYTES, MAX_COLUMNS, MAX_LINES, read_list
from foxreviews.search.engine import read_companies
from foxreviews.web.batches import Batch, InvalidBatchError, batches, opened
from foxreviews.web.language import address
from foxreviews.web.page import form, page, shown

LINES_AT_ONCE = 50  # of a request for progress: half a second to two
LINES_TOGETHER = 250  # of a page without JavaScript: more make no statement of PostgreSQL cheaper
MAX_BODY = MAX_BYTES + 20_000  # the form around the list
MAX_BACK = 250_000  # of the table's form, with what a web server takes of a request: 256 kB with its headers
FOUND_BYTES = 160  # of a line, for three companies with their evidence and the choice
REVIEWED = "match_reviewed"  # "yes" where the visitor has decided otherwise, or at all
FILE = "rapprochement.csv"
PROBLEMS = {
    Refusal.EMPTY: gettext_lazy(
        "The list is empty. It needs a line with the names of its columns, and lines below it."
    ),
    Refusal.TOO_LARGE: gettext_lazy(
        "The list is too large: it may have %(max_bytes)s bytes. Leave columns out that say nothing of a company, or "
        "send it in parts."
    ),
    Refusal.TOO_FULL: gettext_lazy(
        "With what is found the list would have about %(size)s bytes, and a page can send %(max_size)s back. Leave "
        "columns out that say nothing of a company, or send it in parts."
    ),
    Refusal.TOO_MANY_LINES: gettext_lazy(
        "The list has %(lines)s lines, and may have %(max_lines)s. Send it in parts."
    ),
    Refusal.TOO_WIDE: gettext_lazy("The list has %(columns)s columns, and may have %(max_columns)s."),
    Refusal.WORKBOOK: gettext_lazy(
        "This file is no text. Save the workbook as CSV (UTF-8), or copy its cells and paste them here."
    ),
    Refusal.ENCODING: gettext_lazy("The letters of this file cannot be read. Save it as CSV in UTF-8."),
    Refusal.NO_NAMES: gettext_lazy(
        "No column has names or numbers of companies. The first line must name the columns, such as: nom;ville. It "
        "says: %(first)s"
    ),
    Refusal.OPEN_QUOTE: gettext_lazy("Line %(line)s opens a quotation mark and does not close it."),
}


@page
def match(request: HttpRequest) -> HttpResponse:
    """The page that takes a list; where lists cannot be matched now it says so, and nobody keeps that."""
    has_index = _has_index()
    if not has_index:
        answers_in_part()
    context = _limits() | {"has_no_index": not has_index, "way": [_first_page()]}
    return shown(request, "web/match.html", context)


@form(back="match", rate="match")
def matched(request: HttpRequest) -> HttpResponse:
    """The table of results; with JavaScript of lines that are still to be matched."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:  # read by nobody
        return _refused(request, ListRefusedError(Refusal.TOO_LARGE, "The request is too large."))
    try:
        given = read_list(_sent(request))
        waiting = list(batches(given, LINES_AT_ONCE))
        _require_way_back(waiting)
    except ListRefusedError as error:
        return _refused(request, error)
    if not _has_index():  # said before a page waits for it
        raise NoIndexError
    is_waiting = bool(request.POST.get("progress"))
    parts = waiting if is_waiting else [each.matched() for each in batches(given, LINES_TOGETHER)]
    decisions = Counter(str(found.decision) for each in parts for found in each.found or ())
    context = {
        "batches": parts,
        "is_waiting": is_waiting,
        "counts": {str(each): decisions[each] for each in Decision},
        "total": len(given.lines),
        "unread": given.unread,
        "way": [_first_page(), (_("Match a list"), address("match"))],
        "canonical": "",
    }
    return shown(request, "web/matched.html", context)


@form(back="match", rate="match")
def lines(request: HttpRequest) -> HttpResponse:
    """A piece of the table: the lines that are sent, matched."""
    batch = Batch.opened(request.POST.get("lot", ""))
    if batch.found is not None:
        raise InvalidBatchError("These lines are matched already.")
    return render(request, "web/parts/matched.html", {"batch": batch.matched()})


@form(back="match", rate="match")
def matched_file(request: HttpRequest) -> HttpResponse:
    """The list as CSV, as Excel in France opens it, with what was found and what the visitor made of it."""
    parts = opened(request.POST.getlist("lot"))
    text = io.StringIO("\ufeff")
    text.seek(1)
    writer = csv.writer(text, delimiter=";")
    own = [at for at, title in enumerate(parts[0].titles) if title not in (*RESULTS, REVIEWED)]
    writer.writerow([*(neutralise(parts[0].titles[at]) for at in own), *RESULTS, REVIEWED])
    for part in parts:
        for number, line in enumerate(part.lines):
            kept = [neutralise(line.cells[at]) for at in own]
            writer.writerow([*kept, *_result(request, part, number)])
    headers = {"Content-Disposition": f'attachment; filename="{FILE}"'}
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _result(request: HttpRequest, part: Batch, number: int) -> list[str]:
    """What stands behind a line: of one that is not matched yet nothing."""
    if part.found is None:
        return [""] * (len(RESULTS) + 1)
    found = part.found[number]
    choice = request.POST.get(f"l{part.lines[number].number}", "")
    if choice not in found.choices():
        raise InvalidBatchError("A line has no such company.")
    # A review is open until a person has chosen; whoever takes the proposal of another line has changed nothing.
    is_reviewed = bool(choice) and choice != found.proposed
    match_ = found.as_match(choice or found.proposed)
    return [*cells(match_), "yes" if is_reviewed else ""]


def _has_index() -> bool:
    """Whether this machine has an index that lists are matched with."""
    return read_companies(lambda _index: True) is not None


def _require_way_back(parts: Sequence[Batch]) -> None:
    """Raises ListRefusedError where the table could not be sent back for the file: that is said before the review."""
    size = sum(len(part.token) + FOUND_BYTES * len(part.lines) for part in parts)
    if size > MAX_BACK:
        raise ListRefusedError(
            Refusal.TOO_FULL, "The page cannot send it back.", size=size, max_size=MAX_BACK
        )


def _sent(request: HttpRequest) -> bytes:
    """The file, or what was pasted."""
    file = request.FILES.get("fichier")
    if isinstance(file, UploadedFile):
        return bytes(file.read())
    return request.POST.get("liste", "").encode(errors="replace")


def _refused(request: HttpRequest, error: ListRefusedError) -> HttpResponse:
    """The page again, with what is wrong and what was pasted."""
    is_large = error.refusal in {Refusal.TOO_LARGE, Refusal.TOO_FULL}
    limits = _limits()
    problem = str(PROBLEMS[error.refusal]) % (
        limits | {name: _shown(each) for name, each in error.figures.items()}
    )
    pasted = "" if error.refusal is Refusal.TOO_LARGE else request.POST.get("liste", "")
    context = limits | {"problem": problem, "pasted": pasted, "way": [_first_page()], "canonical": ""}
    response = shown(request, "web/match.html", context)
    response.status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if is_large else HTTPStatus.BAD_REQUEST
    return response


def _first_page() -> tuple[str, str]:
    return _("Companies"), address("home")


def _limits() -> dict[str, Any]:
    return {
        "max_lines": _shown(MAX_LINES),
        "max_bytes": _shown(MAX_BYTES),
        "max_columns": _shown(MAX_COLUMNS),
        "bytes": MAX_BYTES,
    }


def _shown(figure: str | int) -> str:
    return number_format(figure, force_grouping=True) if isinstance(figure, int) else figure
