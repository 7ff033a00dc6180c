"""Places at which an import is made to wait, so that what happens to it happens there."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from benchmarks.imports.crashes import Run
from tests.acceptance.directories import Directory
from tests.waiting import wait_until

PLACES = {"reading": 1, "merging": 2, "indexes": 3}
PLACES_OF_REGISTER = PLACES | {"head offices": 4}
GATES = 7101  # a kind of advisory locks that is no other's
BUILD = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
IS_WAITING = f"""
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = {GATES} AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def build(directory: Directory) -> None:
    """Give the directory its gates. Skips the test where its account may not."""
    if directory.ask("SELECT current_setting('is_superuser')") != [("on",)]:
        pytest.skip("an import is held at event triggers, which only a superuser of the database makes")
    directory.ask(BUILD)


@contextmanager
def stopped_at(
    place: str, directory: Directory, *arguments: object
) -> Iterator[tuple[Run, psycopg.Connection]]:
    """A command that waits at that place of the directory, which has the gates, and the session that it waits for."""
    with closing(psycopg.connect(directory.url, autocommit=True)) as session:
        session.execute(f"SELECT pg_advisory_lock({GATES}, {PLACES_OF_REGISTER[place]})")
        run = directory.start(*arguments)

        def waits() -> bool:
            assert run.process.poll() is None, f"It never came to {place}: {run.said}"
            return bool(session.execute(IS_WAITING).fetchall())

        wait_until(waits, lambda: f"It does not come to {place}: {run.said}")
        yield run, session
