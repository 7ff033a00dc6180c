"""export: a table of the directory as a file."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from foxreviews.api.exports.params import FORMATS, KEYS
from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import FoxreviewsError, UnwritableOutput, UsageError
from foxreviews.core.files import replacing, write_json
from foxreviews.core.progress import Reporter, open_log
from foxreviews.core.sql import estimate
from foxreviews.exports.formats import Compression
from foxreviews.exports.run import Export, Result

STANDARD = "-"
COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}


class Command(BaseCommand):
    help = (
        "Write companies, establishments or towns to a file, all or those of a list under /api/: CSV, NDJSON, Parquet "
        "or a workbook (xlsx). Rows come in the order of their key, those of a query in its order. The file takes its "
        "name when it is whole. Nobody who is hidden is shown."
    )
    examples = (
        "  manage.py export entreprises entreprises.csv.gz\n"
        "  manage.py export etablissements lyon.parquet --where 'ville=lyon'\n"
        "  manage.py export entreprises bakers.xlsx --where 'q=boulangerie'\n"
        "  manage.py export villes - --format ndjson | head\n"
    )
    niceness = 10

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("table", choices=list(KEYS), help="what is exported")
        parser.add_argument(
            "out",
            metavar="OUT",
            help="file to write, with the ending of its format; .gz or .zst behind that compresses CSV and NDJSON; "
            "- is standard output",
        )
        parser.add_argument("--format", choices=list(FORMATS), help="of the file (default: by its ending)")
        parser.add_argument(
            "--compress",
            choices=["gzip", "zstd"],
            help="compress CSV or NDJSON (default: by the file's ending)",
        )
        parser.add_argument(
            "--where",
            default="",
            metavar="PARAMETERS",
            help="parameters of /api/exports/, as in an address: departement=69&naf=62; - reads them from the input",
        )
        parser.add_argument(
            "--report", metavar="FILE", help="write how many rows, bytes and seconds it was as JSON"
        )

    def handle(
        self, *_args: Any, table: str, out: str, where: str, report: str | None, **options: Any
    ) -> None:
        form, compression = _format(out, options["format"], options["compress"])
        parameters = sys.stdin.read() if where == STANDARD else where
        export = Export(table, form, parameters.strip().lstrip("?"), compression)
        result = (
            _to_standard_output(export) if out == STANDARD else _to_file(export, out, parameters, self.stdout)
        )
        if report and result:
            write_json(Path(report), {"table": table, "format": form, **result.as_json()})


def _format(out: str, form: str | None, compress: Compression | None) -> tuple[str, Compression]:
    """By the ending of the name, unless it is given. Raises UsageError."""
    path = Path(out)
    compression = compress or COMPRESSIONS.get(path.suffix)
    stem = path.with_suffix("") if path.suffix in COMPRESSIONS else path
    found = form or stem.suffix.removeprefix(".")
    if found not in FORMATS:
        raise UsageError(f"{out} does not end in a format: {', '.join(FORMATS)} are some. Or add --format.")
    return found, compression or "uncompressed"


def _to_file(export: Export, out: str, parameters: str, shown: Any) -> Result:
    reporter = Reporter(shown, open_log(settings.LOG_DIR, "export"))
    total = None if parameters else float(estimate(export.table.model._meta.db_table)) or None
    path = Path(out)
    try:
        with (
            replacing(path.resolve()) as file,
            reporter.stage(f"Writing {path.name}", total, "rows") as stage,
        ):
            return export.write(file, stage.advance)
    except BrokenPipeError as error:
        raise FoxreviewsError(f"Writing {out} failed: its reader has left.") from error
    except OSError as error:
        raise UnwritableOutput(path, error) from error


def _to_standard_output(export: Export) -> Result | None:
    """None where the reader has seen enough."""
    out: BinaryIO = sys.stdout.buffer
    try:
        result = export.write(out)
        out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python fails again at its end
        return None
    return result
