"""restore_drill: the proof that a backup can be restored; the work is in backup.drill."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.backup.database import add_jobs
from foxreviews.backup.drill import drill
from foxreviews.backup.manifest import find_backup
from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.progress import Reporter, open_log


class Command(BaseCommand):
    """Prove a backup."""

    help = (
        "Restore a backup into a database of its own, compare every table with the manifest, remove it again, and "
        "say how long a recovery takes. Exit code 0: it holds; 1 or 2: it does not, and why."
    )
    examples = """
  manage.py restore_drill                    the newest complete one: every week
  manage.py restore_drill 20260301T041500Z
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "backup",
            nargs="?",
            metavar="BACKUP",
            help="its name in BACKUP_DIR, or its folder (default: the newest complete one)",
        )
        add_jobs(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        backup = find_backup(settings.BACKUP_DIR, options["backup"])
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "backup"))
        done = drill(backup, options["jobs"], reporter)
        reporter.line(
            f"The backup {backup.name} holds: each table as it was backed up. A recovery takes {done.seconds:,.0f} s."
        )
