"""import_history: what was imported, and with what result."""

import json
import shutil
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.commands import positive
from foxreviews.core.errors import as_typed
from foxreviews.importing.history import facts, table
from foxreviews.importing.models import ImportRun


class Command(BaseCommand):
    """List the runs of imports, newest first."""

    help = "List the imports that were run, newest first. A dry run leaves no trace, so it is not among them."
    examples = """
  manage.py import_history --last 5
  manage.py import_history --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--last", type=positive, default=20, metavar="N", help="how many runs (default 20)"
        )
        parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        runs = list(ImportRun.objects.order_by("-id")[: options["last"]])
        if options["json"]:
            self.stdout.write(json.dumps([facts(run) for run in runs], indent=2, ensure_ascii=False))
        elif runs:
            width = shutil.get_terminal_size().columns if self.stdout.isatty() else None
            self.stdout.write("\n".join(table(runs, width)))
        else:
            self.stdout.write(
                as_typed("Nothing has been imported yet: manage.py import_entreprises_bulk FILE")
            )
