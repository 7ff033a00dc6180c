"""manage.py preflight: the scaling plan's checklist before an import, or what so many companies will take."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import CheckCommand, row_count
from foxreviews.core.findings import Finding
from foxreviews.ops.preflight import preflight
from foxreviews.ops.sizes import check_forecast


class Command(CheckCommand):
    help = (
        "Check all that an import needs before it is started, with a dry run of the file's first 10,000 records. "
        "With --rows, estimate the disk, memory and time of so many companies instead. Nothing is written. "
        "Exit code 0: go; 1: something would make it fail."
    )
    examples = """
  manage.py preflight entreprises.csv
  manage.py preflight --rows 10M
"""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", metavar="FILE", help="what will be imported: CSV, .gz or .zip")
        parser.add_argument("--rows", type=row_count, metavar="N", help="companies: 10M, 500k, 4_000_000")

    def findings(self, options: dict[str, Any]) -> Iterable[Finding]:
        return check_forecast(options["rows"]) if options["rows"] else preflight(options["file"])
