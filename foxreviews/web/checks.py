"""The operator's checks, as a page shows them: the commands themselves, each in a process of its own.

A check reads the whole directory, loads data frames and takes as long as it takes: a web worker has ten seconds for a
statement, and plans queries for web pages. What it says is the command's own, as --json prints it.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connections

from foxreviews.api.exports.process import OF_WEB_WORKERS
from foxreviews.core.errors import LockedError, as_typed
from foxreviews.core.findings import Severity
from foxreviews.core.locks import file_lock

CHECKS = ("search_status", "doctor", "verify", "preflight")
CHECK_SECONDS = 100.0  # the proxies in front wait two minutes
FINISHED = {0, 1}  # 1: something does not hold
REFUSAL = "CommandError: "  # how Django's commands begin the last line of one


@dataclass(frozen=True)
class Outcome:
    """What a check has said. `findings` are the worst first; `status` is what search_status has instead of them.

    `problem` is why it has said nothing, "" where it has.
    """

    name: str
    findings: list[dict[str, Any]] = field(default_factory=list)
    status: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def command(self) -> str:
        """To be typed in a terminal."""
        return as_typed(f"manage.py {self.name}")

    @property
    def wrong(self) -> list[dict[str, Any]]:
        """The findings that are not well."""
        return [each for each in self.findings if each["severity"] != Severity.OK.label]

    @property
    def well(self) -> list[dict[str, Any]]:
        """The others."""
        return [each for each in self.findings if each["severity"] == Severity.OK.label]


def run_check(name: str) -> Outcome:
    """What one of CHECKS says. One runs at a time on this machine."""
    lock = settings.SEARCH_INDEX_DIR.with_name(f"{settings.SEARCH_INDEX_DIR.name}.check.lock")
    try:
        with file_lock(lock, message=lambda _: "Another check is running. Wait until it has ended."):
            return _run(name)
    except LockedError as error:
        return Outcome(name, problem=str(error))


def _run(name: str) -> Outcome:
    for each in connections.all(initialized_only=True):
        if not each.in_atomic_block:
            each.close()  # back into its pool: others need it meanwhile
    process = subprocess.Popen(  # noqa: S603 - our own command, by a name of ours
        [sys.executable, "manage.py", name, "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if name not in OF_WEB_WORKERS},
        start_new_session=True,
    )
    try:
        out, said = process.communicate(timeout=CHECK_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Outcome(
            name, problem=f"It took longer than {CHECK_SECONDS:.0f} seconds: type it in a terminal."
        )
    if process.returncode in FINISHED:
        with suppress(ValueError):
            return read_outcome(name, json.loads(out))
    lines = said.decode(errors="replace").splitlines()
    refusal = next((line for line in reversed(lines) if line.startswith(REFUSAL)), "")
    return Outcome(name, problem=refusal.removeprefix(REFUSAL) or "It has failed: type it in a terminal.")


def read_outcome(name: str, said: dict[str, Any]) -> Outcome:
    """What --json has printed."""
    if "findings" not in said:
        return Outcome(name, status=said)
    order = [each.label for each in sorted(Severity, reverse=True)]
    findings = sorted(said["findings"], key=lambda each: order.index(each["severity"]))
    return Outcome(name, findings=[each | {"fix": as_typed(each["fix"])} for each in findings])
