"""One import, from file to directory: read, clean, stage, merge.

Idempotent and resumable. The rows wait in a staging table, each block committed with the checkpoint that counts it;
they reach the directory in one transaction with the ledger. Killed while staging, the same command goes on behind
the last block; killed while merging, it merges again; killed while building indexes, it finds all companies
unchanged and builds the rest. Run again after success, it writes nothing but the ledger. Of two runs at once the
second is refused.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from foxreviews.core.locks import advisory_lock
from foxreviews.core.progress import Reporter
from foxreviews.core.sources import Source, open_source
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.demo_note import warn_of_demo
from foxreviews.importing.errors import DatabaseGone, InputChanged, TooManyRejects, UnbalancedRun
from foxreviews.importing.job import Job
from foxreviews.importing.ledger import open_ledger
from foxreviews.importing.load import checkpoint, leftovers, merge
from foxreviews.importing.load import secondary_indexes as indexes
from foxreviews.importing.load.loading import Input, load
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.models import ImportRun
from foxreviews.importing.options import Options
from foxreviews.importing.read.buffer import Buffer
from foxreviews.importing.read.header import Columns, first_line, read_header
from foxreviews.importing.report import Report

LOCK = "import_entreprises"
MOST_COLUMNS_TOLD = 8  # of those that are ignored; the report has all
# A killed command leaves its session behind, which holds our lock until the server notices.
NOTICE = "SET client_connection_check_interval = '200ms'"
PATIENCE = 0.7  # seconds to wait for such a lock
NICENESS = 5  # readers come first: the p95 of a company is 1.5 times what it is without an import, not 2.4
MAX_REJECT_RATE = 0.05
HANDFUL = 20  # rejects: unless a rate is asked for, fewer are no reason to refuse a small file


def run(options: Options, reporter: Reporter) -> Report:
    """Import the file.

    Raises UnreadableSource, WrongColumns, LockedError, TooManyRejects, TooFewActive, DatabaseGone; whatever it
    raises, the directory is as it was.
    """
    try:
        with alone("goes on where it stopped"):
            warn_of_demo(reporter)
            return _run_or_restart(options, reporter)
    except KeyboardInterrupt:
        if not options.dry_run:
            reporter.line("Stopped. Run the same command again: it goes on where this one stopped.")
        raise


def _run_or_restart(options: Options, reporter: Reporter) -> Report:
    try:
        return _run(options, reporter)
    except InputChanged:
        if not Path(options.file).is_file():
            raise  # standard input or a pipe: its beginning is gone
        reporter.line("The file is not the one of the interrupted import: starting from its beginning.")
        return _run(options.restarted(), reporter)


@contextmanager
def alone(next_time: str) -> Iterator[None]:
    """Hold the lock of imports, behind readers, with no table left of an import that was killed.

    `next_time` is what the command does once a lost database is back.

    Raises LockedError where another import runs, DatabaseGone where PostgreSQL fails the block, KeyboardInterrupt
    where it was told to stop.
    """
    os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    try:
        with connection.cursor() as cursor:
            cursor.execute(NOTICE)
        with advisory_lock(LOCK, message=_busy, timeout=PATIENCE):
            leftovers.remove()
            yield
    except Error as error:
        if _was_interrupted(error):
            raise KeyboardInterrupt from error
        if not isinstance(error, OperationalError | InterfaceError):
            raise
        raise DatabaseGone.because(
            error,
            "The directory is as it was before; once this is mended, run the same command again: "
            f"it {next_time}.",
        ) from error


def _was_interrupted(error: BaseException | None) -> bool:
    """Ctrl-C in the middle of a statement leaves a session of which nothing more can be asked, not even a rollback."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def _run(options: Options, reporter: Reporter) -> Report:
    with open_source(options.file) as source:
        buffer, columns = _read_header(source)
        tell_ignored(columns, reporter)
        resumed = _resume(options, columns, buffer)
        report = Report(dry_run=options.dry_run, ignored_columns=list(columns.ignored))
        if resumed:
            report = Report.resumed(resumed.report)
            reporter.line(
                f"Going on where run {report.run_id} stopped: {report.records:,} records are staged."
            )
        staging = Staging(_loaded_columns(columns), temporary=options.dry_run)
        if not resumed:
            _start_over(staging)
        with open_ledger(options, report) as ledger:
            job = Job(options, reporter, staging, ledger)
            load(job, Input(source, buffer, columns))
            refuse_too_many_rejects(
                options,
                report.rejected,
                report.records - report.blank - report.skipped,
                report.rejects_by_reason,
            )
            finish(job)
    return report


