"""File → staging table, block by block; each block and what it counts in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from django.db import transaction

from foxreviews.core.prefetch import prefetch
from foxreviews.core.sources import Source
from foxreviews.importing.clean.cleaning import STEPS, Cleaner, Step
from foxreviews.importing.clean.places import Places
from foxreviews.importing.clean.rejects import rejects_of
from foxreviews.importing.clean.siren_bitmap import SeenSirens
from foxreviews.importing.job import Job
from foxreviews.importing.ledger import Ledger
from foxreviews.importing.load.checkpoint import Checkpoint, asked
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.read.blocks import Records, read_blocks
from foxreviews.importing.read.buffer import Buffer
from foxreviews.importing.read.header import Columns
from foxreviews.location.lookup import VilleLookup


@dataclass(frozen=True)
class Input:
    """The file of a run, open behind its header."""

    source: Source
    buffer: Buffer
    columns: Columns


@dataclass(frozen=True)
class Cleaned:
    """A block, what cleaning made of its frame, and how many values it has left out, by reason."""

    block: Records
    frame: pl.DataFrame
    left_out: Mapping[str, int]

    @property
    def good(self) -> pl.DataFrame:
        """The records that are neither blank nor rejected."""
        return self.frame.filter(~pl.col("blank") & pl.col("reject").is_null())

    @property
    def blank(self) -> int:
        """How many records are blank."""
        return self.block.blank + int(self.frame["blank"].sum())


def load(job: Job, file: Input) -> None:
    """Stage the records that are left. A run that is interrupted goes on behind the last block it committed."""
    _skip(job, file)
    left = job.options.max_rows
    if left is not None:
        left -= job.report.records - job.report.skipped
    places = Places(VilleLookup.load())
    seen = SeenSirens(job.staging.sirens())
    with job.reporter.stage("Reading, checking, staging", file.source.size) as stage:
        stage.resume(file.source.position())
        blocks = prefetch(read_blocks(file.buffer, file.columns, left, job.options.batch_size))
        for block, cleaned in prefetch((block, clean(block, Cleaner(places))) for block in blocks):
            with transaction.atomic():
                stage_good(cleaned, job.staging, seen, job.ledger)
                if not job.options.dry_run:
                    asking = asked(job.options, file.columns.names)
                    Checkpoint(asking, block.end, job.report.as_dict()).save()
            stage.advance(block.records, file.source.position())


def _skip(job: Job, file: Input) -> None:
    """Pass over the records that --skip-rows names, unless an earlier run has done so."""
    left = job.options.skip_rows - job.report.skipped
    for block in read_blocks(file.buffer, file.columns, left):
        job.report.records += block.records
        job.report.skipped += block.records


def clean(block: Records, cleaner: Cleaner, steps: Sequence[Step] = STEPS) -> Cleaned:
    """Take the block through the steps."""
    return Cleaned(block, cleaner.clean(block.frame, steps), cleaner.left_out)


def stage_good(cleaned: Cleaned, staging: Staging, seen: SeenSirens, ledger: Ledger) -> None:
    """Stage the good records of a block whose SIREN was not seen before, and count all of them."""
    report = ledger.report
    ledger.reject(rejects_of(cleaned.block, cleaned.frame))
    good = cleaned.good
    first = seen.first_time(good["siren"].cast(pl.Int64).to_numpy())
    staging.add(good.filter(first))
    report.records += cleaned.block.records
    report.blank += cleaned.blank
    report.duplicates += int((~first).sum())
    report.leave_out(cleaned.left_out)
