"""search_rebuild: the search index rebuilt; the work is in search.index.rebuild."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.progress import Reporter, open_log
from foxreviews.search.upkeep import go_back, rebuild_index


class Command(BaseCommand):
    """Build the index next to the one that answers, then let it answer."""

    help = (
        "Rebuild the search index from the directory. The old one answers until the new one has every company; "
        "running web processes then move to it by themselves."
    )
    examples = """
  manage.py search_rebuild
  manage.py search_rebuild --back    the one before answers again (a cluster)
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--back",
            action="store_true",
            help="build nothing: let the index before answer again (clusters only)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "search"))
        (go_back if options["back"] else rebuild_index)(reporter)
