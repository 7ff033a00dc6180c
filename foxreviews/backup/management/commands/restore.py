"""restore: a backup in the place of the directory; the work is in backup.restore."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from foxreviews.backup.database import add_jobs, database_name
from foxreviews.backup.manifest import Backup, find_backup
from foxreviews.backup.restore import refresh_cluster, refresh_index, restore
from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import UsageError
from foxreviews.core.progress import Reporter, open_log
from foxreviews.search.index.storage import IndexStorage


class Command(BaseCommand):
    """Restore a backup."""

    help = (
        "Put a backup in the place of the database. It is restored next to it and compared with its manifest while the "
        "service goes on; then the two are swapped. The old database is kept under another one."
    )
    examples = """
  manage.py restore                          the newest complete backup
  manage.py restore 20260301T041500Z --yes   that one, without being asked
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "backup",
            nargs="?",
            metavar="BACKUP",
            help="its name in BACKUP_DIR, or its folder (default: the newest complete one)",
        )
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
        add_jobs(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        backup = find_backup(settings.BACKUP_DIR, options["backup"])
        if not options["yes"]:
            _confirm(backup)
        reporter = Reporter(self.stdout, open_log(settings.LOG_DIR, "backup"))
        done = restore(backup, options["jobs"], reporter)
        reporter.line(f"{database_name()} is the backup {backup.name}: {done.rows:,} rows.")
        if done.old:
            reporter.line(f"What it was before is kept as {done.old}. When it is no longer needed:")
            reporter.line(f"  {_psql()} -c 'DROP DATABASE \"{done.old}\"'")
        refresh_index(IndexStorage(settings.SEARCH_INDEX_DIR), reporter)
        if settings.SEARCH_ENGINE == "opensearch":
            refresh_cluster(reporter)


def _confirm(backup: Backup) -> None:
    about = f"{backup.companies:,} companies, {backup.age.total_seconds() / 3600:,.0f} h old"
    what = f"This puts the backup {backup.name} ({about}) in the place of the database {database_name()}, which is kept"
    if not sys.stdin.isatty():
        raise UsageError(f"{what}. Say so: manage.py restore {backup.name} --yes")
    if input(f"{what}. Type yes to go on: ").strip().lower() != "yes":
        raise CommandError("Nothing was restored.")


def _psql() -> str:
    return "manage.py dbshell --" if settings.DATABASE_URL else "manage.py localdb psql"
