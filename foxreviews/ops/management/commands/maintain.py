"""maintain: what the tables and indexes need, and no more; the work is in ops.maintenance."""

import json
import sys
from dataclasses import asdict
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.backup.database import maintenance_lock
from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.files import format_bytes
from foxreviews.core.progress import Reporter, open_log
from foxreviews.ops.maintenance.needs import Needs, measure
from foxreviews.ops.maintenance.work import Done, at_work, do


class Command(BaseCommand):
    """Maintain tables and indexes."""

    help = (
        "VACUUM, ANALYZE and REINDEX CONCURRENTLY for the tables and indexes that need it, by measurement, while the "
        "service answers. Killed at any moment, the next run goes on. Exit code 1: something could not be done."
    )
    examples = """
  manage.py maintain --dry-run               what needs it, and why
  manage.py maintain                         every week
"""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what is needed, and do nothing")
        parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        # What is said on the way is not for the machine that reads stdout.
        reporter = Reporter(
            self.stderr if options["json"] else self.stdout, open_log(settings.LOG_DIR, "maintain")
        )
        done: list[Done] = []
        try:
            with maintenance_lock(), at_work() as session:
                with reporter.stage("Measuring"):
                    needs = measure(session)
                for need in needs.found if options["dry_run"] else ():
                    reporter.line(f"{need.statement}: {need.why}")
                for each in () if options["dry_run"] else do(session, needs.found):
                    done.append(each)
                    reporter.line(_told(each))
        except psycopg.Error as error:
            raise FoxreviewsError(
                f"PostgreSQL stopped the maintenance: {str(error).strip()} Run it again."
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps(_facts(needs, done), indent=2, ensure_ascii=False))
        else:
            reporter.line(_summary(needs, done, dry_run=options["dry_run"]))
        if any(each.problem for each in done):
            sys.exit(1)


def _told(done: Done) -> str:
    """«REINDEX INDEX CONCURRENTLY public.x: 45 % … empty; 20 MB → 11 MB, 1.2 s»."""
    sizes = f"{format_bytes(done.bytes_before)} → {format_bytes(done.bytes_after)}, {done.seconds:.1f} s"
    problem = f" Not done: {done.problem}" if done.problem else ""
    return f"{done.need.statement}: {done.need.why}; {sizes}.{problem}"


def _summary(needs: Needs, done: list[Done], *, dry_run: bool) -> str:
    if not needs.found:
        return f"Nothing to do: {needs.tables:,} tables and {needs.indexes:,} indexes are in order."
    if dry_run:
        return f"{len(needs.found):,} to do. Next: .venv/bin/python manage.py maintain"
    problems = sum(bool(each.problem) for each in done)
    said = f"{len(done) - problems:,} done, {format_bytes(sum(each.gained for each in done))} gained."
    return f"{said} {problems:,} not done: run the same command again later." if problems else said


def _facts(needs: Needs, done: list[Done]) -> dict[str, Any]:
    return {
        "tables": needs.tables,
        "indexes": needs.indexes,
        "needed": [asdict(need) for need in needs.found],
        "done": [each.as_json() for each in done],
        "gained": sum(each.gained for each in done),
    }
