"""manage.py demo: the whole directory with fictional companies, until Ctrl-C."""

import sys
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.demo.demo import Demo
from foxreviews.demo.processes import Address
from foxreviews.localdb import own_cluster


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ArgumentTypeError(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _rows(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"ROWS must be a whole number of companies, not {text!r}")
    return int(text)


class Command(BaseCommand):
    help = "Load fictional companies and towns where there are none, and serve them until Ctrl-C."
    examples = """
  make demo                              the same, with the set-up before it
  make demo PORT=8001 ROWS=4000000       the size of France
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=_port, default=8000, help="the port to listen on (default 8000)")
        parser.add_argument(
            "--host", default="127.0.0.1", help="the address to listen on; 0.0.0.0 is all (default 127.0.0.1)"
        )
        parser.add_argument(
            "--rows", type=_rows, default=200_000, help="how many companies to make up (default 200,000)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        address = Address(options["host"], options["port"])
        cluster = None if settings.DATABASE_URL else own_cluster()
        demo = Demo(settings.VAR_DIR / "demo", address, options["rows"], cluster, sys.stdout)
        try:
            demo.run()
        except KeyboardInterrupt:
            if not demo.was_ready:
                raise  # it did not do what it was asked to
