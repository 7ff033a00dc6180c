"""import_villes: the towns of France from La Poste's file, with INSEE's names and populations."""

import json
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from rich.table import Table

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import UnwritableOutput
from foxreviews.core.outputs import check_output
from foxreviews.core.progress import Reporter, open_log
from foxreviews.core.sources import open_source
from foxreviews.location.loading import Changes, Sources, load
from foxreviews.location.sources.insee import CENSUS, COG, MOVEMENTS
from foxreviews.location.sources.laposte import LAYOUT as POST
from foxreviews.location.sources.table import Layout, Reading, Row, check, lines_of, read

EXAMPLES_SHOWN = 5
EXAMPLES_LOGGED = 100


@dataclass(frozen=True)
class Result:
    """A finished run, as it is reported to people and to machines."""

    sources: Sources
    changes: Changes
    seconds: float
    dry_run: bool

    def report(self) -> dict[str, Any]:
        """records, La Poste's lines, = used + rejected + blank; towns = created + updated + unchanged."""
        changes = self.changes
        return {
            **_counts(self.sources.post),
            "towns": changes.towns,
            "created": len(changes.created),
            "updated": len(changes.updated),
            "unchanged": changes.unchanged,
            "merged": len(changes.merged),
            "kept": changes.kept,
            "companies_moved": changes.moved.companies,
            "establishments_moved": changes.moved.establishments,
            "seconds": round(self.seconds, 3),
            "dry_run": self.dry_run,
            "cog": _counts(self.sources.cog) if self.sources.cog else None,
            "population": _counts(self.sources.census) if self.sources.census else None,
            "movements": _counts(self.sources.movements) if self.sources.movements else None,
        }


def _counts(reading: Reading[Any]) -> dict[str, Any]:
    return {
        "records": reading.records,
        "used": len(reading.rows),
        "rejected": len(reading.rejects),
        "blank": reading.blank,
        "rejects_by_reason": reading.rejects_by_reason,
    }


class Command(BaseCommand):
    """Reads the files, loads them, and reports what became of every line."""

    help = (
        "Load the communes of France from La Poste's file of postal codes. Running it again writes only what "
        "has changed; what comes from a file that is not given stays. With --cog or --mouvements a former commune "
        "becomes part of today's. Companies and establishments move to the town that they are in now."
    )
    examples = """\
  manage.py import_villes laposte_hexasmal.csv
  manage.py import_villes laposte_hexasmal.csv --cog cog_communes_2026.csv \\
      --mouvements cog_mouvements_communes.csv \\
      --population insee_population_donnees_communes.csv
  manage.py import_villes laposte_hexasmal.csv --dry-run --report report.json
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="La Poste's file of postal codes (hexasmal): text, .gz or .zip")
        parser.add_argument("--cog", metavar="FILE", help="INSEE's geographic code: official names")
        parser.add_argument(
            "--mouvements", metavar="FILE", help="INSEE's movements of communes: what former ones are part of"
        )
        parser.add_argument("--population", metavar="FILE", help="INSEE's populations of communes (PMUN)")
        parser.add_argument("--report", metavar="FILE", type=Path, help="write the counts to FILE as JSON")
        parser.add_argument(
            "--overwrite", action="store_true", help="let --report replace a file that is not of an import"
        )
        parser.add_argument("--dry-run", action="store_true", help="do all the work and write nothing")
        parser.add_argument(
            "--force", action="store_true", help="also mix fictional towns (generate_villes) with real ones"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        started = time.monotonic()
        report: Path | None = options["report"]
        if report:
            check_output(report, ['"rejects_by_reason"'], overwrite=options["overwrite"])
        post, cog, census = options["file"], options["cog"], options["population"]
        movements = options["mouvements"]
        for path, layout in ((post, POST), (cog, COG), (census, CENSUS), (movements, MOVEMENTS)):
            _check(path, layout)
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "import"))
        sources = Sources(
            post=_read(post, POST, reporter),
            cog=_read(cog, COG, reporter) if cog else None,
            census=_read(census, CENSUS, reporter) if census else None,
            movements=_read(movements, MOVEMENTS, reporter) if movements else None,
        )
        with reporter.stage("Compare and write", unit="towns") as stage:
            changes = load(sources, dry_run=options["dry_run"], force=options["force"])
            stage.advance(changes.towns)
        result = Result(sources, changes, time.monotonic() - started, options["dry_run"])
        if report:
            _write(report, json.dumps(result.report(), indent=2) + "\n")
        _show(result, reporter)


def _check(path: str | None, layout: Layout[Any]) -> None:
    """Whether it can be read and is that table, before the files that are right are read. A pipe is read once."""
    if path and path != "-" and not Path(path).is_fifo():
        with open_source(path) as source:
            check(lines_of(source.read), path, layout)


def _read(path: str, layout: Layout[Row], reporter: Reporter) -> Reading[Row]:
    with reporter.stage(f"Read {path}", unit="lines") as stage, open_source(path) as source:
        reading = read(lines_of(source.read), path, layout)
        stage.advance(reading.records)
    for number, reject in enumerate(reading.rejects[:EXAMPLES_LOGGED]):
        line = f"  set aside, line {reject.line} ({reject.reason}): {reject.text}"
        if number < EXAMPLES_SHOWN:
            reporter.line(line)
        elif reporter.log:
            reporter.log.info(line)
    return reading


def _write(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnwritableOutput(report, error) from error


def _show(result: Result, reporter: Reporter) -> None:
    counts = result.report()
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column()
    for count, meaning in (
        (counts["records"], "lines of La Poste's file"),
        *((count, f"  set aside: {reason}") for reason, count in counts["rejects_by_reason"].items()),
        (counts["blank"], "  blank"),
        (counts["towns"], "towns named by the files"),
        (counts["created"], "  created"),
        (counts["updated"], "  updated"),
        (counts["unchanged"], "  unchanged"),
        (counts["merged"], "towns that are part of another now"),
        (counts["kept"], "other towns, left as they are"),
        (counts["companies_moved"], "companies moved to their town of today"),
        (counts["establishments_moved"], "establishments moved to their town of today"),
    ):
        table.add_row(f"{count:,}", meaning)
    reporter.console.print(table)
    done = "Dry run: nothing was written" if result.dry_run else "Done"
    summed = ("records", "rejected", "created", "updated", "unchanged", "merged")
    moved = ("companies_moved", "establishments_moved")
    sums = ", ".join(f"{name} {counts[name]}" for name in (*summed, *moved))
    reporter.line(f"{done}, in {result.seconds:.1f} s ({sums}).")
