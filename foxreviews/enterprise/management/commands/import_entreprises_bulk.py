"""import_entreprises_bulk FILE: the plan's command; the work is in importing.pipeline."""

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import UsageError
from foxreviews.core.progress import Reporter, open_log
from foxreviews.importing import pipeline
from foxreviews.importing.options import Options
from foxreviews.importing.summary import print_summary


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _positive(text: str) -> int:
    if (number := _count(text)) == 0:
        raise ArgumentTypeError("must be at least 1")
    return number


def _fraction(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a number") from error
    if not 0 <= number <= 1:
        raise ArgumentTypeError(f"must be a fraction of 1 (0.05 is 5 %), not {text}")
    return number


class Command(BaseCommand):
    """Load companies from a CSV file."""

    help = (
        "Load companies from a CSV file: checked, without duplicates, written only where something changed."
    )
    examples = """
  manage.py import_entreprises_bulk data/entreprises.csv --dry-run --max-rows 10000
  manage.py import_entreprises_bulk data/entreprises.csv --report report.json --rejects rejects.csv
  zcat entreprises.csv.gz | manage.py import_entreprises_bulk -
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV (plain, .gz or .zip), or - for standard input")
        parser.add_argument(
            "--batch-size", type=_positive, default=1000, metavar="N",
            help="records sent to the database at once, at least; the loader sends about 40,000 where that is more",
        )  # fmt: skip
        parser.add_argument("--max-rows", type=_count, metavar="N", help="stop after N records")
        parser.add_argument(
            "--skip-rows", type=_count, default=0, metavar="N", help="pass over the first N records"
        )
        parser.add_argument("--dry-run", action="store_true", help="report what would be done, write nothing")
        existing = parser.add_mutually_exclusive_group()
        existing.add_argument(
            "--update-existing", action="store_true", dest="update_existing", default=True,
            help="bring known companies up to date (default)",
        )  # fmt: skip
        existing.add_argument(
            "--skip-existing",
            action="store_false",
            dest="update_existing",
            help="leave known companies as they are",
        )
        parser.add_argument(
            "--max-reject-rate",
            type=_fraction,
            metavar="R",
            help="refuse a file of which more is rejected (a fraction of 1; default 0.05, from 20 rejects on)",
        )
        parser.add_argument(
            "--min-ratio",
            type=_fraction,
            default=0.9,
            metavar="R",
            help="refuse a file that leaves fewer active companies than this part of today's (default 0.9)",
        )
        parser.add_argument("--force", action="store_true", help="merge also below --min-ratio")
        parser.add_argument(
            "--restart", action="store_true", help="start over, also where an interrupted import could go on"
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the counts as JSON")
        parser.add_argument("--rejects", type=Path, metavar="FILE", help="write the rejected records as CSV")

    def handle(self, *_args: Any, **options: Any) -> None:
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "import"))
        asked = Options(
            file=options["file"],
            batch_size=options["batch_size"],
            max_rows=options["max_rows"],
            skip_rows=options["skip_rows"],
            dry_run=options["dry_run"],
            update_existing=options["update_existing"],
            rejects_file=options["rejects"],
            max_reject_rate=options["max_reject_rate"],
            min_ratio=options["min_ratio"],
            force=options["force"],
            restart=options["restart"],
        )
        _keep_input(options["file"], options["report"], options["rejects"])
        if options["report"]:
            _write(options["report"], "")  # now rather than after the work
        report = pipeline.run(asked, reporter)
        if options["report"]:
            _write(options["report"], json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n")
        print_summary(report, asked, reporter)


def _keep_input(file: str, *outputs: Path | None) -> None:
    for path in outputs:
        if path and path.exists() and Path(file).exists() and path.samefile(file):
            raise UsageError(f"{path} is the file to be imported; name another one to write to.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The report cannot be written: {error}.") from error
