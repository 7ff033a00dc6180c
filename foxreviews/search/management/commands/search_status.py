"""search_status: how the search index stands; exit code 0 where it is in step with the directory."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.search.index.status import Status, read_status


class Command(BaseCommand):
    """Looks and changes nothing."""

    help = "Show what answers searches, and how far the index is behind. Exit code 0: in step; 1: not."
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
            for name, value in _lines(status):
                self.stdout.write(f"{name:12}{value}")
        if not status.in_step:
            sys.exit(1)


def _lines(status: Status) -> Iterator[tuple[str, str]]:
    yield "searches", f"answered by {status.answers}"
    yield "index", "in step" if status.in_step else f"not in step: {status.why}"
    if status.generation:
        yield (
            "generation",
            f"{status.folder}/{status.generation}, built {status.built_at}, format {status.format}",
        )
        yield (
            "documents",
            (
                f"{status.documents:,} for {status.companies:,} companies, {status.reperes:,} towns and trades, "
                f"{status.bytes / 1_000_000:,.0f} MB"
            ),
        )
        oldest = f", the oldest {status.seconds:,.1f} s old" if status.changes else ""
        yield "not yet in", f"{status.changes:,} changes{oldest}"
    nobody = "by nobody: .venv/bin/python manage.py search_catchup --follow"
    yield "kept", f"by process {status.follower}" if status.follower else nobody
    if status.builder:
        yield "built anew", f"by process {status.builder}"
