"""File → staging table, block by block; each block and what it counts in one transaction."""

from dataclasses import dataclass

import polars as pl
from django.db import transaction

from foxreviews.core.sources import Source
from foxreviews.importing.blocks import Block, read_blocks
from foxreviews.importing.checkpoint import Checkpoint, asked
from foxreviews.importing.cleaning import Cleaner
from foxreviews.importing.columns import Columns
from foxreviews.importing.job import Job
from foxreviews.importing.places import Places
from foxreviews.importing.prefetch import prefetch
from foxreviews.importing.rejects import rejects_of
from foxreviews.importing.seen import SeenSirens
from foxreviews.importing.text import Buffer
from foxreviews.location.lookup import VilleLookup


@dataclass(frozen=True)
class Input:
    """The file of a run, open behind its header."""

    source: Source
    buffer: Buffer
    columns: Columns


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
        blocks = read_blocks(file.buffer, file.columns, left, job.options.batch_size)
        for block, cleaner, frame in prefetch(_clean(block, places) for block in blocks):
            with transaction.atomic():
                _stage(job, seen, block, cleaner, frame)
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


def _clean(block: Block, places: Places) -> tuple[Block, Cleaner, pl.DataFrame]:
    cleaner = Cleaner(places)
    return block, cleaner, cleaner.clean(block.frame)


def _stage(job: Job, seen: SeenSirens, block: Block, cleaner: Cleaner, frame: pl.DataFrame) -> None:
    report = job.report
    job.ledger.reject(rejects_of(block, frame))
    good = frame.filter(~pl.col("blank") & pl.col("reject").is_null())
    first = seen.first_time(good["siren"].cast(pl.Int64).to_numpy())
    job.staging.add(good.filter(first))
    report.records += block.records
    report.blank += block.blank + int(frame["blank"].sum())
    report.duplicates += int((~first).sum())
    for reason, count in cleaner.left_out.items():
        left_out = report.values_left_out_by_reason
        left_out[reason] = left_out.get(reason, 0) + count
