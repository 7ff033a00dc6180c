"""Databases to measure on: empty ones that are dropped at the end, and the configured one."""

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.db import connection

from benchmarks import files
from benchmarks.command import CHECKOUT, manage, start_configured_database, watched
from foxreviews import localdb

Connect = Callable[[], psycopg.Connection]


@contextmanager
def scratch_database(name: str, checkout: Path = CHECKOUT) -> Iterator[dict[str, str]]:
    """The environment of an empty database, migrated by a checkout, dropped at the end."""
    environment = {"DATABASE_URL": server_address() + name, "SECRET_KEY": secrets.token_urlsafe(50)}
    administration = {"DATABASE_URL": server_address() + "postgres"}
    psql(administration, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    psql(administration, f"CREATE DATABASE {name}")
    try:
        watched(environment, "migrate", "--verbosity", "0", checkout=checkout)
        yield environment
    finally:
        psql(administration, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def loaded_database(name: str, rows: int, seed: int) -> Iterator[dict[str, str]]:
    """The same with the fictional towns and so many fictional companies."""
    with scratch_database(name) as environment:
        import_towns(environment)
        manage(environment, "import_entreprises_bulk", files.companies(rows, seed))
        yield environment


def import_towns(environment: Mapping[str, str], checkout: Path = CHECKOUT) -> None:
    """Load the fictional towns."""
    villes, population = files.towns()
    watched(environment, "import_villes", villes, "--population", population, checkout=checkout)


def server_address() -> str:
    """The address of the configured server, up to the database's name."""
    if url := os.environ.get("DATABASE_URL"):
        return url.rsplit("/", 1)[0] + "/"
    localdb.ensure_running()
    found = localdb.connection_settings()
    parts = {key: quote(str(found.get(key) or ""), safe="") for key in ("USER", "HOST", "PORT")}
    return "postgresql://{USER}@{HOST}:{PORT}/".format(**parts)


def psql(environment: Mapping[str, str], statement: str) -> str:
    """What psql prints for a statement, without headers."""
    options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    command = ["psql", *options, environment["DATABASE_URL"], "-c", statement]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def configured() -> tuple[dict[str, str], Connect]:
    """The environment of commands, and how to reach the configured database."""
    start_configured_database()
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in {"context", "cursor_factory", "prepare_threshold"}
    }
    return dict(os.environ), lambda: psycopg.connect(**parameters)
