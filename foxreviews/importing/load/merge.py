"""Staging → directory, by sets, in one transaction. Idempotent: merging the same rows again finds nothing to do."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from psycopg import sql

from foxreviews.importing.errors import TooFewActive
from foxreviews.importing.job import Job
from foxreviews.importing.load import checkpoint
from foxreviews.importing.load import secondary_indexes as indexes
from foxreviews.importing.load.staging import Staging

FOLDER = Path(__file__).parent / "sql"
# Below this, inserting into the indexes is faster than dropping and building them.
FIRST_LOAD_ROWS = 20_000
# The join of 4,000,000 staged rows with the directory: 18.6 s in 64 MB, on disk and on one core; 7.6 s in 256 MB, which
# a server with 4 GB of shared buffers has.
ROOM_TO_JOIN = """
SELECT set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')),
                                       pg_size_bytes(current_setting('shared_buffers')) / 16) / 1024 || 'kB', true)
"""


def merge(job: Job) -> None:
    """Bring the staged companies into the directory, close the ledger, remove the staging table.

    Raises TooFewActive where the directory would lose more active companies than --min-ratio allows; nothing is
    merged then.
    """
    report = job.report
    with transaction.atomic():
        if job.staged >= FIRST_LOAD_ROWS and _lock_empty_table():
            with indexes.rebuilt(), _change_log_off():
                report.created = _execute("insert_first", job.staging)
        else:
            _merge_differences(job)
        _count_existing(job)
        report.close(job.seconds)
        job.staging.drop()
        checkpoint.drop()
        job.ledger.finish()


def compare(job: Job) -> None:
    """Count what a merge would do, for a dry run."""
    with transaction.atomic(), _differences(job.staging) as (created, differing):
        job.report.created = created
        job.report.updated = differing if job.options.update_existing else 0
    _count_existing(job)
    job.report.close(job.seconds)


def _merge_differences(job: Job) -> None:
    with _differences(job.staging) as (_, differing):
        if differing and job.options.update_existing:
            _refuse_too_few_active(job)
            job.report.updated = _execute("update", job.staging)
        job.report.created = _execute("insert", job.staging)


@contextmanager
def _differences(staging: Staging) -> Iterator[tuple[int, int]]:
    """Find the differences; how many companies are new, and how many differ."""
    with connection.cursor() as cursor:
        cursor.execute(ROOM_TO_JOIN)
        cursor.execute(_statement("find_differences", staging))
        cursor.execute(
            "ANALYZE importing_difference"
        )  # else an update of a few rows reads the whole directory
        cursor.execute("SELECT count(*) - count(kept_id), count(kept_id) FROM importing_difference")
        yield cursor.fetchone()
        cursor.execute("DROP TABLE importing_difference")


def _count_existing(job: Job) -> None:
    existing = job.staged - job.report.created - job.report.updated
    if job.options.update_existing:
        job.report.unchanged = existing
    else:
        job.report.skipped += existing


def _count_active() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enterprise_entreprise WHERE is_active")
        return int(cursor.fetchone()[0])


def _active_change() -> int:
    """How many more companies are active after the update than before it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(staged.is_active::int - kept.is_active::int), 0) FROM importing_difference AS staged "
            "JOIN enterprise_entreprise AS kept ON kept.id = staged.kept_id"
        )
        return int(cursor.fetchone()[0])


def _refuse_too_few_active(job: Job) -> None:
    """Raises TooFewActive. The whole directory is counted only where the file ends some of its companies."""
    if job.options.force or "is_active" not in job.staging.columns or (change := _active_change()) >= 0:
        return
    before = _count_active()
    after, least = before + change, job.options.min_ratio
    if after < before * least:
        raise TooFewActive(
            f"{before:,} companies are active; this file would leave {after:,} ({after / before:.1%}, and "
            f"--min-ratio is {least:.0%}). Nothing was merged. Is it the right and whole file? "
            "If so, run the same command with --force."
        )


def _lock_empty_table() -> bool:
    """Whether the directory is empty; if so nobody else reads or writes it until the transaction ends.

    Emptied once more, it is written without a write-ahead log where wal_level is minimal.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM enterprise_entreprise)")
        if cursor.fetchone()[0]:
            return False
        cursor.execute("LOCK TABLE enterprise_entreprise IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SELECT EXISTS (SELECT FROM enterprise_entreprise)")
        if cursor.fetchone()[0]:
            return False
        cursor.execute("TRUNCATE enterprise_entreprise")
    return True


@contextmanager
def _change_log_off() -> Iterator[None]:
    """Note no single company for the search indexes: that the table was emptied has told them that all is new.

    The trigger sees a copy of every row: 4,000,000 rows were kept for it, to find that they are too many.
    """
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE enterprise_entreprise DISABLE TRIGGER search_change_insert")
        yield
        cursor.execute("ALTER TABLE enterprise_entreprise ENABLE TRIGGER search_change_insert")


def _execute(name: str, staging: Staging) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_statement(name, staging))
        return int(cursor.rowcount)


def _statement(name: str, staging: Staging) -> str:
    columns = [column for column in staging.columns if column != "siren"]
    statement = sql.SQL((FOLDER / f"{name}.sql").read_text()).format(
        staging=sql.Identifier(staging.name),
        columns=_listed(columns),
        kept_columns=_listed(columns, "kept"),
        staged_columns=_listed(columns, "staged"),
    )
    return statement.as_string(connection.connection)


def _listed(columns: Sequence[str], table: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.Identifier(table, column) if table else sql.Identifier(column) for column in columns
    )
