"""The register, from its two stock files to the directory: legal units, head offices, one join, one merge.

Idempotent: run again, it writes nothing but the ledger. It does not continue in the middle: killed at any moment, the
directory is as it was (or completely loaded, and indexes are built by the next run), and the same command starts over.
"""

import math
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import polars as pl

from foxreviews.core.progress import Reporter
from foxreviews.enterprise import comptages
from foxreviews.enterprise.models import Etablissement
from foxreviews.enterprise.privacy import PUBLIC
from foxreviews.importing.clean.cleaning import Cleaned, Reject
from foxreviews.importing.clean.places import Places
from foxreviews.importing.clean.siren_bitmap import SirenBitmap, Sirens
from foxreviews.importing.errors import UnknownNomenclature
from foxreviews.importing.ledger import open_ledger
from foxreviews.importing.load import corrections, etablissements, statistics
from foxreviews.importing.load.merge import MAX_EMPTIED, MIN_EMPTIED
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.lock import import_lock
from foxreviews.importing.run import Options, Run, report_ignored_columns
from foxreviews.location.lookup import VilleLookup
from foxreviews.location.movements import Movements
from foxreviews.reading.blocks import Input
from foxreviews.reference.identifiers import SIREN_DIGITS
from foxreviews.sirene import establishments, legal_units, linking, nomenclature
from foxreviews.sirene.communes import Communes, read_movements
from foxreviews.sirene.gone import REPORT, Departures
from foxreviews.sirene.layout import ESTABLISHMENTS, LEGAL_UNITS
from foxreviews.sirene.report import Establishments, RegisterReport
from foxreviews.sirene.stock import open_stock
from foxreviews.sirene.tables import Tables

NINE_DIGITS = re.compile(rb"(?<![0-9])[0-9]{9}(?![0-9])")
# Columns that an older vintage lacks, and the directory's columns that then stay as they are.
ADDED_LATER = {
    establishments.EAST: {"latitude", "longitude"},
    establishments.NORTH: {"latitude", "longitude"},
}


class Files(NamedTuple):
    """The stock files, and those of INSEE's other files that are given."""

    legal_units: str
    establishments: str
    movements: str | None = None
    successions: str | None = None
    doublons: str | None = None
    historique: str | None = None


def import_register(
    files: Files, options: Options, reporter: Reporter, *, gone: str = REPORT, max_gone: float | None = None
) -> RegisterReport:
    """Import the register. `gone` is what becomes of companies that are no longer in it (see sirene.gone).

    Raises UnreadableSource, WrongColumns, LockedError, TooManyRejects, UnknownNomenclature, TooManyGone,
    FictionalAmongReal, TooFewActive, ColumnEmptied, DatabaseGone; whatever it raises, the directory is as it was.
    """
    with import_lock(retry_hint="it starts over"), ExitStack() as stack:
        units = stack.enter_context(open_stock(files.legal_units, LEGAL_UNITS))
        offices = stack.enter_context(open_stock(files.establishments, ESTABLISHMENTS))
        movements = read_movements(files.movements) if files.movements else Movements()
        others = linking.opened(stack, files, dry_run=options.dry_run)
        stocks = (units, offices, *(link.stock for link in others))
        for stock in stocks:
            report_ignored_columns(stock.columns, reporter)
        ignored = [name for stock in stocks for name in stock.columns.ignored]
        report = RegisterReport(dry_run=options.dry_run, ignored_columns=ignored, stages=reporter.seconds)
        tables = Tables(_absent_columns(units, offices), temporary=options.dry_run)
        places = Places(Communes.KEY, Communes(VilleLookup.load(), movements).find)
        ledgers = open_ledger(report, options.file, options.rejects_file, excel=options.excel)
        with tables.created(), ledgers as ledger:
            departures = Departures(gone, math.inf if options.force else max_gone)
            run = Run(replace(options, is_register=True), reporter, tables.companies, ledger)
            whole = departures if options.max_rows is None else None
            merging = _Merging(report, reporter, whole, tables.establishments, others)
            run = replace(run, before_merge=merging.before, after_merge=merging.after)
            staged = _stage_units(run, units, tables.units, places, departures.register)
            _stage_establishments(run, report.establishments, offices, tables, staged, places)
            for link in others:
                report.links[link.kind.name] = link.counts
                link.stage(run, places, staged.all)
            tables.companies.staged()
            run.finish()
            if not options.dry_run:
                changed = report.establishments.created + report.establishments.updated
                statistics.refresh(Etablissement, changed)
                if comptages.is_due():
                    reporter.line("Counting establishments")  # the report is in the ledger already
                    comptages.refresh()
    return report


def refuse_unknown_nomenclature(unreadable: int, units: int, max_emptied: float | None) -> None:
    """Raise UnknownNomenclature where more codes are of one than --max-emptied of the units; see refuse_emptied."""
    if unreadable > units * (MAX_EMPTIED if max_emptied is None else max_emptied) and (
        unreadable >= MIN_EMPTIED or max_emptied is not None
    ):
        raise UnknownNomenclature(
            f"{legal_units.NOMENCLATURE} names a nomenclature that is not known, for {unreadable:,} of {units:,} units "
            "whose codes are neither of NAF rév. 2 nor of NAF 2025. Nothing was merged. Update foxreviews, or load the "
            "register without these codes: run the same command with --force."
        )


