"""manage.py capacity: disk, memory and time that so many companies will take."""

import re
from argparse import ArgumentTypeError
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import CheckCommand
from foxreviews.core.findings import Finding
from foxreviews.ops.capacity import capacity

FACTORS = {"": 1, "k": 1_000, "M": 1_000_000}
MOST = 1_000_000_000  # a SIREN has nine digits


def rows(text: str) -> int:
    """«10M», «250k», «4000000» or «4,000,000» companies."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kM]?)", text.replace(",", "").replace("_", ""))
    number = round(float(found[1]) * FACTORS[found[2]]) if found else 0
    if not 0 < number <= MOST:
        raise ArgumentTypeError(f"{text!r} is not a number of companies: 10M, 250k, 4000000 are")
    return number


class Command(CheckCommand):
    help = (
        "Forecast the disk, memory and import time of so many companies, from the bytes and seconds a row that this "
        "database and its imports have, beside the plan's. Exit code 1: the disk has no room for them."
    )
    examples = """
  manage.py capacity --rows 10M
"""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--rows", type=rows, default="4M", metavar="N", help="companies: 10M, 250k (default 4M)"
        )

    def findings(self, options: dict[str, Any]) -> Iterable[Finding]:
        return capacity(options["rows"])
