"""manage.py scaling: when to grow, and how, by what was measured."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser

from foxreviews.core.commands import CheckCommand
from foxreviews.core.findings import Finding
from foxreviews.ops.scaling import findings


class Command(CheckCommand):
    help = (
        "Say whether to stay, tune, add a replica, move search to a cluster or partition, by the thresholds "
        "of docs/explanation/scaling-plan.md. Reads the last 24 h from Prometheus (PROMETHEUS_URL) or from the "
        "request log, growth from the imports. Exit code 1: a threshold that asks for more machines is passed."
    )
    examples = """
  manage.py scaling
  journalctl -u 'foxreviews-web@*' -o cat | manage.py scaling --log -
"""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--log", default="", metavar="FILE", help="the web server's log; - reads it from standard input"
        )

    def findings(self, options: dict[str, Any]) -> Iterable[Finding]:
        return findings(options["log"])
