"""manage.py bench: how fast the directory answers, beside the plan's limits."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import UsageError
from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.ops.bench import pages, plan
from foxreviews.ops.bench.cold import ColdCaches
from foxreviews.ops.bench.line import Line, measured
from foxreviews.ops.bench.result import page, result, show
from foxreviews.ops.web_session import web_session


class Command(BaseCommand):
    """Reads; writes only the page that is asked for."""

    help = (
        "Measure the plan's three queries as it writes them and the addresses of the API, p50 and p95 of 20 runs, "
        "beside the plan's limits. Exit code 0: all are within them; 1: one is not."
    )
    examples = """
  manage.py bench
  manage.py bench --html docs/benchmarks.html
  manage.py bench --cold          its own PostgreSQL starts anew before each
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")
        parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with charts")
        parser.add_argument("--cold", action="store_true", help="also the first run of each on cold caches")

    def handle(self, *_args: Any, **options: Any) -> None:
        companies = Entreprise.objects.count()
        if not companies:
            raise UsageError(
                "There are no companies to measure on. Load some: manage.py import_entreprises_bulk FILE"
            )
        file = options["html"]
        if file:
            _write(file, "")  # find out before the work
        out: Any = self.stdout
        console = Console(file=getattr(out, "_out", out), highlight=False)
        make_cold = ColdCaches() if options["cold"] else None
        found = result(self._measure(make_cold, console), companies, Ville.objects.count())
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
        else:
            show(found, console)
        if file:
            _write(file, page(found))
        if not found.holds:
            sys.exit(1)

    def _measure(self, make_cold: Callable[[], None] | None, console: Console) -> list[Line]:
        logging.disable(logging.WARNING)  # that a request was slow is what the table says
        try:
            with console.status("measuring") as status:
                lines = []
                for line in _lines(make_cold):
                    lines.append(line)
                    status.update(f"{len(lines)} measured, last: {line.group}")
        finally:
            logging.disable(logging.NOTSET)
        return lines


def _lines(make_cold: Callable[[], None] | None) -> Iterator[Line]:
    """The plan's lines in a session like that of its shell, the pages in that of a web worker."""
    for measure in plan.measures():
        yield measured(measure, make_cold)
    with web_session():
        for measure in pages.measures():
            yield measured(measure, make_cold)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The page cannot be written: {error}.") from error
