"""The scaling plan's checklist before an import: each of its items checked, with the command that completes it."""

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
from foxreviews.core.sql import estimate, value
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.ledger import Report
from foxreviews.importing.run import Options, import_csv
from foxreviews.location.models import Ville
from foxreviews.ops import cache, doctor, indexes, replicas, server, sizes, tune
from foxreviews.ops.query_plans import check_queries
from foxreviews.ops.search_cluster import search_cluster
from foxreviews.search.cluster.reader import configured_storage
from foxreviews.search.index.storage import IndexStorage
from foxreviews.workers import status

OK, NOTE, WARNING, ERROR = Severity
DRY_RUN_RECORDS = 10_000  # records: the scaling plan's test
REJECTS_THRESHOLD = 0.01  # of the records
MAX_BACKUP_AGE = timedelta(days=7)
# What an import is slow without, and how far below its machine's value a setting is reported
LOAD_SETTINGS = ("shared_buffers", "effective_cache_size", "maintenance_work_mem", "max_wal_size")
MEMORY_THRESHOLD = 0.5


def preflight(file: str | None) -> Iterator[Finding]:
    """The eight items in the scaling plan's order, and what they take for granted."""
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "migrations": doctor.migrations,
        "partitions": doctor.partitions,
        "1 cursor pagination": _pagination,
        "2 indexes": _indexes,
        "3 dry run": partial(_dry_run, file),
        "5 memory": _memory,
        "6 backup": _backup,
        "7 index daemon": _daemon,
        "8 monitoring": _monitoring,
        "workers": status.check,
        "cache": cache.check,
        "towns": _towns,
        "replicas": replicas.check,
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
            "in foxreviews/api/entreprises/views.py: pagination_class = EnterpriseCursorPagination",
        )  # fmt: skip


def _indexes() -> Iterator[Finding]:
    """Each there and valid; where there are companies enough, each also used."""
    problems = [
        finding for finding in (*indexes.check_companies(), *check_queries()) if finding.severity > NOTE
    ]
    yield from problems
    if problems:
        return
    rows = estimate(indexes.TABLE)
    used = (
        "used by their queries" if rows >= sizes.MIN_ROWS else "whether they are used shows after the import"
    )
    yield Finding("2 indexes", OK, f"all there and valid, {used}")


def _dry_run(file: str | None) -> Iterator[Finding]:
    """The file's first records through the whole import, which is then rolled back; then the disk for all of them."""
    if file is None:
        why = "Whether the file can be read, and the disk has room for it, shows only with the file."
        yield Finding("3 dry run", WARNING, "no file named", why, "manage.py preflight FILE")
        yield _disk(0, 1.0)
        return
    try:
        options = Options(file=file, dry_run=True, max_rows=DRY_RUN_RECORDS, force=True)
        report = import_csv(options, Reporter(StringIO()))
        records = sizes.records_in(file)
    except FoxreviewsError as error:
        yield Finding(
            "3 dry run", ERROR, str(error), "The import would end so.", figures={"code": error.code}
        )
        return
    yield judge_dry_run(file, report)
    written = (report.created + report.updated) / max(report.records, 1)
    yield _disk(records, written)


def judge_dry_run(file: str, report: Report) -> Finding:
    """What the dry run of the first records says."""
    share = report.rejected / max(report.records, 1)
    found = (
        f"{report.records:,} records: {report.created:,} new, {report.updated:,} changed, "
        f"{report.unchanged:,} as they are, {report.rejected:,} rejected"
    )
    figures = {
        name: getattr(report, name) for name in ("records", "created", "updated", "unchanged", "rejected")
    }
    if share <= REJECTS_THRESHOLD:
        return Finding("3 dry run", OK, found, figures=figures)
    reasons = ", ".join(f"{reason} ({count:,})" for reason, count in report.rejects_by_reason.items())
    return Finding(
        "3 dry run", WARNING, found, f"Rejected because of {reasons}.",
        f"manage.py import_entreprises_bulk {file} --dry-run --max-rows {DRY_RUN_RECORDS} --rejects rejects.csv",
        figures,
    )  # fmt: skip


def _disk(records: int, written: float) -> Finding:
    """Free disk, and what this file will take; without a file, what the scaling plan asks for."""
    if not records:
        return sizes.check_disk(
            "4 disk", sizes.SCALING_PLAN_FREE, "for the scaling plan's 4,000,000", WARNING
        )
    about = int(float(f"{records:.2g}"))  # an estimate has two digits
    return sizes.check_disk(
        "4 disk", sizes.forecast(records).min_disk(written), f"for about {about:,} records"
    )