def _busy() -> str:
    first = ImportRun.objects.filter(status=ImportRun.Status.RUNNING).first()
    which = (
        f"run {first.pk} of {first.source}, started {timezone.localtime(first.started_at):%H:%M:%S %Z}"
        if first
        else "a dry run, or one that is just starting"
    )
    return (
        f"Another import is running: {which}. Wait for it to end; two at once would undo each other's work."
    )


def _read_header(source: Source) -> tuple[Buffer, Columns]:
    buffer = Buffer(source.read)
    return buffer, read_header(first_line(buffer, source.name))


def tell_ignored(columns: Columns, reporter: Reporter) -> None:
    """Say once which columns of the file are not loaded because nobody knows them."""
    if not columns.ignored:
        return
    shown = ", ".join(columns.ignored[:MOST_COLUMNS_TOLD])
    more = len(columns.ignored) - MOST_COLUMNS_TOLD
    reporter.line(f"Columns that are not ours, ignored: {shown}{f' and {more:,} more' if more > 0 else ''}.")


def _resume(options: Options, columns: Columns, buffer: Buffer) -> checkpoint.Checkpoint | None:
    """The checkpoint that this run continues, with the buffer brought to its place. Raises InputChanged."""
    if options.dry_run or options.restart:
        return None
    found = checkpoint.load()
    if found is None or found.asked != checkpoint.asked(options, columns.names):
        return None
    if not ImportRun.objects.filter(pk=found.report["run_id"]).exists():
        return None
    buffer.skip_to(found.place.offset)
    if buffer.digest != found.place.digest:
        raise InputChanged(
            "The input does not begin like that of the interrupted import. To start over: --restart."
        )
    buffer.line = found.place.line  # counted in pieces, a CR LF may have been cut in two
    return found


def _start_over(staging: Staging) -> None:
    """Both tables empty, at once: an old checkpoint beside a new staging table would count rows that are not there."""
    with transaction.atomic():
        staging.create()
        if not staging.temporary:
            checkpoint.create()


def _loaded_columns(columns: Columns) -> set[str]:
    """The directory's columns that the file gives a value to, itself or through its town and activity."""
    return {*columns.known, "code_commune", "departement", "naf_libelle"}


def refuse_too_many_rejects(options: Options, rejected: int, read: int, by_reason: Mapping[str, int]) -> None:
    """Raise TooManyRejects where more of the records that were read are rejected than --max-reject-rate allows."""
    most = options.max_reject_rate
    if most is None:
        if rejected < HANDFUL:
            return
        most = MAX_REJECT_RATE
    if read and rejected / read > most:
        reasons = ", ".join(f"{reason} ({count:,})" for reason, count in by_reason.items())
        raise TooManyRejects(
            f"{rejected:,} of {read:,} records are rejected ({rejected / read:.1%}, and "
            f"--max-reject-rate is {most:.0%}): {reasons}. Nothing was merged. Mend the file, or accept them by "
            f"--max-reject-rate {rejected / read + 0.005:.2f}; --rejects FILE shows them."
        )


def finish(job: Job) -> None:
    """Bring what is staged into the directory and its indexes; a dry run counts what that would do."""
    job.staging.analyze()
    _count_staged(job)
    if job.options.dry_run:
        with job.reporter.stage("Comparing"):
            merge.compare(job)
        job.staging.drop()
        return
    with job.reporter.stage("Merging"):
        merge.merge(job)
    try:
        _finish_indexes(job.reporter)
        job.report.close(job.seconds)
        job.ledger.save_report()
    except OperationalError as error:
        raise DatabaseGone.because(
            error,
            "All companies are loaded, but they are found slowly until all indexes are built; "
            "once this is mended, run the same command again: it builds them.",
        ) from error


def _count_staged(job: Job) -> None:
    """Hold the counts to the table: what they claim beyond it would pass for companies that are there already."""
    if (held := job.staging.count()) != job.staged:
        raise UnbalancedRun(
            f"{job.staged:,} companies should be staged, {held:,} are. Nothing was merged. Start over "
            "(import_entreprises_bulk does so with --restart), and please report this with the file."
        )


def _finish_indexes(reporter: Reporter) -> None:
    """Build what a first load has dropped, or an interrupted one has left unbuilt, and refresh the statistics."""
    if missing := indexes.missing():
        with reporter.stage("Building indexes", len(missing), "indexes") as stage:
            indexes.build(missing, lambda _: stage.advance(1))
    # Names want a large sample, which costs time for each column that is read with them (17 s for all of them).
    others = ", ".join(field.column for field in Entreprise._meta.concrete_fields if field.name != "nom")
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE enterprise_entreprise ({others})")
        cursor.execute("ANALYZE enterprise_entreprise (nom)")
