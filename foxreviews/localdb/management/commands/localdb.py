"""manage.py localdb: the PostgreSQL that the project runs for itself, by hand."""

import json
import os
import shlex
import sys
from argparse import REMAINDER
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from foxreviews.core.commands import Command as BaseCommand
from foxreviews.core.errors import LockedError, UsageError
from foxreviews.core.files import format_bytes
from foxreviews.localdb import binaries, own_cluster, running_demo
from foxreviews.localdb.cluster import Cluster, Status
from foxreviews.localdb.server import count_sessions

ENVIRONMENT = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME"}


class Command(BaseCommand):
    help = "Start, stop, inspect or remove the PostgreSQL that the project runs for itself (in var/postgres)."
    examples = """
  manage.py localdb status                       where it is, how psql finds it
  manage.py localdb psql -c 'SELECT version()'   what follows psql is for psql
  manage.py localdb destroy --yes                all data in it is gone
"""

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("start", help="make it where there is none, and start it")
        actions.add_parser("stop", help="stop it; the data stays")
        status = actions.add_parser("status", help="what there is; exit 0 when it runs, 1 when it does not")
        status.add_argument("--json", action="store_true", help="print it as JSON, for programs")
        psql = actions.add_parser("psql", help="a psql session in it", prefix_chars="\0")
        psql.add_argument("arguments", nargs=REMAINDER, metavar="…", help="given to psql")
        destroy = actions.add_parser("destroy", help="stop it and remove all its data")
        destroy.add_argument(
            "--yes", "--no-input", "--noinput", action="store_true", help="do not ask for confirmation"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        cluster = own_cluster()
        match options["action"]:
            case "start":
                self._start(cluster)
            case "stop":
                stopped = cluster.stop()
                self.stdout.write("PostgreSQL has stopped." if stopped else "PostgreSQL was not running.")
            case "status":
                self._status(cluster.status(), as_json=options["json"])
            case "psql":
                self._psql(cluster, options["arguments"])
            case "destroy":
                self._destroy(cluster, confirmed=options["yes"])

    def _start(self, cluster: Cluster) -> None:
        _require_own(cluster)
        started = cluster.start()
        status = cluster.status()
        state = "runs" if started else "was already running"
        self.stdout.write(f"PostgreSQL {status.version} {state} (process {status.pid}) in {status.home}")

    def _status(self, status: Status, *, as_json: bool) -> None:
        environment = {name: status.settings[key] for name, key in ENVIRONMENT.items()}
        if as_json:
            self.stdout.write(json.dumps({**_facts(status), "environment": environment}, indent=2))
        else:
            facts = _facts(status)
            del facts["bytes"]
            facts["disk"] = format_bytes(status.bytes_on_disk)
            for name, value in facts.items():
                self.stdout.write(f"{name:<9}{'-' if value is None else value}")
            exports = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
            self.stdout.write(f"\nSo that psql and pg_dump find it:\nexport {exports}")
        if status.pid is None:
            sys.exit(1)

    def _psql(self, cluster: Cluster, arguments: list[str]) -> None:
        _require_own(cluster)
        cluster.start()
        connection = cluster.connection_settings()
        environment = {name: connection[key] for name, key in ENVIRONMENT.items()}
        program = binaries.client("psql")
        os.execve(program, [program, *arguments], os.environ | environment)  # noqa: S606 - psql is what was asked for

    def _destroy(self, cluster: Cluster, *, confirmed: bool) -> None:
        what = f"This removes all data in {cluster.home}"
        if cluster.is_ready:
            if demo := running_demo():
                raise LockedError(
                    f"{what}, which a demo serves now. Stop it first: Ctrl-C where it runs, or kill {demo}"
                )
            if sessions := count_sessions(cluster.connection_settings()):
                what += f", which {sessions} {'sessions use' if sessions > 1 else 'session uses'} now"
        if not confirmed:
            if not sys.stdin.isatty():
                raise UsageError(f"{what}. Say so: manage.py localdb destroy --yes")
            if input(f"{what}. Type yes to go on: ").strip().lower() != "yes":
                raise CommandError("Nothing was removed.")
        removed = cluster.destroy()
        self.stdout.write(
            f"Removed {cluster.home}." if removed else f"There is no cluster in {cluster.home}."
        )


def _require_own(cluster: Cluster) -> None:
    """With DATABASE_URL the database is on another server: none is started in addition."""
    if settings.DATABASES["default"]["HOST"] != cluster.connection_settings()["HOST"]:
        raise UsageError("DATABASE_URL names another PostgreSQL, so the project's own is not used. Unset it.")


def _facts(status: Status) -> dict[str, str | int | bool | None]:
    return {
        "running": status.pid is not None,
        "version": status.version,
        "process": status.pid,
        "account": status.account,
        "folder": str(status.home),
        "log": str(status.log),
        "bytes": status.bytes_on_disk,
    }
