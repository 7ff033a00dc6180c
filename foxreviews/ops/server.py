"""The database server: its statements, where it is, how psql is typed for it, settings of a session."""

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created
from psycopg import sql

from foxreviews.core import files
from foxreviews.core import sql as statements
from foxreviews.core.sql import value

LOCAL = {"", "localhost", "127.0.0.1", "::1"}


def rows(name: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """What sql/`name`.sql finds, a dictionary of its columns for each row."""
    return statements.rows(statements.load(__file__, name), parameters)


def is_own() -> bool:
    """Whether it is the server that the project runs for itself."""
    return not settings.DATABASE_URL


def is_local() -> bool:
    """Whether it is on this machine."""
    host = str(connection.settings_dict["HOST"])
    return host.startswith("/") or host in LOCAL


def data_disk() -> tuple[str, int | None]:
    """The folder of its files, and the free bytes there; None where it cannot be seen from here."""
    # By the view: it hides what a role may not see, where current_setting fails.
    folder = value("SELECT (SELECT setting FROM pg_settings WHERE name = 'data_directory')")
    return (folder, files.disk_space(folder).free) if folder and is_local() else ("/var/lib/postgresql", None)


def psql(*arguments: str) -> str:
    """The command line of psql with these arguments."""
    program = "manage.py localdb psql" if is_own() else "manage.py dbshell --"
    return f"{program} {shlex.join(arguments)}"


def psql_statement(text: str) -> str:
    """The command line that sends this statement."""
    return psql("-c", text)


def build_indexes() -> str:
    """The command line that builds missing and invalid indexes of the companies."""
    return psql("-f", "SCALING_4M_ENTREPRISES.sql")


@contextmanager
def session_settings(chosen: Mapping[str, str]) -> Iterator[None]:
    """Give our session these settings while the block runs."""

    def apply(**_signal: Any) -> None:
        with connection.cursor() as cursor:
            for name, chosen_value in chosen.items():
                cursor.execute("SELECT set_config(%s, %s, false)", [name, chosen_value])

    apply()
    connection_created.connect(apply)  # also after a restart of the server
    try:
        yield
    finally:
        connection_created.disconnect(apply)
        with connection.cursor() as cursor:
            for name in chosen:
                cursor.execute(sql.SQL("RESET {}").format(sql.Identifier(name)))


@contextmanager
def web_session(also: Mapping[str, str] | None = None) -> Iterator[None]:
    """Give our session the settings of a web worker, by which the planner chooses otherwise, and `also` these."""
    with session_settings(dict(re.findall(r"-c (\w+)=(\S+)", settings.WEB_SESSION)) | dict(also or {})):
        yield
