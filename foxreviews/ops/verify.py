"""The scaling plan's phase 3: what is in the directory after an import, and whether it is what the import said."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from foxreviews.core import clock, files
from foxreviews.core.findings import Finding, Severity
from foxreviews.core.sql import estimate
from foxreviews.importing.history import INTERRUPTED, file_name, status
from foxreviews.importing.load import last_register
from foxreviews.importing.models import ImportRun
from foxreviews.location.models import Ville
from foxreviews.ops import cache, doctor, indexes, replicas, server, sizes
from foxreviews.ops.index_status import DAEMON, read_status
from foxreviews.ops.search_cluster import search_cluster
from foxreviews.workers import status as workers

OK, NOTE, WARNING, ERROR = Severity
IMPORT = "manage.py import_entreprises_bulk FILE"
LOAD_TOWNS = "manage.py import_villes laposte_hexasmal.csv --cog cog_communes_2026.csv"
TOWNS_THRESHOLD = 0.01  # of the companies, without a known town
STATISTICS_THRESHOLD = 0.1  # of the rows, that the planner's statistics are wrong by


@dataclass(frozen=True)
class Companies:
    """What one pass over the directory has counted (sql/companies.sql), and how long that took."""

    companies: int
    misshapen: int
    wrong_key: int
    without_town: int
    unknown_town: int
    seconds: float


def verify() -> Iterator[Finding]:
    """Everything, in the scaling plan's order."""
    started = time.monotonic()
    (row,) = server.rows("companies")
    counted = Companies(**row, seconds=time.monotonic() - started)
    yield from _counts(counted)
    yield _interrupted()
    yield judge_statistics(estimate(indexes.TABLE), counted.companies)
    yield from sizes.check_sizes(counted.companies)
    yield from indexes.check_companies()
    yield from _towns(counted)
    yield _sirens(counted)
    yield from _register()
    yield search_index()
    if settings.SEARCH_ENGINE == "opensearch":
        yield search_cluster()
    yield from doctor.partitions()
    yield from replicas.check()
    yield from workers.check()
    yield from cache.check()


def _counts(counted: Companies) -> Iterator[Finding]:
    """The scaling plan's verification query 1, by the ledger: as many as the last import has loaded or found."""
    subject, there = "companies", f"{counted.companies:,}"
    last = ImportRun.objects.filter(status=ImportRun.Status.DONE).first()
    if last is None:
        well = OK if counted.companies else WARNING
        yield Finding(
            subject, well, f"{there}; no import is in the ledger", "There is nothing to compare with.", IMPORT
        )
        return
    report: dict[str, Any] = last.report
    loaded = sum(report.get(name, 0) for name in ("created", "updated", "unchanged"))
    named = f"{file_name(last.source)}, {clock.local(last.started_at)}"
    figures = {"companies": counted.companies, "loaded": loaded, "run": last.pk}
    if counted.companies < loaded:
        yield Finding(
            subject, ERROR, f"{there}, where the last import ({named}) left {loaded:,}",
            "Companies were deleted since, or the database is an older copy.",
            f"manage.py import_entreprises_bulk {last.source}", figures,
        )  # fmt: skip
    else:
        more = counted.companies - loaded
        others = f", and {more:,} that are not in its file" if more else ""
        yield Finding(
            subject, OK, f"{there}: all {loaded:,} of the last import ({named}){others}", figures=figures
        )
    yield _records(report)


def _records(report: dict[str, Any]) -> Finding:
    """Every record of the file is accounted for."""
    records, rejected = report.get("records", 0), report.get("rejected", 0)
    parts = ("created", "updated", "unchanged", "duplicates", "rejected", "blank", "skipped")
    counts = ", ".join(f"{report[part]:,} {part}" for part in parts if report.get(part))
    return Finding(
        "its records", NOTE if rejected else OK, f"{records:,}: {counts}",
        "A rejected record breaks a rule of the register; the admin shows each with its reason (how to log in: "
        "docs/howto/log-in-to-the-admin.md)." if rejected else "",
        "manage.py import_history" if rejected else "",
        {part: report.get(part, 0) for part in ("records", *parts)},
    )  # fmt: skip


