"""How the server is reached: as by Django, for sessions of our own and for PostgreSQL's programs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg.pq import Conninfo

MAINTENANCE = "postgres"  # the database that every server has, to connect to while another one is renamed
# A killed command leaves its session behind, and the server is to notice soon. What takes long is meant to.
SETTINGS = (
    "-c client_connection_check_interval=1s -c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
)


def _parameters() -> dict[str, Any]:
    """What libpq is told; what is only for Django's own connections is left out."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    given = connection.get_connection_params()
    return {name: value for name, value in given.items() if name in known and value is not None}


@contextmanager
def session(database: str | None = None, options: str = "") -> Iterator[psycopg.Connection]:
    """A session in `database` (Django's own where none is named), in autocommit, closed at the end of the block.

    `options` are settings of the session, «-c lock_timeout=1s».
    """
    parameters = _parameters()
    parameters["options"] = f"{parameters.get('options', '')} {SETTINGS} {options}".strip()
    if database:
        parameters["dbname"] = database
    with psycopg.connect(**parameters, autocommit=True) as opened:
        yield opened


def environment(database: str, application: str) -> dict[str, str]:
    """The variables by which PostgreSQL's programs reach `database`: a command line is for all to read."""
    names = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    given = _parameters() | {"dbname": database, "application_name": application}
    told = {variable.decode(): str(value) for name, value in given.items() if (variable := names.get(name))}
    return os.environ | {"LC_MESSAGES": "C"} | told


def database_name() -> str:
    """The database of Django."""
    return str(connection.settings_dict["NAME"])


def exists(opened: psycopg.Connection, database: str) -> bool:
    """Whether the server has a database of that name."""
    found = opened.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    return found.fetchone() is not None
