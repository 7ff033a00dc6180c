"""scaling: when to grow, and how, by what was measured."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from foxreviews.core.check_command import CheckCommand
from foxreviews.core.findings import Finding
from foxreviews.ops.scaling import findings


class Command(CheckCommand):
    """Looks at the samples of scaling_sample."""

    help = (
        "Say whether to stay, tune, add a replica, move search to a cluster or partition, by the scaling plan's "
        "thresholds and the samples of scaling_sample. Exit code 1 where a threshold that asks for more machines "
        "is passed."
    )
    examples = """
  manage.py scaling
  manage.py scaling --json | jq '.findings[] | select(.subject == "answer")'
"""

    def findings(self, _options: dict[str, Any]) -> Iterable[Finding]:
        return findings(timezone.now())