def _interrupted() -> Finding:
    newest = ImportRun.objects.first()
    if newest is None:
        return Finding("last run", OK, "there was none")
    if newest.status == ImportRun.Status.DONE:
        return Finding("last run", OK, "done")
    said = {INTERRUPTED: "was interrupted", ImportRun.Status.FAILED: "has failed"}.get(
        status(newest), "runs now"
    )
    return Finding(
        "last run", WARNING, f"run {newest.pk} of {file_name(newest.source)} {said}",
        "The directory is as it was before; the same command loads the file.",
        "manage.py import_history",
    )  # fmt: skip


def judge_statistics(known: int, companies: int) -> Finding:
    """Whether the scaling plan's ANALYZE was done: what the planner knows, and what there is."""
    found = f"the planner estimates {known:,} companies"
    if abs(known - companies) <= STATISTICS_THRESHOLD * companies:
        return Finding("statistics", OK, found)
    return Finding(
        "statistics", WARNING, f"{found}, there are {companies:,}",
        "PostgreSQL plans queries by these statistics; wrong ones make it read whole tables.",
        server.psql_statement(f"ANALYZE {indexes.TABLE}"),
    )  # fmt: skip


def _towns(counted: Companies) -> Iterator[Finding]:
    towns = Ville.objects.count()
    if not towns:
        yield Finding("towns", WARNING, "none", "Companies are not found by their town.", LOAD_TOWNS)
        return
    yield Finding("towns", OK, f"{towns:,}", figures={"towns": towns})
    for subject, count, why in (
        (
            "unknown towns",
            counted.unknown_town,
            "They have the code of a town that the directory does not have.",
        ),
        ("without a town", counted.without_town, "Their postal code and name of a town lead to none."),
    ):
        yield judge_towns(subject, count, counted.companies, why)


def judge_towns(subject: str, count: int, companies: int, why: str) -> Finding:
    """`count` of the companies have no known town."""
    share, figures = count / max(companies, 1), {"companies": count}
    if not count:
        return Finding(subject, OK, "no company", figures=figures)
    found = f"{count:,} of {companies:,} companies ({share:.2%})"
    if share <= TOWNS_THRESHOLD:
        return Finding(subject, NOTE, found, why, figures=figures)
    return Finding(subject, WARNING, found, f"{why} Load the newest towns.", LOAD_TOWNS, figures)


def _sirens(counted: Companies) -> Finding:
    """Shape and key of every SIREN."""
    figures = {
        "misshapen": counted.misshapen,
        "wrong_key": counted.wrong_key,
        "seconds": round(counted.seconds, 2),
    }
    if not counted.misshapen and not counted.wrong_key:
        found = f"all have nine digits and the right key (all read in {counted.seconds:.1f} s)"
        return Finding("SIREN", OK, found, figures=figures)
    return Finding(
        "SIREN", ERROR, f"{counted.misshapen:,} without nine digits, {counted.wrong_key:,} with a wrong key",
        "Imports refuse such numbers: these rows came another way.",
        server.psql("-f", "foxreviews/ops/sql/wrong_sirens.sql"), figures,
    )  # fmt: skip


def _register() -> Iterator[Finding]:
    """Who is not in the last full file of the register, where one was loaded."""
    absent = last_register.count_absent()
    if absent is None:
        return
    gone = absent.companies - absent.never
    figures = {"companies": absent.companies, "gone": gone}
    found = f"{absent.companies:,} companies are not in its last full file: {gone:,} were in an earlier one"
    yield Finding(
        "register", NOTE if gone else OK, found if absent.companies else "all companies are in its last full file",
        "They ceased to be public, or were entered by mistake." if gone else "",
        "manage.py import_sirene … --gone hide" if gone else "",
        figures,
    )  # fmt: skip


def search_index() -> Finding:
    """Whether the search index has what the database has."""
    subject = "search index"
    if settings.SEARCH_ENGINE == "postgres":
        return Finding(subject, OK, "none, as SEARCH_ENGINE asks: PostgreSQL answers")
    status = read_status()
    figures = {"documents": status.documents, "companies": status.companies, "changes": status.changes}
    if status.in_sync:
        found = (
            f"{status.documents:,} companies, {files.format_bytes(status.bytes)}, in sync with the database"
        )
        return Finding(subject, OK, found, figures=figures)
    meanwhile = f"Meanwhile searches are answered by {status.engine}."
    if status.rebuild or status.daemon:
        severity = NOTE if status.rebuild else WARNING
        return Finding(subject, severity, status.why, meanwhile, "manage.py search_status", figures)
    fix = DAEMON if status.documents and status.changes else "manage.py search_rebuild"
    return Finding(subject, WARNING, status.why, meanwhile, fix, figures)
