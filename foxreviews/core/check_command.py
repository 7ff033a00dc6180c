"""The base of the commands that check: findings for people or as JSON, exit code 0 where all hold and 1 where not."""

import json
import sys
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console
from rich.markup import escape

from foxreviews.core.commands import Command
from foxreviews.core.findings import Finding, Severity, show, worst


class CheckCommand(Command):
    """A command that looks and changes nothing."""

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
        """Look at everything; on a terminal a line says meanwhile what was looked at last."""
        found: list[Finding] = []
        with console.status("looking") as shown:
            for finding in self.findings(options):
                found.append(finding)
                shown.update(f"{len(found)} looked at, last: {escape(finding.subject)}")
        return found
