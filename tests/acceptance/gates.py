"""Places at which an import is made to wait, so that what happens to it happens there."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from benchmarks.imports.crashes import Run
from tests.acceptance.directories import Directory
from tests.waiting import wait_until

PLACES = {"reading": 1, "merging": 2, "indexes": 3}
GATES = 7101  # a kind of advisory locks that is no other's
BUILD = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
IS_WAITING = f"SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = {GATES} AND NOT granted"


@contextmanager
def stopped_at(
    place: str, directory: Directory, *arguments: object
) -> Iterator[tuple[Run, psycopg.Connection]]:
    """A command that waits at that place of the directory, which has the gates, and the session that it waits for."""
    with closing(psycopg.connect(directory.url, autocommit=True)) as session:
        session.execute(f"SELECT pg_advisory_lock({GATES}, {PLACES[place]})")
        run = directory.start(*arguments)

        def waits() -> bool:
            assert run.process.poll() is None, f"It never came to {place}: {run.said}"
            return bool(session.execute(IS_WAITING).fetchall())

        wait_until(waits, lambda: f"It does not come to {place}: {run.said}")
        yield run, session
