"""manage.py preflight: the plan's checklist before an import."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import CheckCommand
from foxreviews.core.findings import Finding
from foxreviews.ops.preflight import preflight


class Command(CheckCommand):
    help = (
        "Check all that an import needs before it is started, and rehearse it on the file's first 10,000 records. "
        "Nothing is written. Exit code 0: go; 1: something would make it fail."
    )
    examples = """
  manage.py preflight entreprises.csv
  manage.py preflight --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", nargs="?", metavar="FILE", help="what will be imported: CSV, .gz or .zip")

    def findings(self, options: dict[str, Any]) -> Iterable[Finding]:
        return preflight(options["file"])
