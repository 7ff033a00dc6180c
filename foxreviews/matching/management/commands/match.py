"""match: a list with the companies that its lines mean; the work is in matching.run."""

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.commands import positive
from foxreviews.core.errors import UsageError
from foxreviews.core.outputs import check_output
from foxreviews.core.progress import Reporter, open_log
from foxreviews.matching.lists import parse_mapping
from foxreviews.matching.results import RESULTS
from foxreviews.matching.run import Options, Report, match_list


class Command(BaseCommand):
    """Find the company of each line of a list."""

    help = (
        "Find the company that each line of a list means: SIREN and SIRET, whether to accept it, a confidence, why, "
        "and the next two. All columns of the list are kept. A run that was killed goes on where it was."
    )
    niceness = 5  # readers come first
    examples = """
  manage.py match clients.csv --out matched.csv
  manage.py match clients.csv --out matched.csv --map "Ma colonne=nom"
  manage.py match clients.csv.gz --out matched.csv --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV (plain, .gz or .zip), or - for standard input")
        parser.add_argument(
            "--out",
            type=Path,
            required=True,
            metavar="FILE",
            help="the list with what was found, as CSV in UTF-8",
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="THEIRS=OURS",
            help="read this column of the list as that one of ours; as often as needed; nothing behind = ignores it",
        )
        parser.add_argument(
            "--encoding", metavar="NAME", help="of every line that is not ASCII, instead of finding it out"
        )
        parser.add_argument(
            "--processes", type=positive, default=2, metavar="N", help="that match at once (default 2)"
        )
        parser.add_argument(
            "--restart", action="store_true", help="begin again, also where a killed run could go on"
        )
        parser.add_argument(
            "--overwrite", action="store_true", help="let --out replace a file that is of no such run"
        )
        parser.add_argument("--json", action="store_true", help="print the counts as JSON, for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if out.exists() and Path(options["file"]).exists() and out.samefile(options["file"]):
            raise UsageError(f"{out} is the list itself; name another file to write to.")
        check_output(out, [RESULTS[0]], overwrite=options["overwrite"])
        stream = sys.stderr if options["json"] else self.stdout
        reporter = Reporter(stream, open_log(settings.LOG_DIR, "match"))
        asked = Options(
            file=options["file"],
            out=out,
            mapping=parse_mapping(options["map"]),
            encoding=options["encoding"],
            processes=options["processes"],
            restart=options["restart"],
        )
        report = match_list(asked, reporter)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
        else:
            _summarise(report, out, reporter)


def _summarise(report: Report, out: Path, reporter: Reporter) -> None:
    reporter.line(
        f"{out}: {report.records:,} lines in {report.seconds:,.1f} s, {report.rows_per_minute:,} a minute"
    )
    for name, count in (("accept", report.accept), ("review", report.review), ("none", report.none)):
        share = f"{count / report.records:.1%}".replace("%", " %") if report.records else "0 %"
        reporter.line(f"  {name:<8}{count:>12,}  {share}")
    if report.rejected:
        reasons = ", ".join(
            f"{count:,} {reason}" for reason, count in sorted(report.rejects_by_reason.items())
        )
        lines = ", ".join(map(str, report.rejected_lines))
        reporter.line(
            f"  not read {report.rejected:,}: {reasons}; in lines {lines}; they are not in the output"
        )
