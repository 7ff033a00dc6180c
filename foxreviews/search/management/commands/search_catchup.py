"""search_catchup: the search index brought in sync with the database; the work is in search.index.{rebuild,daemon}."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.progress import Reporter, open_log
from foxreviews.search.upkeep import catch_up_index, follow_index


class Command(BaseCommand):
    """Once, or as a daemon."""

    help = (
        "Bring the search index in sync with what changed in the directory; an index that is missing, damaged or of "
        "another format is rebuilt. One process at a time keeps an index in sync."
    )
    examples = """
  manage.py search_catchup              once
  manage.py search_catchup --follow     until it is stopped: a service
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--follow", action="store_true", help="go on until stopped: changes are found within a second"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "search"))
        if not options["follow"]:
            catch_up_index(reporter)
            return
        try:
            follow_index(reporter)
        except KeyboardInterrupt:  # as it should end
            reporter.line("Stopped.")
