"""What a check found: how bad it is, what it means to a beginner, and its fix."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any

from django.db import DatabaseError, connection, transaction
from rich.console import Console
from rich.table import Table
from rich.text import Text

from foxreviews.core import database_errors
from foxreviews.core.errors import as_typed


class Severity(IntEnum):
    """How bad, worst last. Only an error makes a command exit with 1."""

    OK = 0
    NOTE = 1  # worth knowing, or could not be checked
    WARNING = 2  # will do harm if it stays
    ERROR = 3  # does harm now, or what comes next would

    @property
    def label(self) -> str:
        """The word next to the sign: the output reads without colour."""
        return self.name.lower()


SIGNS = {Severity.OK: "✓", Severity.NOTE: "·", Severity.WARNING: "!", Severity.ERROR: "✗"}
COLOURS = {Severity.OK: "green", Severity.NOTE: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "red"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str  # what was looked at: a few words
    severity: Severity
    found: str  # what is there, with its figure and unit
    why: str = ""  # what it means, for a reader who is new to it
    fix: str = ""  # the command that repairs it, as it is typed
    figures: Mapping[str, Any] = field(default_factory=dict)  # for --json

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self) | {"severity": self.severity.label, "figures": dict(self.figures)}


def worst(findings: Iterable[Finding]) -> Severity:
    """The worst of all; OK where there is nothing."""
    return max((finding.severity for finding in findings), default=Severity.OK)


def guarded(subject: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What the check finds; a note where the database refuses it. Raises DatabaseError where the database is gone."""
    # A failed statement ends only itself, but for the transaction that a caller may have begun.
    apart = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with apart:
            return list(check())
    except DatabaseError as error:
        said = database_errors.sentence(error)
        if said is None or connection.connection is None or connection.connection.closed:
            raise
        return [Finding(subject, Severity.NOTE, "could not be checked", said)]


def show(findings: Iterable[Finding], console: Console) -> None:
    """The worst first, aligned; why and the fix below each that is not well; at the end what to do next."""
    ordered = sorted(findings, key=lambda finding: -finding.severity)
    signs = max((len(_head(finding)[0]) for finding in ordered), default=0)
    subjects = max((len(finding.subject) for finding in ordered), default=0)
    for finding in ordered:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, min_width=signs)
        table.add_column(min_width=subjects)
        table.add_column(overflow="fold")
        sign, subject = _head(finding)
        table.add_row(Text(sign, style=COLOURS[finding.severity]), Text(subject), Text(finding.found))
        if finding.severity > Severity.OK and finding.why:
            table.add_row("", "", Text(finding.why, style="dim"))
        console.print(table)
        if finding.severity > Severity.OK and finding.fix:
            # Outside of the table, which would wrap it: it is there to be pasted.
            fix = f"{' ' * (signs + subjects + 4)}→ {as_typed(finding.fix)}"
            console.print(Text(fix, style="bold"), soft_wrap=True)
    console.print(_next(ordered), markup=False, soft_wrap=True)


def _head(finding: Finding) -> tuple[str, str]:
    """The first two columns: «✗ error», «index»."""
    return f"{SIGNS[finding.severity]} {finding.severity.label}", finding.subject


def _next(ordered: list[Finding]) -> str:
    """«11 of 12 hold. Next: …», from the worst that has a fix. A note is neither: «1 more is a note.»"""
    judged = [finding for finding in ordered if finding.severity is not Severity.NOTE]
    notes = len(ordered) - len(judged)
    counted = f"{sum(finding.severity is Severity.OK for finding in judged)} of {len(judged)} hold."
    if notes:
        counted += f" {notes} more {'is a note' if notes == 1 else 'are notes'}."
    fixes = [finding.fix for finding in ordered if finding.severity >= Severity.WARNING and finding.fix]
    return f"{counted} Next: {as_typed(fixes[0])}" if fixes else counted
