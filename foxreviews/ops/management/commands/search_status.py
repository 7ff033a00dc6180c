"""search_status: how the search index stands; exit code 0 where it is in sync with the directory."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import as_typed
from foxreviews.ops.index_status import lines, read_status


class Command(BaseCommand):
    """Looks and changes nothing."""

    help = "Show what answers searches, and how far the index is behind. Exit code 0: in sync; 1: not."
    examples = """
  manage.py search_status
  manage.py search_status --json | jq .changes
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        status = read_status()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(status), indent=2, ensure_ascii=False))
        else:
            for name, value in lines(status):
                self.stdout.write(as_typed(f"{name:12}{value}"))
        if not status.in_sync:
            sys.exit(1)
