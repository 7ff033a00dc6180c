"""The body of import_entreprises_bulk, whose address in enterprise/management the scaling plan fixes."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.progress import Reporter, open_log
from foxreviews.importing import run
from foxreviews.importing.arguments import add_limits, add_outputs, count, positive
from foxreviews.importing.options import Options
from foxreviews.importing.outputs import prepare, write_report
from foxreviews.importing.summary import print_summary


class Command(BaseCommand):
    """Load companies from a CSV file."""

    help = (
        "Load companies from a CSV file: checked, without duplicates, written only where something changed."
    )
    examples = """
  manage.py import_entreprises_bulk entreprises.csv --dry-run --max-rows 10000
  manage.py import_entreprises_bulk entreprises.csv --rejects rejects.csv
  zcat entreprises.csv.gz | manage.py import_entreprises_bulk -
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV (plain, .gz or .zip), or - for standard input")
        parser.add_argument(
            "--batch-size", type=positive, default=1000, metavar="N",
            help="records sent to the database at once, at least; the loader sends about 40,000 where that is more",
        )  # fmt: skip
        parser.add_argument(
            "--skip-rows", type=count, default=0, metavar="N", help="pass over the first N records"
        )
        add_limits(parser)
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
            "--restart", action="store_true", help="start over, also where an interrupted import could go on"
        )
        add_outputs(parser)

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
        prepare([options["file"]], options["report"], options["rejects"])
        report = run.run(asked, reporter)
        write_report(options["report"], report)
        print_summary(report, asked, reporter)
