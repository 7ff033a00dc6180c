"""backup: the directory on another disk; the work is in backup.backup."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.backup.backup import back_up, remove_old
from foxreviews.backup.database import add_jobs
from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.commands import positive
from foxreviews.core.files import format_bytes
from foxreviews.core.progress import Reporter, open_log

KEEP = 7


class Command(BaseCommand):
    """Make a backup."""

    help = (
        "Back the database up to BACKUP_DIR (var/backups), while the service and imports go on: one moment of it, "
        "compressed, with a manifest of counts and hashes. Then all but the newest backups are removed."
    )
    examples = """
  manage.py backup                           every night, and before an import
  BACKUP_DIR=/mnt/backups manage.py backup --keep 30
  manage.py restore_drill                    prove that it can be restored
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--keep",
            type=positive,
            default=KEEP,
            metavar="N",
            help=f"complete backups that stay (default {KEEP})",
        )
        add_jobs(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "backup"))
        made = back_up(settings.BACKUP_DIR, options["jobs"], reporter)
        rows = made.manifest.contents.rows if made.manifest else 0
        reporter.line(f"{made.folder}: {rows:,} rows, {format_bytes(made.bytes)}.")
        for old in remove_old(settings.BACKUP_DIR, options["keep"], made):
            reporter.line(f"{old.name} was removed: {options['keep']} newer ones are complete.")
        reporter.line("Next: manage.py restore_drill, to prove that it can be restored.")
