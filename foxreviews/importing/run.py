"""One import, from file to directory: read, clean, stage, merge.

The way of a record: reading/blocks.py → clean/steps.py → load/staging.py (COPY) → load/merge.py (sql/insert_first.sql
into an empty table, else sql/insert.sql and sql/update.sql).

Idempotent and resumable. The rows wait in a staging table, each block committed with the checkpoint that counts it;
they reach the directory in one transaction with the ledger. Killed while staging, the same command continues after
the last block; killed while merging, it merges again; killed while building indexes, it finds all companies
unchanged and builds the rest. Run again after success, it writes nothing but the ledger. Of two runs at once the
second is refused.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import polars as pl
from django.db import OperationalError, transaction

from foxreviews.core.prefetch import prefetch
from foxreviews.core.progress import Reporter
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.clean import not_known
from foxreviews.importing.clean.activities import ACTIVITY
from foxreviews.importing.clean.cleaning import Cleaned, Step, clean
from foxreviews.importing.clean.places import POSTAL, Places
from foxreviews.importing.clean.siren_bitmap import SirenBitmap
from foxreviews.importing.clean.steps import STEPS
from foxreviews.importing.errors import DatabaseGone, InputChanged, NothingLoaded, UnbalancedRun
from foxreviews.importing.ledger import Ledger, Report, open_ledger
from foxreviews.importing.load import checkpoint, fictional, secondary_indexes, statistics
from foxreviews.importing.load import merge as merging
from foxreviews.importing.load.checkpoint import Checkpoint
from foxreviews.importing.load.merge import Limits
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.lock import import_lock
from foxreviews.importing.models import ImportRun
from foxreviews.location.lookup import VilleLookup
from foxreviews.reading.blocks import Block, CsvInput, Input, Records, open_csv
from foxreviews.reading.buffer import Buffer
from foxreviews.reading.header import Columns, find_header
from foxreviews.reading.transcoder import LOST_LETTERS, MISREAD

SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
ENCODING_NOTES = {
    MISREAD: "were UTF-8 read in another encoding and written again, and were mended",
    LOST_LETTERS: "hold letters that are lost (�): no such value is loaded",
}
MAX_COLUMNS_SHOWN = 8  # of those that are ignored; the report has all


@dataclass(frozen=True)
class Options:
    """One import of `file` (`-` is standard input): which records, whether to write, where rejects go."""

    file: str
    batch_size: int = 1000
    max_rows: int | None = None
    skip_rows: int = 0
    dry_run: bool = False
    update_existing: bool = True
    empty_overwrites: bool = False  # an empty cell empties what the directory has
    rejects_file: Path | None = None
    max_reject_rate: float | None = None  # of the records that were read; None: see Counts
    min_ratio: float = 0.9  # active companies after, of those before
    max_emptied: float | None = (
        None  # values that a column may lose, of the active companies; None: see Limits
    )
    force: bool = False
    restart: bool = False
    is_register: bool = False  # which alone may make public what was hidden
    mapping: Mapping[str, str] = field(default_factory=dict)  # our names for some of the file's columns
    encoding: str | None = None  # of the file; None: found out
    excel: bool = False  # whether the rejects file is for a spreadsheet

    @property
    def limits(self) -> Limits:
        """What the merge may do."""
        return Limits.none() if self.force else Limits(self.min_ratio, self.max_emptied)


def import_csv(options: Options, reporter: Reporter) -> Report:
    """Import the file.

    Raises UnreadableSource, WrongColumns, LockedError, TooManyRejects, FictionalAmongReal, TooFewActive,
    ColumnEmptied, DatabaseGone; whatever it raises, the directory is as it was.
    """
    try:
        with import_lock(retry_hint="it continues where it stopped"):
            try:
                return _import_csv(options, reporter)
            except InputChanged:
                if not Path(options.file).is_file():
                    raise  # standard input or a pipe: its beginning is gone
                reporter.line(
                    "The file is not the one of the interrupted import: starting from its beginning."
                )
                return _import_csv(replace(options, restart=True), reporter)
    except KeyboardInterrupt:
        if not options.dry_run:
            reporter.line("Stopped. Run the same command again: it continues where this one stopped.")
        raise


def _import_csv(options: Options, reporter: Reporter) -> Report:
    def match(buffer: Buffer, name: str) -> Columns:
        return find_header(buffer, name, options.mapping)

    with open_csv(options.file, match, options.encoding) as file:
        report_header(file.columns, reporter)
        report_ignored_columns(file.columns, reporter)
        # What must be the same for a run to continue another
        scope = {name: getattr(options, name) for name in ("skip_rows", "max_rows")}
        scope |= {"columns": [*file.columns.names], "not_known": not_known.BITS}
        staging = Staging(_loaded_columns(file.columns), temporary=options.dry_run)
        report = _resume(options, file, scope)
        if report:
            reporter.line(f"Continuing run {report.run_id}: {report.records:,} records are staged.")
        else:
            report = Report(dry_run=options.dry_run, ignored_columns=[*file.columns.ignored])
            _start_over(staging)
        report.header = file.columns.as_dict()
        with open_ledger(report, options.file, options.rejects_file, excel=options.excel) as ledger:
            run = Run(options, reporter, staging, ledger)
            run.skip(file)
            run.stage_csv(file, scope)
            report.encodings = {name: asdict(lines) for name, lines in file.text.found.items()}
            report_encodings(report, reporter)
            report.refuse_too_many_rejects(options.max_reject_rate)
            run.refuse_nothing()
            run.finish()
    return report


@dataclass(frozen=True)
class Run:
    """One import under way: its options, its ledger with the counts so far, the table in which it stages."""

    options: Options
    reporter: Reporter
    staging: Staging
    ledger: Ledger
    before_merge: Callable[[], None] = lambda: None  # in the merge's transaction, or a dry run's
    after_merge: Callable[[], None] = lambda: None

    @property
    def report(self) -> Report:
        """The counts so far."""
        return self.ledger.report

    def skip(self, file: CsvInput) -> None:
        """Pass over the records that --skip-rows names, unless an earlier run has done so."""
        for block in file.blocks(self.options.skip_rows - self.report.skipped):
            self.report.records += block.records
            self.report.skipped += block.records

    def stage_csv(self, file: CsvInput, scope: dict[str, Any]) -> None:
        """Stage the records that are left, each block in one transaction with the checkpoint behind it."""
        left = self.options.max_rows
        if left is not None:
            left -= self.report.records - self.report.skipped
        sirens = SirenBitmap(self.staging.sirens())

        def stage(cleaned: Cleaned) -> None:
            self.stage(cleaned, self.staging, sirens)
            if not self.options.dry_run:
                Checkpoint(scope, cast("Block", cleaned.block).end, self.report.as_dict()).save()

        blocks = prefetch(file.blocks(left, self.options.batch_size))
        self.each_block(
            "Reading, checking, staging",
            file,
            blocks,
            STEPS,
            Places(POSTAL, VilleLookup.load().resolve),
            stage,
        )

    def each_block(
        self,
        title: str,
        file: Input,
        blocks: Iterable[Records],
        steps: Iterable[Step],
        places: Places,
        stage_block: Callable[[Cleaned], None],
    ) -> None:
        """Clean the blocks, one ahead, and stage each in a transaction."""
        with self.reporter.stage(title, file.size) as stage:
            stage.resume(file.position())
            for cleaned in prefetch(clean(block, places, steps) for block in blocks):
                with transaction.atomic():
                    stage_block(cleaned)
                stage.advance(cleaned.block.records, file.position())

    def stage(self, cleaned: Cleaned, table: Staging, sirens: SirenBitmap) -> None:
        """Stage the good records of a block whose SIREN is new, and count all of them."""
        report, good = self.report, cleaned.good
        self.ledger.reject(cleaned.rejects(), report)
        new = sirens.add(good["siren"].cast(pl.Int64).to_numpy())
        table.add(good.filter(new))
        report.records += cleaned.block.records
        report.blank += cleaned.blank
        report.duplicates += int((~new).sum())
        report.add_left_out(cleaned.left_out)

    def refuse_nothing(self) -> None:
        """Raise NothingLoaded where no company is staged, unless --max-rows asks for none. Nothing is left behind."""
        report, options = self.report, self.options
        if report.staged or options.max_rows == 0:
            return
        with transaction.atomic():
            self.staging.drop()
            if not options.dry_run:
                checkpoint.drop()
        raise NothingLoaded(f"{options.file}: {report.explain_nothing()} Nothing was loaded.")

    def finish(self) -> None:
        """Bring what is staged into the directory and build its indexes; a dry run counts what that would do."""
        refuse_missing_rows(self.report.staged, self.staging.count())
        if not self.options.force:
            fictional.refuse_mixing_companies(self.staging)
        if self.options.dry_run:
            self._compare()
            return
        self._merge()
        try:
            self._build_indexes()
            self.ledger.close()
        except OperationalError as error:
            raise DatabaseGone.because(
                error,
                "All companies are loaded, but they are found slowly until all indexes are built; "
                "once this is fixed, run the same command again: it builds them.",
            ) from error

    def _compare(self) -> None:
        options = self.options
        with self.reporter.stage("Comparing"), transaction.atomic():
            self.before_merge()
            changes = merging.compare(
                self.staging,
                update_existing=options.update_existing,
                empty_overwrites=options.empty_overwrites,
                max_emptied=options.limits.max_emptied,
                is_register=options.is_register,
            )
        self.report.add_changes(*changes, update_existing=options.update_existing)
        self.ledger.close()
        self.staging.drop()

    def _merge(self) -> None:
        """Rows, ledger and the end of the staging table in one transaction."""
        options, report = self.options, self.report
        with self.reporter.stage("Merging"), transaction.atomic():
            self.before_merge()
            changes = merging.merge(
                self.staging,
                report.staged,
                update_existing=options.update_existing,
                empty_overwrites=options.empty_overwrites,
                limits=options.limits,
                is_register=options.is_register,
                author=report.author,
            )
            report.add_changes(*changes, update_existing=options.update_existing)
            self.after_merge()
            self.staging.drop()
            checkpoint.drop()
            self.ledger.close()

    def _build_indexes(self) -> None:
        """Build what a first load has dropped, or an interrupted one has left unbuilt, and refresh the statistics."""
        if missing := secondary_indexes.missing():
            with self.reporter.stage("Building indexes", len(missing), "indexes") as stage:

                def built(name: str, seconds: float) -> None:
                    self.reporter.seconds[name] = round(seconds, 3)
                    stage.advance(1)

                secondary_indexes.build(missing, built)
        changed = self.report.created + self.report.updated
        statistics.refresh(Entreprise, changed, rebuilt=bool(missing))


def report_header(columns: Columns, reporter: Reporter) -> None:
    """Say what was passed over to find the header, and what was read under another name."""
    if columns.above:
        titles = ", ".join(f"«{title}»" for title in columns.above if title) or "blank lines"
        reporter.line(f"The header is in line {columns.line}; passed over above it: {titles}.")
    if columns.taken:
        pairs = ", ".join(f"{ours} from «{name}»" for ours, name in columns.taken.items())
        reporter.line(f"Read as our columns: {pairs}.")
    if columns.above or columns.taken or columns.delimiter not in SEPARATORS:
        reporter.line(f"Separated by {SEPARATORS.get(columns.delimiter, columns.delimiter)}.")
    for name, ours in columns.second:
        instead = (
            f' To read it instead: --map "{name}={ours}"' if (name, ours) in columns.exchangeable else ""
        )
        reporter.line(f"Not read: «{name}», a second column for {ours}.{instead}")


def report_encodings(report: Report, reporter: Reporter) -> None:
    """Say which lines were not clean UTF-8, and what they were taken for."""
    for name, found in report.encodings.items():
        what = ENCODING_NOTES.get(name, f"are not UTF-8 and were read as {name}")
        reporter.line(f"From line {found['first_line']:,} on, {found['lines']:,} in all: lines that {what}.")
    if len(report.encodings.keys() - ENCODING_NOTES.keys()) > 1:
        reporter.line("The file mixes encodings: look whether accents are right, or name one by --encoding.")


def report_ignored_columns(columns: Columns, reporter: Reporter) -> None:
    """Say once which columns of the file are not known, and so not loaded."""
    if not columns.ignored:
        return
    shown = ", ".join(columns.ignored[:MAX_COLUMNS_SHOWN])
    more = len(columns.ignored) - MAX_COLUMNS_SHOWN
    reporter.line(f"Unknown columns, ignored: {shown}{f' and {more:,} more' if more > 0 else ''}.")
    for name, ours in columns.likely.items():
        reporter.line(f'Did you mean {ours} by {name}? Then: --map "{name}={ours}"')


def refuse_missing_rows(counted: int, staged: int) -> None:
    """Raise UnbalancedRun where the table does not hold what was counted: the rest would count as unchanged."""
    if staged != counted:
        raise UnbalancedRun(
            f"{counted:,} companies should be staged, {staged:,} are. Nothing was merged. Start over "
            "(import_entreprises_bulk does so with --restart), and please report this with the file."
        )


def _resume(options: Options, file: CsvInput, scope: dict[str, Any]) -> Report | None:
    """The counts of the run that this one continues, with the file brought to its place. Raises InputChanged."""
    if options.dry_run or options.restart:
        return None
    found = checkpoint.load()
    if found is None or found.scope != scope:
        return None
    if not ImportRun.objects.filter(pk=found.report["run_id"]).exists():
        return None
    file.buffer.skip_to(found.place.offset)
    if file.buffer.digest != found.place.digest:
        raise InputChanged(
            "The input does not begin like that of the interrupted import. To start over: --restart."
        )
    file.buffer.line = found.place.line  # counted in pieces, a CR LF may have been cut in two
    return Report.resumed(found.report)


def _start_over(staging: Staging) -> None:
    """Both tables empty, at once: an old checkpoint with a new staging table would count rows that are not there."""
    with transaction.atomic():
        staging.create()
        if not staging.temporary:
            checkpoint.create()


def _loaded_columns(columns: Columns) -> set[str]:
    """The directory's columns that the file gives a value to, itself or through its town and activity."""
    derived = {"effectif": "tranche_effectif", "siret": "siren", "etat_administratif": "is_active"}
    given = {*columns.known, *(derived[name] for name in columns.known if name in derived)}
    return {*given, "code_commune", "departement", *ACTIVITY}
