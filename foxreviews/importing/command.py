"""The body of import_entreprises_bulk, and the arguments and output files that all imports have."""

import codecs
import json
from argparse import ArgumentTypeError
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.commands import count, positive
from foxreviews.core.errors import UnwritableOutput, UsageError
from foxreviews.core.outputs import check_output
from foxreviews.core.progress import Reporter, open_log
from foxreviews.importing.ledger import Report
from foxreviews.importing.models import REJECT_COLUMNS
from foxreviews.importing.run import Options, import_csv
from foxreviews.importing.summary import print_summary
from foxreviews.reading.header import parse_mapping

ENCODED_BYTES = 3
REPORT_MARKS = ('"rejects_by_reason"',)
REJECTS_MARKS = tuple(separator.join(REJECT_COLUMNS) for separator in ",;")
NICENESS = 5  # readers come first: the p95 of a company is 1.5 times what it is without an import, not 2.4


class Command(BaseCommand):
    """Load companies from a CSV file."""

    help = (
        "Load companies from a CSV file: checked, without duplicates, written only where something changed."
    )
    niceness = NICENESS
    examples = """
  manage.py import_entreprises_bulk entreprises.csv --dry-run --max-rows 10000
  manage.py import_entreprises_bulk entreprises.csv --rejects rejects.csv
  manage.py import_entreprises_bulk liste.csv --map "Ma colonne=nom"
  manage.py import_entreprises_bulk liste.csv --rejects rejects.csv --excel
  manage.py import_entreprises_bulk vieux.txt --encoding cp850
  zcat entreprises.csv.gz | manage.py import_entreprises_bulk -
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV (plain, .gz or .zip), or - for standard input")
        parser.add_argument(
            "--batch-size", type=positive, default=1000, metavar="N",
            help="records sent to the database at once, at least; the loader sends about 40,000 where that is more",
        )  # fmt: skip
        parser.add_argument(
            "--skip-rows", type=count, default=0, metavar="N", help="pass over the first N records"
        )
        add_limits(parser)
        existing = parser.add_mutually_exclusive_group()
        existing.add_argument(
            "--update-existing", action="store_true", dest="update_existing", default=True,
            help="bring known companies up to date (default)",
        )  # fmt: skip
        existing.add_argument(
            "--skip-existing",
            action="store_false",
            dest="update_existing",
            help="leave known companies as they are",
        )
        parser.add_argument(
            "--empty-overwrites",
            action="store_true",
            help="an empty cell empties what the directory has; without it, it says nothing",
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="THEIRS=OURS",
            help="read this column of the file as that one of ours; as often as needed; nothing behind = ignores it",
        )
        parser.add_argument(
            "--encoding",
            type=encoding,
            metavar="NAME",
            help="read every line that is not ASCII in this encoding, instead of finding it out",
        )
        parser.add_argument(
            "--restart",
            action="store_true",
            help="start over, also where an interrupted import could be continued",
        )
        add_outputs(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "import"))
        import_options = Options(
            file=options["file"],
            batch_size=options["batch_size"],
            skip_rows=options["skip_rows"],
            update_existing=options["update_existing"],
            empty_overwrites=options["empty_overwrites"],
            restart=options["restart"],
            mapping=parse_mapping(options["map"]),
            encoding=options["encoding"],
            **common_options(options),
        )
        check_outputs([options["file"]], options)
        report = import_csv(import_options, reporter)
        write_report(options["report"], report)
        print_summary(report, import_options, reporter)


def fraction(text: str) -> float:
    """A number from 0 to 1."""
    try:
        number = float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a number") from error
    if not 0 <= number <= 1:
        raise ArgumentTypeError(f"must be a fraction of 1 (0.05 is 5 %), not {text}")
    return number


def encoding(text: str) -> str:
    """The name of an encoding of one byte a letter, or of UTF-8, as Python has it."""
    try:
        name = codecs.lookup(text).name
        ascii_stays = bytes(range(128)).decode(name) == "".join(map(chr, range(128)))
    except (LookupError, UnicodeError, ValueError) as error:
        raise ArgumentTypeError(
            f"{text!r} is not an encoding: utf-8, cp1252, mac_roman, cp850 are"
        ) from error
    if not ascii_stays or len(bytes([0xE9] * 3).decode(name, "replace")) != ENCODED_BYTES:
        raise ArgumentTypeError(f"{text!r} has letters of several bytes; save the file as UTF-8")
    return name


def add_limits(parser: CommandParser) -> None:
    """How much to read, and what to refuse."""
    parser.add_argument("--max-rows", type=count, metavar="N", help="stop after N records")
    parser.add_argument("--dry-run", action="store_true", help="report what would be done, write nothing")
    parser.add_argument(
        "--max-reject-rate",
        type=fraction,
        metavar="R",
        help="refuse a file of which more is rejected (a fraction of 1; default 0.05, from 20 rejects on)",
    )
    parser.add_argument(
        "--min-ratio",
        type=fraction,
        default=0.9,
        metavar="R",
        help="refuse a file that leaves fewer active companies than this part of today's (default 0.9)",
    )
    parser.add_argument(
        "--max-emptied",
        type=fraction,
        metavar="R",
        help="refuse a file that empties a column of, or hides, more companies than this part of the active ones "
        "(default 0.01, from 100 companies on)",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="merge also what the limits on what a file may change would refuse, and fictional companies among real "
        "ones",
    )


def add_outputs(parser: CommandParser) -> None:
    """The files to write. One of an earlier run is replaced, any other only with --overwrite."""
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the counts as JSON")
    parser.add_argument("--rejects", type=Path, metavar="FILE", help="write the rejected records as CSV")
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="let --report and --rejects replace files that are not of an import",
    )
    parser.add_argument(
        "--excel", action="store_true", help="write --rejects for Excel: semicolons, byte order mark"
    )


def common_options(options: dict[str, Any]) -> dict[str, Any]:
    """The fields of Options that the arguments of add_limits and add_outputs give."""
    names = ("max_rows", "dry_run", "max_reject_rate", "min_ratio", "max_emptied", "force")
    return {name: options[name] for name in names} | {
        "rejects_file": options["rejects"],
        "excel": options["excel"],
    }


def check_outputs(inputs: Iterable[str], options: dict[str, Any]) -> None:
    """Find out before the work whether --report and --rejects can be written. Raises UsageError."""
    report, rejects, is_dry = options["report"], options["rejects"], options["dry_run"]
    for file in inputs:
        for path in (report, rejects):
            if path and path.exists() and Path(file).exists() and path.samefile(file):
                raise UsageError(f"{path} is the file to be imported; name another one to write to.")
    if (
        report
        and rejects
        and report.resolve() == rejects.resolve()
        and (report.is_file() or not report.exists())
    ):
        raise UsageError(f"{report} cannot be both --report and --rejects; name two files.")
    if is_dry and options["overwrite"]:
        raise UsageError("A dry run overwrites nothing but its own files: leave --overwrite out.")
    for path, marks in ((report, REPORT_MARKS), (rejects, REJECTS_MARKS)):
        if path:
            check_output(path, marks, overwrite=options["overwrite"])


def write_report(path: Path | None, report: Report) -> None:
    """The counts as JSON, where they are asked for."""
    if path:
        _write(path, json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnwritableOutput(path, error) from error
