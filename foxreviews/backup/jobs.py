"""--jobs: how many tables or indexes PostgreSQL's programs work on at once."""

import os
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.errors import UsageError

MOST = 4  # beyond the cores, and of tables one is larger than all the others together


def add_jobs(parser: CommandParser) -> None:
    """Add the option."""
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="work on N at once (default: the cores, at most 4)"
    )


def jobs_of(options: Mapping[str, Any]) -> int:
    """What it was set to. Raises UsageError."""
    jobs = min(os.cpu_count() or 1, MOST) if options["jobs"] is None else int(options["jobs"])
    if jobs < 1:
        raise UsageError("--jobs must be at least 1.")
    return jobs
