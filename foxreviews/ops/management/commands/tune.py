"""manage.py tune: a postgresql.conf for this machine, and what differs from the server's."""

import json
from argparse import ArgumentTypeError
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import UsageError
from foxreviews.localdb.machine import GIB
from foxreviews.ops import postgresql_conf, server_settings, statement


def _memory(text: str) -> int:
    size = server_settings.amount(text)
    if size is None or not text[-1].isalpha() or size < GIB / 2:
        raise ArgumentTypeError(f"{text!r} is not a size of memory, at least 512MB: 8GB, 32GB are")
    return int(size)


class Command(BaseCommand):
    """Prints; changes the server only where --apply asks for it."""

    help = (
        "Print a commented postgresql.conf for the memory, cores and disk of this machine, and what differs from the "
        "server's. --apply sets what differs (ALTER SYSTEM), and says how to undo it."
    )
    examples = """
  manage.py tune                                  for this machine
  manage.py tune --memory 32GB > foxreviews.conf  for one with so much memory
  manage.py tune --apply
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--memory", type=_memory, metavar="SIZE", help="of the server's machine: 8GB, 32GB"
        )
        parser.add_argument("--apply", action="store_true", help="let the server have what differs")
        parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        memory = options["memory"]
        machine = server_settings.machine(memory)
        if (
            options["apply"]
            and server_settings.is_local()
            and memory
            and memory > server_settings.machine(None).memory
        ):
            raise UsageError("This machine has less memory than that: the server might not start again.")
        advised = server_settings.advice(server_settings.suited(memory))
        if options["json"]:
            self.stdout.write(json.dumps([_facts(each) for each in advised], indent=2, ensure_ascii=False))
        elif not options["apply"]:
            database = int(statement.value("SELECT pg_database_size(current_database())"))
            self.stdout.write(postgresql_conf.text(machine, advised, database))
        if options["apply"]:
            for line in postgresql_conf.apply(advised):
                (self.stderr if options["json"] else self.stdout).write(line)


def _facts(each: server_settings.Advice) -> dict[str, Any]:
    facts = asdict(each)
    return {**facts.pop("setting"), **facts}
