"""generate_entreprises: a file of fictional companies."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import UsageError
from foxreviews.core.progress import Reporter, open_log
from foxreviews.demo.generator.entreprises import blocks, csv_header, csv_lines
from foxreviews.demo.generator.output import STANDARD_OUTPUT, default_path, writing
from foxreviews.demo.generator.sirene import stock
from foxreviews.demo.generator.sirene.files import register_files


class Command(BaseCommand):
    help = (
        "Write a CSV of fictional but plausible companies, in the columns that import_entreprises_bulk "
        "reads. The same seed gives the same rows, and more of them when more are asked for. With --format "
        "sirene, write the official register instead, for import_sirene: companies and establishments, and in "
        "options/ successions, doubles and history, each a file."
    )
    examples = (
        "  manage.py generate_entreprises --rows 4000000 --seed 1\n"
        "  manage.py generate_entreprises - --rows 10 | less\n"
        "  manage.py generate_entreprises --format sirene --rows 4000000\n"
        "  manage.py generate_entreprises --format sirene --rows 30000000 --parquet\n"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "out",
            nargs="?",
            metavar="OUT",
            help="file to write; .gz compresses, - is standard output; with --format sirene, the folder for all files "
            "(default: entreprises.csv or sirene in var/fictional)",
        )
        parser.add_argument(
            "--format",
            choices=["plan", "sirene"],
            default="plan",
            help="plan: the columns of import_entreprises_bulk (default); sirene: INSEE's files",
        )
        parser.add_argument(
            "--parquet",
            action="store_true",
            help="with --format sirene: write parquet, a seventh of the size of CSV",
        )
        parser.add_argument("--rows", type=int, default=200_000, help="companies to make (default: 200,000)")
        parser.add_argument("--seed", type=int, default=1, help="which companies (default: 1)")

    def handle(self, *_args: Any, out: str | None, rows: int, seed: int, **options: Any) -> None:
        if rows < 0 or seed < 0:
            raise UsageError("--rows and --seed are 0 or more.")
        is_register = options["format"] == "sirene"
        if options["parquet"] and not is_register:
            raise UsageError("--parquet is for --format sirene: the scaling plan's file is CSV.")
        out = out or default_path("sirene" if is_register else "entreprises.csv")
        shown = sys.stderr if out == STANDARD_OUTPUT else self.stdout
        report = Reporter(shown, open_log(settings.LOG_DIR, "generate"))
        if is_register:
            _write_register(out, rows, seed, report, parquet=options["parquet"])
            return
        with writing(out) as file, report.stage(f"Writing {out}", rows, "companies") as stage:
            file.write(csv_header())
            for block in blocks(rows, seed):
                file.write(csv_lines(block))
                stage.advance(len(block))


def _write_register(out: str, rows: int, seed: int, report: Reporter, *, parquet: bool) -> None:
    with (
        register_files(Path(out), parquet=parquet) as write,
        report.stage(f"Writing {out}", rows, "companies") as stage,
    ):
        for tables in stock.blocks(rows, seed):
            for name, frame in tables.items():
                write[name](frame)
            stage.advance(tables[stock.LEGAL_UNITS].height)