def _memory() -> Iterator[Finding]:
    """The server's memory settings, far below what its machine has."""
    subject = "5 memory"
    if not server.is_local():
        buffers = value("SHOW shared_buffers")
        yield Finding(
            subject, NOTE, f"shared_buffers = {buffers} on another machine",
            "The scaling plan asks for a quarter of its memory.", "manage.py tune --memory 16GB",
        )  # fmt: skip
        return
    advised = [each for each in tune.advice(tune.suited()) if each.name in LOAD_SETTINGS]
    low = [each for each in advised if is_low(each.now or "", each.wanted)]
    if low:
        found = ", ".join(f"{each.name} {each.now} (→ {each.wanted})" for each in low)
        why = "The import and every query after it have less memory than the machine has."
        yield Finding(subject, WARNING, found, why, "manage.py tune")
    else:
        found = ", ".join(f"{each.name} {each.now}" for each in advised[:2])
        yield Finding(subject, OK, found, figures={each.name: each.now for each in advised})


def is_low(now: str, wanted: str) -> bool:
    """Whether a size is less than half of what suits the machine."""
    has, suits = tune.amount(now), tune.amount(wanted)
    return has is not None and suits is not None and has < MEMORY_THRESHOLD * suits


def _backup() -> Iterator[Finding]:
    if not Entreprise.objects.exists():
        yield Finding("6 backup", OK, "not needed: the directory is empty")
        return
    backup = manifest.newest(settings.BACKUP_DIR)
    if backup is None:
        why = "If the import goes wrong there is no way back."
        yield Finding("6 backup", ERROR, f"no whole one in {settings.BACKUP_DIR}", why, "manage.py backup")
        return
    about = f"{backup.name}, {backup.companies:,} companies, {_ago(backup.age)} old, {files.format_bytes(backup.bytes)}"
    yield judge_backup(about, backup.age, backup.drill, backup.companies, estimate(indexes.TABLE))


def judge_backup(
    about: str, age: timedelta, drill: manifest.Drill | None, companies: int, now: int
) -> Finding:
    """Recent, restored once, and of this directory: of about as many companies as `now`, where that is known."""
    if now and not now / 2 <= companies <= now * 2:
        why = f"There are {now:,} companies now: it is of another directory, or of this one long ago."
        return Finding("6 backup", WARNING, about, why, "manage.py backup")
    if age > MAX_BACKUP_AGE:
        return Finding("6 backup", WARNING, about, "What changed since would be lost.", "manage.py backup")
    if drill is None or not drill.held:
        problem = drill.problem if drill else "never restored"
        why = "Only a restore proves a backup."
        return Finding("6 backup", WARNING, f"{about}: {problem}", why, "manage.py restore_drill")
    return Finding("6 backup", OK, f"{about}, restored in {drill.seconds:,.0f} s when tried")


def _ago(age: timedelta) -> str:
    return f"{age.days} days" if age.days > 1 else f"{age.total_seconds() / 3600:.0f} h"


def _daemon() -> Iterator[Finding]:
    """The scaling plan's workers: what brings the search index in sync with what the import changes."""
    subject = "7 index daemon"
    if settings.SEARCH_ENGINE == "postgres":
        yield Finding(subject, OK, "not needed: PostgreSQL answers searches")
        return
    is_cluster = settings.SEARCH_ENGINE == "opensearch"
    storage = configured_storage() if is_cluster else IndexStorage(settings.SEARCH_INDEX_DIR)
    if is_cluster:
        yield search_cluster()
    if writer := storage.writer_pid():
        who = "session" if is_cluster else "process"
        yield Finding(subject, OK, f"{who} {writer} keeps the search index in sync")
        return
    yield Finding(
        subject, WARNING, "no process keeps the search index in sync",
        "Searches would go on finding what was there before the import.", "manage.py search_catchup --follow",
    )  # fmt: skip


def _monitoring() -> Iterator[Finding]:
    """pg_stat_statements: loaded, made, and counting."""
    subject = "8 monitoring"
    made = value("SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'")
    counting = value("SELECT current_setting('pg_stat_statements.track', true)")
    why = "Without it the server does not know which query became slow."
    if (
        counting is None
    ):  # its settings are there where it is loaded; the list of libraries is not for every role
        yield Finding(subject, WARNING, "pg_stat_statements is not loaded", why, "manage.py tune")
    elif not made:
        fix = server.psql_statement("CREATE EXTENSION pg_stat_statements")
        yield Finding(subject, WARNING, "pg_stat_statements is not in this database", why, fix)
    elif counting == "none":
        fix = server.psql(
            "-c", "ALTER SYSTEM RESET pg_stat_statements.track", "-c", "SELECT pg_reload_conf()"
        )
        yield Finding(subject, WARNING, "pg_stat_statements counts nothing", why, fix)
    else:
        counted = value("SELECT count(*) FROM pg_stat_statements")
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
