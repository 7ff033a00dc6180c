"""The base of our commands: clear errors, the documented exit codes, examples in --help, SIGTERM as Ctrl-C."""

import re
import signal
import sys
from types import FrameType
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import DatabaseError

from foxreviews.core import database_errors
from foxreviews.core.errors import FoxreviewsError

INTERRUPTED = 130  # what shells give for Ctrl-C
EXAMPLES = "examples:\n"
_UNTYPED = re.compile(r"(?<!python )\bmanage\.py (?=\w)")


def as_typed(text: str) -> str:
    """`text` with each «manage.py …» in it as it can be pasted: by the Python that setup has made."""
    return _UNTYPED.sub(".venv/bin/python manage.py ", text)


class _ExamplesFormatter(DjangoHelpFormatter):
    """Keeps the line breaks of the examples below --help, and of nothing else."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(EXAMPLES) else super()._fill_text(text, width, indent)


class Command(BaseCommand):
    """A command whose FoxreviewsError ends as one sentence on stderr and the exit code of its class."""

    examples: str = ""
    # Django's checks import every page of the site: 0.4 s of a start of 1.2 s. `make lint` runs them.
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs["allow_abbrev"] = False  # --reject is a slip, not --rejects
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
        signal.signal(signal.SIGTERM, _interrupt)
        # polars, once imported, lets a wait for a thread go on behind Ctrl-C: it was heard when the thread had ended.
        signal.siginterrupt(signal.SIGINT, True)
        try:
            super().run_from_argv(argv)
        except KeyboardInterrupt:
            self.stderr.write("Interrupted.")
            sys.exit(INTERRUPTED)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
