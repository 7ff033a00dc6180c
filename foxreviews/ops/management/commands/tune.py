"""manage.py tune: a postgresql.conf for this machine, and what differs from the server's."""

import json
from argparse import ArgumentTypeError
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.sql import value
from foxreviews.localdb.machine import GIB
from foxreviews.ops import tune


def _memory(text: str) -> int:
    size = tune.amount(text)
    if size is None or not text[-1].isalpha() or size < GIB / 2:
        raise ArgumentTypeError(f"{text!r} is not a size of memory, at least 512MB: 8GB, 32GB are")
    return int(size)


class Command(BaseCommand):
    help = (
        "Print a commented postgresql.conf for the memory, cores and disk of this machine, what differs from the "
        "server's, and where the file goes. Nothing is changed."
    )
    examples = """
  manage.py tune                                  for this machine
  manage.py tune --memory 32GB > foxreviews.conf  for one with so much memory
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--memory", type=_memory, metavar="SIZE", help="of the server's machine: 8GB, 32GB"
        )
        parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        machine = tune.machine(options["memory"])
        advised = tune.advice(tune.suited(options["memory"]))
        if options["json"]:
            self.stdout.write(json.dumps([_facts(each) for each in advised], indent=2, ensure_ascii=False))
        else:
            database = int(value("SELECT pg_database_size(current_database())"))
            self.stdout.write(tune.render(machine, advised, database))


def _facts(each: tune.Advice) -> dict[str, Any]:
    facts = asdict(each)
    return {**facts.pop("setting"), **facts}
