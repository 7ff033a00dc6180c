"""manage.py doctor: what ails the database, and its fix."""

from collections.abc import Iterable
from typing import Any

from foxreviews.core.commands import CheckCommand
from foxreviews.core.findings import Finding
from foxreviews.ops.doctor.examination import examine


class Command(CheckCommand):
    help = (
        "Find what ails the database: every query of the product is explained and must use its index; indexes, dead "
        "rows, statistics, locks, migrations, slowest statements. Exit code 0: nothing does harm; 1: something does."
    )
    examples = """
  manage.py doctor
  manage.py doctor --json | jq '.findings[] | select(.severity == "error")'
"""

    def findings(self, options: dict[str, Any]) -> Iterable[Finding]:  # noqa: ARG002 - the base's signature
        return examine()
