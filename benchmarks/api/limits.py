"""How fast the directory answers: the scaling plan's own queries and every address of the API, within its limits.

    make bench                                    this one first; it also writes the page with charts
    .venv/bin/python -m benchmarks.api.limits --html docs/benchmarks.html
    .venv/bin/python -m benchmarks.api.limits --cold      the project's own PostgreSQL is restarted before each

p50 and p95 of 20 runs on the configured database. Exits 0 where all are within the limits, 1 where one is not.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import command
from benchmarks.api import pages, scaling_plan
from benchmarks.api.measure import ColdCaches, Line, measured
from benchmarks.api.result import html_page, result, show
from foxreviews.core.errors import UnwritableOutput, UsageError
from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.ops.server import web_session


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with charts")
    parser.add_argument("--cold", action="store_true", help="also the first run of each on cold caches")
    options = parser.parse_args(arguments)
    command.start_configured_database()
    companies = Entreprise.objects.count()
    if not companies:
        raise UsageError(
            "There are no companies to measure on. Load some: manage.py import_entreprises_bulk FILE"
        )
    if options.html:
        _write(options.html, "", mode="a")  # where it cannot be written, that is known before the work
    make_cold = ColdCaches() if options.cold else None
    console = Console(file=sys.stdout, highlight=False)
    found = result(_measure(make_cold, console), companies, Ville.objects.count())
    if options.json:
        print(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        show(found, console)
    if options.html:
        _write(options.html, html_page(found))
    return 0 if found.holds else 1


def _measure(make_cold: Callable[[], None] | None, console: Console) -> list[Line]:
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
    """The scaling plan's queries in a session like that of its shell, the pages in that of a web worker."""
    for measure in scaling_plan.measures():
        yield measured(measure, make_cold)
    with web_session():
        for measure in pages.measures():
            yield measured(measure, make_cold)


def _write(file: Path, text: str, mode: str = "w") -> None:
    try:
        with file.open(mode, encoding="utf-8") as page:
            page.write(text)
    except OSError as error:
        raise UnwritableOutput(file, error) from error


if __name__ == "__main__":
    command.run(main)
