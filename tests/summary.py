"""What a run of the tests prints at its end: what was skipped and why, and what it ran on."""

import os
import platform
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
import pytest

from foxreviews.localdb import binaries
from foxreviews.localdb.binaries import BinariesMissingError

PROGRAMS = {
    "psql": "--version",
    "nginx": "-v",
    "curl": "--version",
    "redis-server": "--version",
    "varnishd": "-V",
    "haproxy": "-v",
    "socat": "-V",
}


def skipped(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """A line for each reason: how many tests, why, and in which files."""
    files: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        files[reason.removeprefix("Skipped: ")].append(report.nodeid.partition("::")[0])
    for reason, where in sorted(files.items()):
        yield f"{len(where):5}  {reason}: {', '.join(sorted(set(where)))}"


def counted(reports: Iterable[pytest.TestReport]) -> Iterator[str]:
    """What tests have counted, by `record_property("counted", …)`."""
    for report in reports:
        yield from (str(value) for name, value in report.user_properties if name == "counted")


def ran_on() -> str:
    """The versions of what the tests have used, and the size of the machine."""
    parts = [f"Python {platform.python_version()}", f"Django {django.get_version()}", _postgres()]
    parts += [f"{name} {_version(name, flag)}" for name, flag in PROGRAMS.items()]
    return f"Ran on {', '.join(parts)}; {os.cpu_count()} cores."


def _postgres() -> str:
    if os.environ.get("DATABASE_URL"):
        return "the PostgreSQL of DATABASE_URL"
    try:
        return f"PostgreSQL {binaries.newest().version}"
    except BinariesMissingError:
        return "no PostgreSQL"


def _version(name: str, flag: str) -> str:
    if (program := find_program(name)) is None:
        return "missing"
    done = subprocess.run([program, flag], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else "of an unknown version"


def find_program(name: str) -> Path | None:
    """Where it is, also among what only root usually calls."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    return Path(found) if found else None
