"""What became of every record of a run: its counts, and the ledger that keeps them (ImportRun, ImportReject)."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from foxreviews.core import spreadsheet
from foxreviews.enterprise.dataset import note_change
from foxreviews.importing.clean.cleaning import Reject
from foxreviews.importing.clean.rejected import withhold
from foxreviews.importing.errors import TooManyRejects, UnbalancedRun
from foxreviews.importing.load.corrections import NOTHING, Corrected
from foxreviews.importing.models import REJECT_COLUMNS, ImportReject, ImportRun

EXAMPLE_CHARACTERS = 160  # of a rejected record: more than a line of a terminal
MAX_REJECT_RATE = 0.05
MIN_REJECTS = 20  # unless a rate is asked for, fewer rejects are no reason to refuse a small file
Status = ImportRun.Status


class Counts:
    """The counts of one file. Every one of its `records` is in exactly one of the `PARTS`."""

    PARTS: ClassVar[tuple[str, ...]]
    UNIT: ClassVar[str]
    records: int
    rejected: int
    blank: int
    skipped: int = 0
    rejects_by_reason: dict[str, int]

    @property
    def read(self) -> int:
        """The records that were looked at: neither blank nor skipped."""
        return self.records - self.blank - self.skipped

    def count_rejects(self, rejects: Iterable[Reject]) -> None:
        """Count the rejected records, by reason."""
        for each in rejects:
            self.rejected += 1
            self.rejects_by_reason[each.reason] = self.rejects_by_reason.get(each.reason, 0) + 1

    def refuse_too_many_rejects(self, max_reject_rate: float | None) -> None:
        """Raise TooManyRejects where more of the records that were read are rejected than --max-reject-rate allows."""
        if max_reject_rate is None:
            if self.rejected < MIN_REJECTS:
                return
            max_reject_rate = MAX_REJECT_RATE
        if not self.read or (rate := self.rejected / self.read) <= max_reject_rate:
            return
        reasons = ", ".join(f"{reason} ({count:,})" for reason, count in self.rejects_by_reason.items())
        raise TooManyRejects(
            f"{self.rejected:,} of {self.read:,} {self.UNIT} are rejected ({rate:.1%}, and --max-reject-rate is "
            f"{max_reject_rate:.0%}): {reasons}. Nothing was merged. Fix the file, or accept them by "
            f"--max-reject-rate {rate + 0.005:.2f}; --rejects FILE shows them."
        )

    def refuse_imbalance(self) -> None:
        """Raise UnbalancedRun where the parts do not add up to the records, or one of them is negative."""
        parts = [getattr(self, part) for part in self.PARTS]
        if sum(parts) != self.records or min(parts) < 0:
            raise UnbalancedRun(
                f"{self.records:,} {self.UNIT} were read but {sum(parts):,} accounted for: {self}. "
                "Nothing was kept; please report this with the file."
            )


@dataclass
class Report(Counts):
    """The counts of one run; `--report` writes them as JSON.

    Every record is in exactly one of created, updated, unchanged, duplicates (an earlier record of the file has
    its SIREN), rejected, blank, skipped (by --skip-rows, or already there under --skip-existing).
    """

    PARTS = ("created", "updated", "unchanged", "duplicates", "rejected", "blank", "skipped")
    UNIT = "records"
    records: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    blank: int = 0
    skipped: int = 0
    seconds: float = 0.0
    rows_per_second: int = 0
    resumed_from: int | None = None
    run_id: int | None = None
    dry_run: bool = False
    rejects_by_reason: dict[str, int] = field(default_factory=dict)
    reject_examples: dict[str, dict[str, Any]] = field(default_factory=dict)  # the first of each reason
    values_left_out_by_reason: dict[str, int] = field(default_factory=dict)
    values_kept_by_column: dict[str, int] = field(default_factory=dict)  # for want of a known one in the file
    values_emptied_by_column: dict[str, int] = field(default_factory=dict)
    # Of staff: values that stayed as they were corrected, and of how many companies; what the register says itself now;
    # what ends with companies that are not public any more; of how many of the kept ones the register says something
    # new; which ones, of some companies.
    corrections_kept_by_column: dict[str, int] = field(default_factory=dict)
    corrected_companies: int = 0
    corrections_closed_by_column: dict[str, int] = field(default_factory=dict)
    corrections_withheld_by_column: dict[str, int] = field(default_factory=dict)
    corrections_with_news: int = 0
    corrections_kept: list[str] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=dict)  # what Columns.as_dict gives
    encodings: dict[str, dict[str, int]] = field(default_factory=dict)  # lines that are not clean UTF-8

    @classmethod
    def resumed(cls, counts: Mapping[str, Any]) -> "Report":
        """The counts that an interrupted run has left, to be continued."""
        return cls(**{**counts, "resumed_from": counts["records"]})

    @property
    def author(self) -> str:
        """The import, in the trail of what staff corrected."""
        return f"import {self.run_id}"

    @property
    def staged(self) -> int:
        """How many companies are in the staging table before the merge, by the counts."""
        return self.records - self.blank - self.duplicates - self.rejected - self.skipped

    def explain_nothing(self) -> str:
        """Why no record is left to be loaded, in a sentence."""
        if not self.records:
            return "there is a header and no record below it."
        if not self.read:
            return f"none of its {self.records:,} records is left: {self.blank:,} blank, {self.skipped:,} skipped."
        reasons = ", ".join(f"{reason} ({count:,})" for reason, count in self.rejects_by_reason.items())
        first = next(iter(self.reject_examples.values()))
        return (
            f"all {self.rejected:,} records are rejected: {reasons}; the first is in line {first['line']:,}. "
            "--rejects FILE shows them."
        )

    def add_changes(
        self,
        created: int,
        updated: int,
        kept: Mapping[str, int],
        emptied: Mapping[str, int],
        corrected: Corrected = NOTHING,
        *,
        update_existing: bool,
    ) -> None:
        """Count what became of the staged companies; those that are neither new nor updated are there already."""
        self.values_kept_by_column, self.values_emptied_by_column = dict(kept), dict(emptied)
        self.corrections_kept_by_column, self.corrected_companies = dict(corrected.kept), corrected.companies
        self.corrections_closed_by_column = dict(corrected.closed)
        self.corrections_withheld_by_column = dict(corrected.withheld)
        self.corrections_with_news, self.corrections_kept = corrected.news, [*corrected.examples]
        existing = self.staged - created - updated
        self.created, self.updated = created, updated
        if update_existing:
            self.unchanged = existing
        else:
            self.skipped += existing

    def add_example(self, reject: Reject) -> None:
        """Keep the record where it is the first of its reason."""
        if reject.reason not in self.reject_examples:
            text = "".join(char if char.isprintable() else " " for char in reject.raw[:EXAMPLE_CHARACTERS])
            self.reject_examples[reject.reason] = {"line": reject.line, "column": reject.column, "raw": text}

    def add_left_out(self, counts: Mapping[str, int]) -> None:
        """Count values that were not kept, by reason."""
        for reason, count in counts.items():
            before = self.values_left_out_by_reason.get(reason, 0)
            self.values_left_out_by_reason[reason] = before + count

    def close(self, seconds: float) -> None:
        """Set the time and the rate. Raises UnbalancedRun where the counts do not add up to the records."""
        self.seconds = round(seconds, 2)
        self.rows_per_second = round(self.records / max(seconds, 0.001))
        self.refuse_imbalance()

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self)


class Ledger:
    """What a run writes down. A dry run has no ImportRun: it leaves only the files that were asked for."""

    def __init__(self, report: Report, rejects_file: spreadsheet.Writer | None) -> None:
        self.run: ImportRun | None = None
        self.report = report
        self._rejects_file = rejects_file
        self._started = time.monotonic()

    def start(self, source: str) -> None:
        """Make the run, or take up the one that the report continues, whose rejects go to the file again."""
        # This run holds the lock, so one that is still marked as running was killed.
        ImportRun.objects.filter(status=Status.RUNNING).update(
            status=Status.FAILED, finished_at=timezone.now()
        )
        if self.report.resumed_from is None:
            # A name of a file may be any bytes; Python gives those that are no text as lone surrogates.
            source = source.encode(errors="replace").decode()
            self.run = ImportRun.objects.create(source=source[:500])
            self.report.run_id = self.run.pk
            return
        self.run = ImportRun.objects.get(pk=self.report.run_id or 0)
        self.run.status, self.run.finished_at = Status.RUNNING, None
        self.run.save()
        if self._rejects_file:
            self._rejects_file.write(map(_line, self.run.rejects.iterator()))

    def reject(self, rejects: list[Reject], counts: Counts) -> None:
        """Count the rejected records and keep them, those of hidden companies without their text."""
        rejects = withhold(rejects)
        counts.count_rejects(rejects)
        for each in rejects:
            self.report.add_example(each)
        if self._rejects_file:
            self._rejects_file.write(map(_line, rejects))
        if self.run:
            ImportReject.objects.bulk_create(
                (ImportReject(run=self.run, **asdict(each)) for each in rejects), batch_size=5_000
            )

    def close(self) -> None:
        """Keep the counts, the time and that the run is done. Raises UnbalancedRun."""
        self.report.close(time.monotonic() - self._started)
        if self.run:
            self.run.status = Status.DONE
            self.run.finished_at = timezone.now()
            self.run.report = self.report.as_dict()
            self.run.save()
            note_change()  # pages say when an import last ended

    def fail(self) -> None:
        """Keep what was read, and that nothing was loaded: the exception has undone the merge.

        The run that is marked as running is this one, as it holds the lock, however early it was interrupted.
        """
        self.report.seconds = round(time.monotonic() - self._started, 2)
        nothing = {"created": 0, "updated": 0, "unchanged": 0}
        # Ctrl-C cancels the statement under way. Where that had ended, the cancellation hits the next one: this.
        for _ in range(2):
            if connection.connection is None or connection.connection.closed:
                return  # the next run will
            with suppress(DatabaseError), transaction.atomic():
                ImportRun.objects.filter(status=Status.RUNNING).update(
                    status=Status.FAILED, finished_at=timezone.now(), report=self.report.as_dict() | nothing
                )
                return


@contextmanager
def open_ledger(
    report: Report, source: str, rejects_path: Path | None, *, excel: bool = False
) -> Iterator[Ledger]:
    """The ledger of a run over the source, which is marked as failed where the block raises."""
    with _rejects_file(rejects_path, excel=excel) as rejects_file:
        ledger = Ledger(report, rejects_file)
        if report.dry_run:
            yield ledger
            return
        try:
            ledger.start(source)
            yield ledger
        except BaseException:
            ledger.fail()
            raise


@contextmanager
def _rejects_file(path: Path | None, *, excel: bool) -> Iterator[spreadsheet.Writer | None]:
    """The file of --rejects; None where it is not asked for."""
    if path is None:
        yield None
        return
    with spreadsheet.open_writer(path, REJECT_COLUMNS, excel=excel) as writer:
        yield writer


def _line(reject: Reject | ImportReject) -> tuple[int, str, str, str, int]:
    return reject.line, reject.reason, reject.column, reject.raw, reject.offset
