"""manage.py doctor: what is wrong with the database, and the fix of each."""

from collections.abc import Iterable
from typing import Any

from foxreviews.core.commands import CheckCommand
from foxreviews.core.findings import Finding
from foxreviews.ops.doctor import examine


class Command(CheckCommand):
    help = (
        "Find what is wrong with the database: every query of the product is explained and must use its index; "
        "migrations, extensions, change log, invalid indexes, what maintain would do. Exit code 0: nothing does "
        "harm; 1: something does."
    )
    examples = """
  manage.py doctor
  manage.py doctor --json | jq '.findings[] | select(.severity == "error")'
"""

    def findings(self, options: dict[str, Any]) -> Iterable[Finding]:  # noqa: ARG002 - the base's signature
        return examine()
