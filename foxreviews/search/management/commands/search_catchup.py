"""search_catchup: the search index brought in step with the database; the work is in search.{catchup,follower}."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.progress import Reporter, open_log
from foxreviews.search.index.catchup import catch_up
from foxreviews.search.index.daemon import Follower
from foxreviews.search.index.storage import Generations


class Command(BaseCommand):
    """Once, or for ever."""

    help = (
        "Bring the search index in step with what changed in the directory; an index that is missing, damaged or of "
        "another format is built anew. One process at a time keeps an index."
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
        generations = Generations(settings.SEARCH_INDEX_DIR)
        if not options["follow"]:
            catch_up(generations, reporter)
            return
        try:
            Follower(generations, reporter).run()
        except KeyboardInterrupt:  # as it should end
            reporter.line("Stopped.")
