"""Keeps the ledger of a run: ImportRun, ImportReject, and the rejects file."""

import csv
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from foxreviews.core.errors import UnwritableOutput
from foxreviews.importing.clean.rejects import Reject
from foxreviews.importing.models import ImportReject, ImportRun
from foxreviews.importing.options import Options
from foxreviews.importing.report import Report

Status = ImportRun.Status


class Ledger:
    """What a run writes down. A dry run has no ImportRun: it leaves only the files that were asked for."""

    def __init__(self, run: ImportRun | None, report: Report, rejects_file: "RejectsFile | None") -> None:
        self.run, self.report = run, report
        self._rejects_file = rejects_file

    def reject(self, rejects: Iterable[Reject]) -> None:
        """Count the rejected records and keep them."""
        rejects = list(rejects)
        reasons = self.report.rejects_by_reason
        for each in rejects:
            reasons[each.reason] = reasons.get(each.reason, 0) + 1
        self.report.rejected += len(rejects)
        self.keep(rejects)

    def keep(self, rejects: Sequence[Reject]) -> None:
        """Write down rejected records that are counted elsewhere."""
        for each in rejects:
            self.report.give_example(each)
        if self._rejects_file:
            self._rejects_file.write(rejects)
        if self.run:
            ImportReject.objects.bulk_create(
                (ImportReject(run=self.run, **asdict(each)) for each in rejects), batch_size=5_000
            )

    def finish(self) -> None:
        """The rows are in the directory: called in their transaction."""
        if self.run:
            self.run.status = Status.DONE
            self.save_report()

    def save_report(self) -> None:
        """Keep the counts and the time as they are now."""
        if self.run:
            self.run.finished_at = timezone.now()
            self.run.report = self.report.as_dict()
            self.run.save()


class RejectsFile:
    """The CSV that --rejects names: line, reason, column, raw, offset."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise UnwritableOutput(path, error) from error
        self._writer = csv.writer(self._file)
        self._writer.writerow(["line", "reason", "column", "raw", "offset"])

    def write(self, rejects: Iterable[Reject | ImportReject]) -> None:
        """Add the records."""
        self._writer.writerows(
            (each.line, each.reason, each.column, each.raw, each.offset) for each in rejects
        )

    def close(self) -> None:
        """End the file."""
        self._file.close()


@contextmanager
def open_ledger(options: Options, report: Report) -> Iterator[Ledger]:
    """The ledger of a run, which is marked as failed where the block raises."""
    with ExitStack() as closing:
        rejects_file = None
        if options.rejects_file:
            rejects_file = RejectsFile(options.rejects_file)
            closing.callback(rejects_file.close)
        if options.dry_run:
            yield Ledger(None, report, rejects_file)
            return
        started = time.monotonic()
        try:
            run = _start(options, report)
            if rejects_file and report.resumed_from is not None:
                rejects_file.write(run.rejects.iterator())
            yield Ledger(run, report, rejects_file)
        except BaseException:
            report.seconds = round(time.monotonic() - started, 2)
            _mark_as_failed(report)
            raise


def _start(options: Options, report: Report) -> ImportRun:
    # The lock is ours, so whoever is still marked as running was killed.
    ImportRun.objects.filter(status=Status.RUNNING).update(status=Status.FAILED, finished_at=timezone.now())
    if report.resumed_from is None:
        # A name of a file may be any bytes; Python gives those that are no text as lone surrogates.
        source = options.file.encode(errors="replace").decode()
        run = ImportRun.objects.create(source=source[:500])
        report.run_id = run.pk
        return run
    run = ImportRun.objects.get(pk=report.run_id or 0)
    run.status, run.finished_at = Status.RUNNING, None
    run.save()
    return run


def _mark_as_failed(report: Report) -> None:
    """Keep what was read, and that nothing came of it: whatever raised has undone the merge.

    The run that is marked as running is ours, as the lock is, however early it was told to stop.
    """
    if connection.connection is None or connection.connection.closed:
        return  # the next run will
    try:
        with transaction.atomic():
            ImportRun.objects.filter(status=Status.RUNNING).update(
                status=Status.FAILED,
                finished_at=timezone.now(),
                report=report.as_dict() | {"created": 0, "updated": 0, "unchanged": 0},
            )
    except DatabaseError:
        return  # the database has gone: the next run will
