"""search_rebuild: the search index rebuilt; the work is in search.index.rebuild."""

from typing import Any

from django.conf import settings

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.progress import Reporter, open_log
from foxreviews.search.index.rebuild import rebuild
from foxreviews.search.index.storage import IndexStorage


class Command(BaseCommand):
    """Build the index next to the one that answers, then let it answer."""

    help = (
        "Rebuild the search index from the directory. The old one answers until the new one has every company; "
        "running web processes then move to it by themselves."
    )
    examples = """
  manage.py search_rebuild
"""

    def handle(self, *_args: Any, **_options: Any) -> None:
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "search"))
        rebuild(IndexStorage(settings.SEARCH_INDEX_DIR), reporter)
