"""generate_villes: the towns that fictional companies are in."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import UsageError
from foxreviews.demo.generator.output import STANDARD_OUTPUT, default_path, writing
from foxreviews.demo.generator.towns import la_poste_lines, population_lines


class Command(BaseCommand):
    help = (
        "Write the towns of generate_entreprises in La Poste's format: the hundred largest of France, which "
        "are real, and fictional ones that say they are. The list is always the same."
    )
    examples = "  manage.py generate_villes\n  manage.py import_villes var/fictional/villes.csv\n"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "out",
            nargs="?",
            metavar="OUT",
            help="file to write; .gz compresses, - is standard output (default: var/fictional/villes.csv)",
        )
        parser.add_argument(
            "--population", metavar="FILE", help="also write INSEE's file of their populations"
        )

    def handle(self, *_args: Any, out: str | None, population: str | None, **_options: Any) -> None:
        out = out or default_path("villes.csv")
        if out == population:
            raise UsageError("OUT and --population are two files: give them different names.")
        self._write(out, la_poste_lines())
        if population:
            self._write(population, population_lines())

    def _write(self, out: str, lines: Iterable[str]) -> None:
        with writing(out) as file:
            header, *rest = lines
            file.write("".join([header, *rest]).encode())
        shown = sys.stderr if out == STANDARD_OUTPUT else self.stdout
        shown.write(f"{out}: {len(rest):,} lines\n")
