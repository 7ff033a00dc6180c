"""manage.py maintain: what the tables and indexes need, and no more."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from foxreviews.backup.database import maintenance_lock
from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.files import format_bytes
from foxreviews.core.progress import Reporter, open_log
from foxreviews.ops.maintain import SESSION, Done, Need, measure, work
from foxreviews.ops.server import session_settings


class Command(BaseCommand):
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
        out = self.stderr if options["json"] else self.stdout  # stdout is for the JSON alone
        reporter = Reporter(out, open_log(settings.LOG_DIR, "maintain"))
        done: list[Done] = []
        with maintenance_lock(), session_settings(SESSION):
            with reporter.stage("Measuring"):
                needs = measure()
            for need in needs if options["dry_run"] else ():
                reporter.line(f"{need.statement}: {need.why}")
            for each in () if options["dry_run"] else work(needs):
                done.append(each)
                reporter.line(_report(each))
        if options["json"]:
            self.stdout.write(json.dumps(_facts(needs, done), indent=2, ensure_ascii=False))
        else:
            reporter.line(_summary(needs, done, dry_run=options["dry_run"]))
        if any(each.problem for each in done):
            sys.exit(1)


def _report(done: Done) -> str:
    """«REINDEX INDEX CONCURRENTLY "x": 45 % … empty; 20 MB → 11 MB, 1.2 s»."""
    sizes = f"{format_bytes(done.bytes_before)} → {format_bytes(done.bytes_after)}, {done.seconds:.1f} s"
    problem = f" Not done: {done.problem}" if done.problem else ""
    return f"{done.need.statement}: {done.need.why}; {sizes}.{problem}"


def _summary(needs: list[Need], done: list[Done], *, dry_run: bool) -> str:
    if not needs:
        return "Nothing to do: all tables and indexes are in order."
    if dry_run:
        return f"{len(needs):,} to do. Next: manage.py maintain"
    problems = sum(bool(each.problem) for each in done)
    said = f"{len(done) - problems:,} done, {format_bytes(sum(each.gained for each in done))} gained."
    return f"{said} {problems:,} not done: run the same command again later." if problems else said


def _facts(needs: list[Need], done: list[Done]) -> dict[str, Any]:
    return {
        "needed": [asdict(need) for need in needs],
        "done": [each.as_json() for each in done],
        "gained": sum(each.gained for each in done),
    }
