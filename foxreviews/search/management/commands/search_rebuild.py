"""search_rebuild: the search index made anew; the work is in search.index.rebuild."""

from typing import Any

from django.conf import settings

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.files import bytes_in
from foxreviews.core.progress import Reporter, open_log
from foxreviews.search.index.rebuild import rebuild
from foxreviews.search.index.storage import Generations


class Command(BaseCommand):
    """Build the index beside the one that answers, then let it answer."""

    help = (
        "Build the search index anew from the directory. The old one answers until the new one has every company; "
        "running web processes then move to it by themselves."
    )
    examples = """
  manage.py search_rebuild
"""

    def handle(self, *_args: Any, **_options: Any) -> None:
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "search"))
        built = rebuild(Generations(settings.SEARCH_INDEX_DIR), reporter)
        state, size = built.state, bytes_in(built.generation) / 1_000_000
        reporter.line(
            f"{built.generation} answers: {state.documents:,} companies, {state.reperes:,} towns and trades, "
            f"{size:,.0f} MB."
        )
        if built.left_out:
            reporter.line(
                f"{built.left_out:,} companies have no SIREN of nine digits and are not found by words."
            )
