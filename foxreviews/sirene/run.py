"""The register, from its two stock files to the directory: legal units, head offices, one join, one merge.

Idempotent: run again, it writes nothing but the ledger. It does not go on in the middle: killed at any moment, the
directory is as it was (or wholly loaded, and indexes are built by the next run), and the same command starts over.
"""

from contextlib import ExitStack
from dataclasses import dataclass, replace

import polars as pl
from django.db import transaction

from foxreviews.core.prefetch import prefetch
from foxreviews.core.progress import Reporter
from foxreviews.importing.clean.cleaning import Cleaner
from foxreviews.importing.clean.rejects import rejects_of
from foxreviews.importing.clean.siren_bitmap import SeenSirens
from foxreviews.importing.demo_note import warn_of_demo
from foxreviews.importing.job import Job
from foxreviews.importing.ledger import Ledger, open_ledger
from foxreviews.importing.load.loading import Cleaned, clean, stage_good
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.options import Options
from foxreviews.importing.run import alone, finish, refuse_too_many_rejects, tell_ignored
from foxreviews.location.lookup import VilleLookup
from foxreviews.sirene import head_offices, legal_units
from foxreviews.sirene.communes import Communes
from foxreviews.sirene.layout import ESTABLISHMENTS, LEGAL_UNITS
from foxreviews.sirene.movements import Movements, read_movements
from foxreviews.sirene.report import Establishments, RegisterReport
from foxreviews.sirene.stock import Stock, open_stock
from foxreviews.sirene.tables import Tables

# Columns that an older vintage says nothing of, and the directory's columns that then stay as they are.
SILENT = {
    "activitePrincipaleNAF25UniteLegale": {"naf25_code"},
    head_offices.EAST: {"latitude", "longitude"},
    head_offices.NORTH: {"latitude", "longitude"},
}


@dataclass(frozen=True)
class Files:
    """The stock files, and INSEE's file of movements of communes where it is given."""

    legal_units: str
    establishments: str
    movements: str | None = None


def run(files: Files, options: Options, reporter: Reporter) -> RegisterReport:
    """Import the register.

    Raises UnreadableSource, WrongColumns, LockedError, TooManyRejects, TooFewActive, DatabaseGone; whatever it
    raises, the directory is as it was.
    """
    with alone("starts over"), ExitStack() as closing:
        warn_of_demo(reporter)
        units = closing.enter_context(open_stock(files.legal_units, LEGAL_UNITS))
        offices = closing.enter_context(open_stock(files.establishments, ESTABLISHMENTS))
        movements = read_movements(files.movements) if files.movements else Movements()
        for stock in (units, offices):
            tell_ignored(stock.columns, reporter)
        ignored = [*units.columns.ignored, *offices.columns.ignored]
        report = RegisterReport(dry_run=options.dry_run, ignored_columns=ignored)
        tables = Tables(_unsaid(units, offices), temporary=options.dry_run)
        communes = Communes(VilleLookup.load(), movements)
        with tables.made(), open_ledger(options, report) as ledger:
            job = Job(options, reporter, tables.companies, ledger)
            seen = _load_units(job, units, tables.units, communes)
            _load_offices(job, report.establishments, offices, Heads(tables.offices, seen), communes)
            with reporter.stage("Joining"):
                tables.join()
            finish(job)
    return report


def _unsaid(*stocks: Stock) -> set[str]:
    """The directory's columns that the files give no value to."""
    known = {name for stock in stocks for name in stock.columns.known}
    return {column for name, columns in SILENT.items() if name not in known for column in columns}


def _load_units(job: Job, stock: Stock, table: Staging, communes: Communes) -> SeenSirens:
    """Stage the legal units; returns which there are."""
    seen = SeenSirens()
    with job.reporter.stage("Legal units", stock.size) as stage:
        blocks = stock.blocks(job.options.max_rows)
        for cleaned in prefetch(clean(block, Cleaner(communes), legal_units.STEPS) for block in blocks):
            with transaction.atomic():
                stage_good(cleaned, table, seen, job.ledger)
            stage.advance(cleaned.block.records, stock.position())
    report = job.report
    refuse_too_many_rejects(
        job.options, report.rejected, report.records - report.blank, report.rejects_by_reason
    )
    return seen


class Heads:
    """Where head offices are staged: the first of each legal unit that is loaded."""

    def __init__(self, table: Staging, units: SeenSirens) -> None:
        self._table, self._units, self._seen = table, units, SeenSirens()

    def add(self, good: pl.DataFrame, counts: Establishments) -> None:
        """Stage the head offices of a block."""
        sirens = good["siren"].cast(pl.Int64).to_numpy()
        of_unit = self._units.holds(sirens)
        first = self._seen.first_time(sirens[of_unit])
        self._table.add(good.filter(of_unit).filter(first))
        counts.head_offices += int(first.sum())
        counts.duplicates += int((~first).sum())
        counts.without_unit += int((~of_unit).sum())


def _load_offices(job: Job, counts: Establishments, stock: Stock, heads: Heads, communes: Communes) -> None:
    with job.reporter.stage("Establishments", stock.size) as stage:
        blocks = stock.blocks(None)
        for cleaned in prefetch(clean(block, Cleaner(communes), head_offices.STEPS) for block in blocks):
            with transaction.atomic():
                _reject(cleaned, job.ledger, counts)
                heads.add(cleaned.good, counts)
            counts.records += cleaned.block.records
            counts.blank += cleaned.blank
            counts.secondary += cleaned.block.frame.height - cleaned.frame.height
            job.report.leave_out(cleaned.left_out)
            stage.advance(cleaned.block.records, stock.position())
    refuse_too_many_rejects(
        job.options, counts.rejected, counts.records - counts.blank, counts.rejects_by_reason
    )


def _reject(cleaned: Cleaned, ledger: Ledger, counts: Establishments) -> None:
    """Keep the rejected establishments beside the rejected units, under reasons of their own."""
    rejects = [
        replace(each, reason=f"etablissement-{each.reason}")
        for each in rejects_of(cleaned.block, cleaned.frame)
    ]
    for each in rejects:
        counts.rejects_by_reason[each.reason] = counts.rejects_by_reason.get(each.reason, 0) + 1
    counts.rejected += len(rejects)
    ledger.keep(rejects)
