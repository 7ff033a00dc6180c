"""The register, from its two stock files to the directory: legal units, head offices, one join, one merge.

Idempotent: run again, it writes nothing but the ledger. It does not continue in the middle: killed at any moment, the
directory is as it was (or completely loaded, and indexes are built by the next run), and the same command starts over.
"""

import math
import re
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl

from foxreviews.core.progress import Reporter
from foxreviews.importing.clean.cleaning import Cleaned, Reject
from foxreviews.importing.clean.places import Places
from foxreviews.importing.clean.siren_bitmap import SirenBitmap, Sirens
from foxreviews.importing.errors import UnknownNomenclature
from foxreviews.importing.ledger import open_ledger
from foxreviews.importing.load.merge import MAX_EMPTIED, MIN_EMPTIED
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.lock import import_lock
from foxreviews.importing.run import Options, Run, report_ignored_columns
from foxreviews.location.lookup import VilleLookup
from foxreviews.location.movements import Movements
from foxreviews.reading.blocks import Input
from foxreviews.reference.identifiers import SIREN_DIGITS
from foxreviews.sirene import head_offices, legal_units
from foxreviews.sirene.communes import Communes, read_movements
from foxreviews.sirene.gone import REPORT, Departures
from foxreviews.sirene.layout import ESTABLISHMENTS, LEGAL_UNITS
from foxreviews.sirene.report import Establishments, RegisterReport
from foxreviews.sirene.stock import open_stock
from foxreviews.sirene.tables import Tables

NINE_DIGITS = re.compile(rb"(?<![0-9])[0-9]{9}(?![0-9])")
# Columns that an older vintage lacks, and the directory's columns that then stay as they are.
ADDED_LATER = {
    head_offices.EAST: {"latitude", "longitude"},
    head_offices.NORTH: {"latitude", "longitude"},
}


class Files(NamedTuple):
    """The stock files, and INSEE's file of movements of communes where it is given."""

    legal_units: str
    establishments: str
    movements: str | None = None


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
        for stock in (units, offices):
            report_ignored_columns(stock.columns, reporter)
        ignored = [*units.columns.ignored, *offices.columns.ignored]
        report = RegisterReport(dry_run=options.dry_run, ignored_columns=ignored)
        tables = Tables(_absent_columns(units, offices), temporary=options.dry_run)
        places = Places(Communes.KEY, Communes(VilleLookup.load(), movements).find)
        ledgers = open_ledger(report, options.file, options.rejects_file, excel=options.excel)
        with tables.created(), ledgers as ledger:
            departures = Departures(gone, math.inf if options.force else max_gone)
            run = Run(replace(options, is_register=True), reporter, tables.companies, ledger)
            if options.max_rows is None:  # a part of the file lacks what it likes
                find = partial(_find_gone, report, departures)
                run = replace(run, before_merge=find, after_merge=departures.act)
            sirens = _stage_units(run, units, tables.units, places, departures.register)
            _stage_offices(run, report.establishments, offices, tables.offices, sirens, places)
            with reporter.stage("Joining"):
                tables.join()
            run.finish()
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


def _find_gone(report: RegisterReport, departures: Departures) -> None:
    report.gone = departures.find()


def _stage_units(run: Run, stock: Input, table: Staging, places: Places, named: SirenBitmap) -> SirenBitmap:
    """Stage the legal units; returns which there are. `named` gets them and those whose record is rejected."""
    sirens = SirenBitmap()

    def stage(cleaned: Cleaned) -> None:
        run.stage(cleaned, table, sirens)
        named.add(_named_in(cleaned))

    blocks = stock.blocks(run.options.max_rows)
    run.each_block("Legal units", stock, blocks, legal_units.STEPS, places, stage)
    run.report.refuse_too_many_rejects(run.options.max_reject_rate)
    unreadable = run.report.values_left_out_by_reason.get(legal_units.UNKNOWN_REASON, 0)
    refuse_unknown_nomenclature(unreadable, run.report.staged, run.options.limits.max_emptied)
    return sirens


def _stage_offices(
    run: Run, counts: Establishments, stock: Input, table: Staging, units: SirenBitmap, places: Places
) -> None:
    """Stage the first head office of each legal unit that is loaded."""
    sirens = SirenBitmap()

    def stage(cleaned: Cleaned) -> None:
        run.ledger.reject(_of_establishments(cleaned.rejects()), counts)
        good = cleaned.good
        numbers = good["siren"].cast(pl.Int64).to_numpy()
        of_unit = units.has(numbers)
        new = sirens.add(numbers[of_unit])
        table.add(good.filter(of_unit).filter(new))
        counts.records += cleaned.block.records
        counts.head_offices += int(new.sum())
        counts.duplicates += int((~new).sum())
        counts.without_unit += int((~of_unit).sum())
        counts.secondary += cleaned.block.frame.height - cleaned.frame.height
        counts.blank += cleaned.blank
        run.report.add_left_out(cleaned.left_out)

    run.each_block("Establishments", stock, stock.blocks(None), head_offices.STEPS, places, stage)
    counts.refuse_too_many_rejects(run.options.max_reject_rate)


def _named_in(cleaned: Cleaned) -> Sirens:
    """The SIREN of all records of a block: one that cannot be loaded is in the register all the same."""
    rows = cleaned.frame["siren"].filter(cleaned.frame["siren"].str.contains(SIREN_DIGITS))
    broken = (NINE_DIGITS.search(each.raw) for each in cleaned.block.malformed)
    numbers = [int(found[0]) for found in broken if found]
    return np.concatenate([rows.cast(pl.Int64).to_numpy(), np.array(numbers, np.int64)])


def _of_establishments(rejects: Iterable[Reject]) -> list[Reject]:
    """Under reasons of their own, next to those of units."""
    return [replace(each, reason=f"etablissement-{each.reason}") for each in rejects]
