"""One import, from file to directory: read, clean, stage, merge.

The rows wait in an unlogged staging table and reach the directory in one transaction with the ledger. A run that
fails or is killed before has changed nothing, and the same command starts over; run again after success, it finds
every company unchanged and writes nothing but the ledger. Of two runs at once the second is refused.
"""

import time

import polars as pl
from django.db import connection, transaction
from django.utils import timezone

from foxreviews.core.locks import exclusive
from foxreviews.core.progress import Reporter
from foxreviews.importing import indexes, merge
from foxreviews.importing.blocks import read_blocks
from foxreviews.importing.cleaning import Cleaner
from foxreviews.importing.columns import Columns, read_header
from foxreviews.importing.errors import WrongColumns
from foxreviews.importing.ledger import Ledger, open_ledger
from foxreviews.importing.models import ImportRun
from foxreviews.importing.options import Options
from foxreviews.importing.places import Places
from foxreviews.importing.prefetch import prefetch
from foxreviews.importing.rejects import rejects_of
from foxreviews.importing.report import Report
from foxreviews.importing.seen import SeenSirens
from foxreviews.importing.sources import Source, open_source
from foxreviews.importing.staging import Staging
from foxreviews.importing.text import Buffer, decode
from foxreviews.location.lookup import VilleLookup

LOCK = "import_entreprises"
LONGEST_HEADER = 1 << 20  # bytes
# Below this, inserting into the indexes is faster than dropping and building them.
FIRST_LOAD_ROWS = 100_000


def run(options: Options, reporter: Reporter) -> Report:
    """Import the file. Raises UnreadableSource, WrongColumns, LockedError; whatever it raises, nothing was loaded."""
    started = time.monotonic()
    with exclusive(LOCK, busy=_busy()), open_source(options.file) as source:
        buffer, columns = _read_header(source)
        if columns.ignored:
            reporter.line(f"Columns that are not ours, ignored: {', '.join(columns.ignored)}.")
        report = Report(dry_run=options.dry_run, ignored_columns=list(columns.ignored))
        with open_ledger(options, report) as ledger:
            staging = Staging(_loaded_columns(columns), temporary=options.dry_run)
            with staging.open():
                _stage(options, source, buffer, columns, staging, ledger, reporter)
                _merge(options, staging, ledger, reporter, started)
        if not options.dry_run:
            _finish_indexes(reporter)
            report.close(time.monotonic() - started)
            ledger.save_report()
    return report


def _busy() -> str:
    first = ImportRun.objects.filter(status=ImportRun.Status.RUNNING).first()
    which = (
        f"run {first.pk} of {first.source}, started {timezone.localtime(first.started_at):%H:%M:%S}"
        if first
        else "one"
    )
    return (
        f"Another import is running ({which}). Wait for it to end; two at once would undo each other's work."
    )


def _read_header(source: Source) -> tuple[Buffer, Columns]:
    buffer = Buffer(source.read)
    buffer.fill(LONGEST_HEADER)
    if not buffer.data.strip():
        raise WrongColumns(f"{source.name} is empty.")
    header = buffer.data.splitlines(keepends=True)[0]
    return buffer, read_header(decode(buffer.take(len(header))))


def _loaded_columns(columns: Columns) -> set[str]:
    """The directory's columns that the file gives a value to, itself or through its town and activity."""
    return {*columns.known, "code_commune", "departement", "naf_libelle"}


def _stage(
    options: Options,
    source: Source,
    buffer: Buffer,
    columns: Columns,
    staging: Staging,
    ledger: Ledger,
    reporter: Reporter,
) -> None:
    report = ledger.report
    for block in read_blocks(buffer, columns, options.skip_rows) if options.skip_rows else ():
        report.records += block.records
        report.skipped += block.records
    cleaner = Cleaner(Places(VilleLookup.load()), report.values_left_out_by_reason)
    seen = SeenSirens()
    with reporter.stage("Reading, checking, staging", source.size) as stage:
        blocks = read_blocks(buffer, columns, options.max_rows, options.batch_size)
        position = source.position()
        for block, frame in prefetch((block, cleaner.clean(block.frame)) for block in blocks):
            ledger.reject(rejects_of(block, frame))
            good = frame.filter(~pl.col("blank") & pl.col("reject").is_null())
            first = seen.first_time(good["siren"].cast(pl.Int64).to_numpy())
            staging.add(good.filter(first))
            report.records += block.records
            report.blank += block.blank + int(frame["blank"].sum())
            report.duplicates += int((~first).sum())
            stage.advance(block.records, source.position() - position)
            position = source.position()


def _merge(options: Options, staging: Staging, ledger: Ledger, reporter: Reporter, started: float) -> None:
    report = ledger.report
    staged = report.records - report.blank - report.duplicates - report.rejected - report.skipped
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {staging.name}")
    if options.dry_run:
        with reporter.stage("Comparing"):
            report.created, report.updated = merge.compare(staging)
            report.updated *= options.update_existing
            _count_existing(options, report, staged)
            report.close(time.monotonic() - started)
        return
    with reporter.stage("Merging"), transaction.atomic():
        if staged >= FIRST_LOAD_ROWS and _lock_empty_table():
            indexes.drop_all()
            report.created = merge.insert_first(staging)
        else:
            report.updated = merge.update(staging) if options.update_existing else 0
            report.created = merge.insert(staging)
        _count_existing(options, report, staged)
        report.close(time.monotonic() - started)
        ledger.finish()


def _count_existing(options: Options, report: Report, staged: int) -> None:
    existing = staged - report.created - report.updated
    if options.update_existing:
        report.unchanged = existing
    else:
        report.skipped += existing


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


def _finish_indexes(reporter: Reporter) -> None:
    """Build what a first load has dropped, or an interrupted one has left unbuilt, and refresh the statistics."""
    if missing := indexes.missing():
        with reporter.stage("Building indexes", len(missing), "indexes") as stage:
            indexes.build(missing, lambda _: stage.advance(1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE enterprise_entreprise")
