"""The bases of our commands: clear errors, the documented exit codes, examples in --help, SIGTERM as Ctrl-C."""

import json
import os
import re
import signal
import sys
from abc import abstractmethod
from argparse import ArgumentTypeError
from collections.abc import Iterable
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import DatabaseError
from rich.console import Console
from rich.markup import escape

from foxreviews.core import database_errors
from foxreviews.core.errors import FoxreviewsError, as_typed
from foxreviews.core.findings import Finding, Severity, show, worst

INTERRUPTED = 130  # what shells give for Ctrl-C
EXAMPLES = "examples:\n"
FACTORS = {"": 1, "k": 1_000, "M": 1_000_000}
MAX_ROWS = 1_000_000_000  # companies: a SIREN has nine digits


def row_count(text: str) -> int:
    """The type of --rows: «10M», «500k», «4_000_000», «4,000,000»."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kM]?)", text.replace(",", "").replace("_", ""))
    number = round(float(found[1]) * FACTORS[found[2]]) if found else 0
    if not 0 < number <= MAX_ROWS:
        raise ArgumentTypeError(f"{text!r} is not a number of companies: 10M, 500k, 4000000 are")
    return number


def count(text: str) -> int:
    """An argument that is a whole number, 0 or more."""
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def positive(text: str) -> int:
    """An argument that is a whole number, 1 or more."""
    if (number := count(text)) == 0:
        raise ArgumentTypeError("must be at least 1")
    return number


class _ExamplesFormatter(DjangoHelpFormatter):
    """Keeps the line breaks of the examples below --help, and of nothing else."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(EXAMPLES) else super()._fill_text(text, width, indent)


class Command(BaseCommand):
    """A command whose FoxreviewsError ends as one sentence on stderr and the exit code of its class."""

    examples: str = ""
    niceness: int = 0  # of a process of its own: how far it gives way to others (man 2 setpriority)
    # Django's checks import every page of the site: 0.4 s of a start of 1.2 s. `make lint` runs them.
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs["allow_abbrev"] = False  # --reject is a typing error, not --rejects
        if self.examples:
            kwargs["epilog"] = EXAMPLES + self.examples.strip("\n")
            kwargs["formatter_class"] = _ExamplesFormatter
        return super().create_parser(prog_name, subcommand, **kwargs)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except FoxreviewsError as error:
            raise CommandError(as_typed(str(error)), returncode=error.exit_code) from error
        except DatabaseError as error:
            if (said := database_errors.sentence(error)) is None:
                raise
            raise CommandError(as_typed(said), returncode=1) from error

    def run_from_argv(self, argv: list[str]) -> None:
        os.setpriority(os.PRIO_PROCESS, 0, max(self.niceness, os.getpriority(os.PRIO_PROCESS, 0)))
        signal.signal(signal.SIGTERM, _interrupt)
        # polars, once imported, lets a wait for a thread go on behind Ctrl-C: it was heard when the thread had ended.
        signal.siginterrupt(signal.SIGINT, True)
        try:
            super().run_from_argv(argv)
        except KeyboardInterrupt:
            self.stderr.write("Interrupted.")
            sys.exit(INTERRUPTED)


class CheckCommand(Command):
    """A command that checks and changes nothing: findings for people or as JSON; exit code 1 where one is an error."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")

    @abstractmethod
    def findings(self, options: dict[str, Any]) -> Iterable[Finding]:
        """What it finds."""

    def handle(self, *_args: Any, **options: Any) -> None:
        out: Any = self.stdout  # Django's wrapper says that it is no terminal
        console = Console(file=getattr(out, "_out", out), highlight=False)
        if options["json"]:
            found = list(self.findings(options))
            said = {"holds": worst(found) < Severity.ERROR, "findings": [each.as_json() for each in found]}
            self.stdout.write(json.dumps(said, indent=2, ensure_ascii=False))
        else:
            found = self._look(options, console)
            show(found, console)
        if worst(found) is Severity.ERROR:
            sys.exit(1)

    def _look(self, options: dict[str, Any], console: Console) -> list[Finding]:
        """Run every check; on a terminal a status line names the last one."""
        found: list[Finding] = []
        with console.status("checking") as shown:
            for finding in self.findings(options):
                found.append(finding)
                shown.update(f"{len(found)} checked, last: {escape(finding.subject)}")
        return found


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
