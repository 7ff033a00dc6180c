"""The plan's checklist before an import: each of its boxes looked at, with the command that ticks it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from io import StringIO

from django.conf import settings
from django.urls import resolve

from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.backup import manifest
from foxreviews.core import files
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.findings import Finding, Severity, guarded
from foxreviews.core.progress import Reporter
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.ledger import Report
from foxreviews.importing.run import Options, import_csv
from foxreviews.location.models import Ville
from foxreviews.ops import forecast, psql, server_settings, sizes, statement
from foxreviews.ops.doctor import index_use, structure
from foxreviews.ops.index_findings import index_findings
from foxreviews.search.index.storage import IndexStorage

OK, NOTE, WARNING, ERROR = Severity
REHEARSED = 10_000  # records: the plan's test
MOST_REJECTED = 0.01
BACKUP_AGE = timedelta(days=7)
# What an import is slow without, and how far below its machine's value a setting is told
LOAD_SETTINGS = ("shared_buffers", "effective_cache_size", "maintenance_work_mem", "max_wal_size")
FAR_BELOW = 0.5
PLANNED_DISK = "10 GB, the plan's for 4,000,000"


def preflight(file: str | None) -> Iterator[Finding]:
    """The eight boxes in the plan's order, and what they take for granted."""
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "migrations": structure.migrations,
        "1 cursor pagination": _pagination,
        "2 indexes": _indexes,
        "3 rehearsal": partial(_rehearsal, file),
        "5 memory": _memory,
        "6 backup": _backup,
        "7 index follower": _follower,
        "8 monitoring": _monitoring,
        "towns": _towns,
    }
    for subject, check in checks.items():
        yield from guarded(subject, check)


def _pagination() -> Iterator[Finding]:
    """The class that really answers the list's address."""
    subject = "1 cursor pagination"
    view = resolve("/api/entreprises/").func.cls  # type: ignore[attr-defined]
    used = view.pagination_class
    if used is not None and issubclass(used, EnterpriseCursorPagination):
        yield Finding(subject, OK, f"{view.__name__} uses {used.__name__}")
    else:
        yield Finding(
            subject, ERROR, f"{view.__name__} uses {getattr(used, '__name__', 'none')}",
            "Page 10,000 would read all the pages before it.",
            "in foxreviews/enterprise/api/views.py: pagination_class = EnterpriseCursorPagination",
        )  # fmt: skip


def _indexes() -> Iterator[Finding]:
    """Each there and valid; where there are companies enough, each also used."""
    ailing = [finding for finding in (*index_findings(), *index_use.queries()) if finding.severity > NOTE]
    yield from ailing
    if ailing:
        return
    rows = sizes.estimate(Entreprise._meta.db_table)
    used = (
        "used by their queries"
        if rows >= sizes.ENOUGH_ROWS
        else "whether they are used shows after the import"
    )
    yield Finding("2 indexes", OK, f"all there and valid, {used}")


def _rehearsal(file: str | None) -> Iterator[Finding]:
    """The file's first records through the whole import, which is then rolled back; its forecast against the disk."""
    if file is None:
        why = "Whether the file can be read, and the disk has room for it, shows only with the file."
        yield Finding("3 rehearsal", WARNING, "no file named", why, "manage.py preflight FILE")
        yield from _disk(0, 1.0)
        return
    try:
        options = Options(file=file, dry_run=True, max_rows=REHEARSED, force=True)
        report = import_csv(options, Reporter(StringIO()))
        records = forecast.records_in(file)
    except FoxreviewsError as error:
        yield Finding(
            "3 rehearsal", ERROR, str(error), "The import would end so.", figures={"code": error.code}
        )
        return
    yield _rehearsed(file, report)
    written = (report.created + report.updated) / max(report.records, 1)
    yield from _disk(records, written)


def _rehearsed(file: str, report: Report) -> Finding:
    share = report.rejected / max(report.records, 1)
    found = (
        f"{report.records:,} records: {report.created:,} new, {report.updated:,} changed, "
        f"{report.unchanged:,} as they are, {report.rejected:,} rejected"
    )
    figures = {
        name: getattr(report, name) for name in ("records", "created", "updated", "unchanged", "rejected")
    }
    if share <= MOST_REJECTED:
        return Finding("3 rehearsal", OK, found, figures=figures)
    reasons = ", ".join(f"{reason} ({count:,})" for reason, count in report.rejects_by_reason.items())
    return Finding(
        "3 rehearsal", WARNING, found, f"Rejected because of {reasons}.",
        f"manage.py import_entreprises_bulk {file} --dry-run --max-rows {REHEARSED} --rejects rejects.csv", figures,
    )  # fmt: skip


def _disk(records: int, written: float) -> Iterator[Finding]:
    """Free disk beside what this file will take; without a file, beside what the plan asks for."""
    subject = "4 disk"
    folder = statement.value("SELECT current_setting('data_directory', true)")
    free = files.disk_space(folder).free if folder and server_settings.is_local() else None
    foreseen = forecast.forecast(records)
    need = foreseen.least_disk(written) if records else sizes.PLAN_FREE
    about = f"{files.format_bytes(need)} for about {rounded(records):,} records" if records else PLANNED_DISK
    figures = {"free": free, "need": need, "records": records}
    if free is None:
        yield Finding(
            subject, NOTE, f"cannot be seen from here; needed: {about}",
            "The server is on another machine, or does not tell this role where its files are.",
            "df -h /var/lib/postgresql", figures,
        )  # fmt: skip
    elif free < need:
        yield Finding(
            subject, ERROR if records else WARNING, f"{files.format_bytes(free)} free; needed: {about}",
            "A full disk stops the import, and PostgreSQL with it.", f"df -h {folder}", figures,
        )  # fmt: skip
    else:
        yield Finding(subject, OK, f"{files.format_bytes(free)} free; needed: {about}", figures=figures)


