"""manage.py verify: the scaling plan's phase 3, after an import."""

from collections.abc import Iterable
from typing import Any

from foxreviews.core.commands import CheckCommand
from foxreviews.core.findings import Finding
from foxreviews.ops.verify import verify


class Command(CheckCommand):
    help = (
        "Check what an import has left: counts, sizes next to those of docs/explanation/scaling-plan.md, indexes, "
        "towns, SIREN, search index. Reads the whole directory once. Exit code 0: all holds; 1: something does not."
    )
    examples = """
  manage.py verify
  manage.py verify --json | jq '.findings[] | select(.severity != "ok")'
"""

    def findings(self, options: dict[str, Any]) -> Iterable[Finding]:  # noqa: ARG002 - the base's signature
        return verify()
