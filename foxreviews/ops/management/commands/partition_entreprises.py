"""manage.py partition_entreprises: companies in partitions by département, and back."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import CheckCommand
from foxreviews.core.findings import Finding
from foxreviews.core.progress import Reporter, open_log
from foxreviews.ops.partition import SHAPES, change, look


class Command(CheckCommand):
    help = (
        "Turn the table of companies into partitions by département, or with --undo into one table again, while "
        "readers and writers go on. Killed at any moment, the same command goes on; the other one removes what was "
        "begun. Exit code 1: something is in the way."
    )
    examples = """
  manage.py partition_entreprises --dry-run   what it takes, and how far it is
  manage.py partition_entreprises
  manage.py partition_entreprises --undo
"""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--undo", action="store_true", help="from partitions to one table")
        parser.add_argument("--dry-run", action="store_true", help="say what it takes, and do nothing")

    def findings(self, options: dict[str, Any]) -> Iterable[Finding]:
        return look(partitioned=not options["undo"])

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            super().handle(*args, **options)
            return
        out = self.stderr if options["json"] else self.stdout  # stdout is for the JSON alone
        reporter = Reporter(out, open_log(settings.LOG_DIR, "partition"))
        changed = change(reporter, partitioned=not options["undo"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(changed), indent=2))
        elif changed.is_new:
            held = f"the lock was held for {changed.held:.2f} s"
            reporter.line(f"Companies are in {SHAPES[not options['undo']]}: {changed.companies:,}; {held}.")
        else:
            reporter.line(f"Companies are in {SHAPES[not options['undo']]} already.")