def rounded(number: int) -> int:
    """To two digits: an estimate, as it should be read."""
    return int(float(f"{number:.2g}"))


def _memory() -> Iterator[Finding]:
    """The server's memory settings, far below what its machine has."""
    subject = "5 memory"
    if not server_settings.is_local():
        buffers = statement.value("SHOW shared_buffers")
        yield Finding(
            subject, NOTE, f"shared_buffers = {buffers} on another machine",
            "The plan asks for a quarter of its memory.", "manage.py tune --memory 16GB",
        )  # fmt: skip
        return
    advised = [
        each for each in server_settings.advice(server_settings.suited()) if each.name in LOAD_SETTINGS
    ]
    low = [each for each in advised if _is_low(each)]
    if low:
        told = ", ".join(f"{each.name} {each.now} (→ {each.wanted})" for each in low)
        yield Finding(
            subject, WARNING, told, "The import and every query after it have less memory than the machine has.",
            "manage.py tune --apply",
        )  # fmt: skip
    else:
        told = ", ".join(f"{each.name} {each.now}" for each in advised[:2])
        yield Finding(subject, OK, told, figures={each.name: each.now for each in advised})


def _is_low(each: server_settings.Advice) -> bool:
    now, wanted = server_settings.amount(each.now or ""), server_settings.amount(each.wanted)
    return now is not None and wanted is not None and now < FAR_BELOW * wanted


def _backup() -> Iterator[Finding]:
    """A whole one, recent, that was restored once: others are hopes."""
    subject = "6 backup"
    if not Entreprise.objects.exists():
        yield Finding(subject, OK, "not needed: the directory is empty")
        return
    backup = manifest.newest(settings.BACKUP_DIR)
    if backup is None:
        why = "If the import goes wrong there is no way back."
        yield Finding(subject, ERROR, f"no whole one in {settings.BACKUP_DIR}", why, "manage.py backup")
        return
    age = f"{backup.name}, {_ago(backup.age)} old, {files.format_bytes(backup.bytes)}"
    if backup.age > BACKUP_AGE:
        yield Finding(subject, WARNING, age, "What changed since would be lost.", "manage.py backup")
    elif backup.drill is None or not backup.drill.held:
        problem = backup.drill.problem if backup.drill else "never restored"
        yield Finding(
            subject, WARNING, f"{age}: {problem}", "Only a restore shows that a backup is one.",
            "manage.py restore_drill",
        )  # fmt: skip
    else:
        yield Finding(subject, OK, f"{age}, restored in {backup.drill.seconds:,.0f} s when tried")


def _ago(age: timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else f"{age.total_seconds() / 3600:.0f} h"


def _follower() -> Iterator[Finding]:
    """The plan's workers: what brings the search index in sync with what the import changes."""
    subject = "7 index follower"
    if settings.SEARCH_ENGINE == "postgres":
        yield Finding(subject, OK, "not needed: PostgreSQL answers searches")
        return
    writer = IndexStorage(settings.SEARCH_INDEX_DIR).writer_pid()
    if writer:
        yield Finding(subject, OK, f"process {writer} keeps the search index in sync")
        return
    yield Finding(
        subject, WARNING, "nobody keeps the search index",
        "Searches would go on finding what was there before the import.", "manage.py search_catchup --follow",
    )  # fmt: skip


def _monitoring() -> Iterator[Finding]:
    """pg_stat_statements: loaded, made, and counting."""
    subject = "8 monitoring"
    loaded = "pg_stat_statements" in statement.value("SELECT current_setting('shared_preload_libraries')")
    made = statement.value("SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'")
    counting = statement.value("SELECT current_setting('pg_stat_statements.track', true)")
    why = "Without it nobody can say which query became slow."
    if not loaded:
        yield Finding(subject, WARNING, "pg_stat_statements is not loaded", why, "manage.py tune --apply")
    elif not made:
        fix = psql.statement("CREATE EXTENSION pg_stat_statements")
        yield Finding(subject, WARNING, "pg_stat_statements is not in this database", why, fix)
    elif counting == "none":
        fix = psql.typed("-c", "ALTER SYSTEM RESET pg_stat_statements.track", "-c", "SELECT pg_reload_conf()")
        yield Finding(subject, WARNING, "pg_stat_statements counts nothing", why, fix)
    else:
        counted = statement.value("SELECT count(*) FROM pg_stat_statements")
        yield Finding(subject, OK, f"pg_stat_statements has counted {counted:,} statements")


def _towns() -> Iterator[Finding]:
    """The import finds the town of a company among those that are there."""
    towns = Ville.objects.count()
    if towns:
        yield Finding("towns", OK, f"{towns:,}")
    else:
        yield Finding(
            "towns", WARNING, "none", "Companies would be loaded without the code of their town.",
            "manage.py import_villes laposte_hexasmal.csv",
        )  # fmt: skip
