"""Staging → directory, by sets, in one transaction. Idempotent: merging the same rows again finds nothing to do."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from psycopg import sql

from foxreviews.importing import checkpoint, indexes
from foxreviews.importing.errors import TooFewActive
from foxreviews.importing.job import Job
from foxreviews.importing.staging import Staging

FOLDER = Path(__file__).parent / "sql"
# Below this, inserting into the indexes is faster than dropping and building them.
FIRST_LOAD_ROWS = 20_000


def merge(job: Job) -> None:
    """Bring the staged companies into the directory, close the ledger, remove the staging table.

    Raises TooFewActive where the directory would lose more active companies than --min-ratio allows; nothing is
    merged then.
    """
    report = job.report
    with transaction.atomic():
        if job.staged >= FIRST_LOAD_ROWS and _lock_empty_table():
            with indexes.rebuilt():
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
    with _differences(job.staging) as (created, differing):
        job.report.created = created
        job.report.updated = differing if job.options.update_existing else 0
    _count_existing(job)
    job.report.close(job.seconds)


def _merge_differences(job: Job) -> None:
    with _differences(job.staging) as (_, differing):
        if differing and job.options.update_existing:
            active = _count_active()
            job.report.updated = _execute("update", job.staging)
            _refuse_too_few_active(job, active)
        job.report.created = _execute("insert", job.staging)


@contextmanager
def _differences(staging: Staging) -> Iterator[tuple[int, int]]:
    """Find the differences; how many companies are new, and how many differ."""
    with connection.cursor() as cursor:
        cursor.execute(_statement("find_differences", staging))
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


def _refuse_too_few_active(job: Job, before: int) -> None:
    after, least = _count_active(), job.options.min_ratio
    if not job.options.force and after < before * least:
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