def _absent_columns(*stocks: Input) -> set[str]:
    """The directory's columns that the files give no value to."""
    known = {name for stock in stocks for name in stock.columns.known}
    return {column for name, columns in ADDED_LATER.items() if name not in known for column in columns}


@dataclass(frozen=True)
class _Merging:
    """What is done in the transaction that merges the companies, or compares them in a dry run.

    `departures` None: only a part of the file is read, which lacks what it likes.
    """

    report: RegisterReport
    reporter: Reporter
    departures: Departures | None
    staging: Staging
    links: Sequence[linking.Link] = ()

    def before(self) -> None:
        if self.departures:
            self.report.gone = self.departures.find()
        if self.report.dry_run:
            corrections.withhold_establishments(self.staging)
            self.report.establishments.add_changes(*etablissements.compare(self.staging))
            for link in self.links:
                link.compare()

    def after(self) -> None:
        if self.departures:
            self.departures.act(self.report.author)
        counts = self.report.establishments
        with self.reporter.timed(etablissements.TABLE):
            corrections.withhold_establishments(self.staging)
            counts.add_changes(*etablissements.merge(self.staging, counts.loaded))
        if counts.created or counts.updated or (self.report.gone and self.report.gone.changed):
            comptages.note_change()
        for link in self.links:
            with self.reporter.timed(link.kind.model._meta.db_table):
                link.merge(partial=self.departures is None)


class Units(NamedTuple):
    """The legal units that are staged, and which of them are not public."""

    all: SirenBitmap
    partial: SirenBitmap


def _stage_units(run: Run, stock: Input, table: Staging, places: Places, named: SirenBitmap) -> Units:
    """Stage the legal units; returns which there are. `named` gets them and those whose record is rejected."""
    sirens, withheld = Units(SirenBitmap(), SirenBitmap())

    def stage(cleaned: Cleaned) -> None:
        run.stage(cleaned, table, sirens)
        partial = cleaned.good.filter(pl.col("statut_diffusion") != PUBLIC)
        withheld.add(partial["siren"].cast(pl.Int64).to_numpy())
        named.add(_named_in(cleaned))

    blocks = stock.blocks(run.options.max_rows)
    run.each_block("Legal units", stock, blocks, legal_units.STEPS, places, stage)
    run.report.refuse_too_many_rejects(run.options.max_reject_rate)
    unreadable = run.report.values_left_out_by_reason.get(nomenclature.UNKNOWN_REASON, 0)
    refuse_unknown_nomenclature(unreadable, run.report.staged, run.options.limits.max_emptied)
    return Units(sirens, withheld)


def _stage_establishments(
    run: Run, counts: Establishments, stock: Input, tables: Tables, units: Units, places: Places
) -> None:
    """Stage the establishments of the legal units that are loaded, and the first head office of each."""
    heads, last, ascending = SirenBitmap(), 0, True

    def stage(cleaned: Cleaned) -> None:
        nonlocal last, ascending
        run.ledger.reject(_of_establishments(cleaned.rejects()), counts)
        good = cleaned.good
        numbers = good["siren"].cast(pl.Int64).to_numpy()
        of_unit, is_head = units.all.has(numbers), good["est_siege"].to_numpy()
        first = of_unit & is_head
        first[first] = heads.add(numbers[first])
        kept = of_unit & (first | ~is_head)
        # A closed establishment employs nobody, whatever its last letter.
        employs = good.with_columns(pl.col("est_employeur") & pl.col("is_active"))
        tables.offices.add(employs.filter(first))
        others = employs.filter(pl.col("est_employeur") & pl.lit(of_unit & ~is_head)).select("siren").unique()
        if others.height:
            tables.employers.add(others)
        partial_unit = pl.Series(units.partial.has(numbers))
        tables.establishments.add(establishments.withheld(good, partial_unit).filter(kept))
        sirets = good["siret"].filter(kept).cast(pl.Int64).to_numpy()
        ascending = ascending and bool((np.diff(sirets, prepend=last) > 0).all())
        last = max(last, int(sirets.max(initial=0)))
        counts.records += cleaned.block.records
        counts.head_offices += int(first.sum())
        counts.secondary += int((of_unit & ~is_head).sum())
        counts.duplicates += int((of_unit & is_head & ~first).sum())
        counts.without_unit += int((~of_unit).sum())
        counts.blank += cleaned.blank
        run.report.add_left_out(cleaned.left_out)

    run.each_block("Establishments", stock, stock.blocks(None), establishments.STEPS, places, stage)
    counts.refuse_too_many_rejects(run.options.max_reject_rate)
    if not ascending:  # INSEE's file is; only of another may two records have one SIRET
        repeated = etablissements.drop_repeated(tables.establishments)
        counts.duplicates += repeated
        counts.secondary -= repeated


def _named_in(cleaned: Cleaned) -> Sirens:
    """The SIREN of all records of a block: one that cannot be loaded is in the register all the same."""
    rows = cleaned.frame["siren"].filter(cleaned.frame["siren"].str.contains(SIREN_DIGITS))
    broken = (NINE_DIGITS.search(each.raw) for each in cleaned.block.malformed)
    numbers = [int(found[0]) for found in broken if found]
    return np.concatenate([rows.cast(pl.Int64).to_numpy(), np.array(numbers, np.int64)])


def _of_establishments(rejects: Iterable[Reject]) -> list[Reject]:
    """Under reasons of their own, next to those of units."""
    return [replace(each, reason=f"etablissement-{each.reason}") for each in rejects]
