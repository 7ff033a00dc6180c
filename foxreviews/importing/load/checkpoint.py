"""Where an interrupted import stopped, kept next to its staged rows.

The checkpoint is written in the transaction that stages the rows it counts, and like the staging table it is not
logged: a killed command leaves both, a crashed server empties both. So what it says is always true of what is staged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from foxreviews.importing.load.staging import (
    COMPANIES,
    DOUBLES,
    EMPLOYERS,
    ESTABLISHMENTS,
    FORMER_NAMES,
    HEAD_OFFICES,
    JOINED_COMPANIES,
    LEGAL_UNITS,
    SUCCESSIONS,
)
from foxreviews.reading.blocks import Place

TABLE = "importing_checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """The state of a run after a block: its scope, where in the text it stands, and its counts so far.

    `scope` is what must be the same for a run to continue another: which records, and what their columns are.
    """

    scope: Mapping[str, Any]
    place: Place
    report: dict[str, Any]

    def save(self) -> None:
        """Replace what is kept, in the caller's transaction."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLE}")  # noqa: S608 - a constant
            cursor.execute(f"INSERT INTO {TABLE} VALUES (%s)", [orjson.dumps(self).decode()])  # noqa: S608


def create() -> None:
    """Make the table, empty."""
    drop()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE {TABLE} (state jsonb NOT NULL)")


def drop() -> None:
    """Remove the table."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def load() -> Checkpoint | None:
    """What an interrupted run has left, if anything."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [TABLE])
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute(f"SELECT state FROM {TABLE}")  # noqa: S608
        row = cursor.fetchone()
    if row is None:
        return None
    state = orjson.loads(row[0]) if isinstance(row[0], str) else row[0]
    return Checkpoint(state.get("scope", {}), Place(**state["place"]), state["report"])


def drop_leftovers() -> None:
    """Remove the tables of a killed import that no import can continue. The caller holds the lock of imports.

    The companies of a CSV file stay while their checkpoint does: the same command continues with them.
    """
    tables = [LEGAL_UNITS, HEAD_OFFICES, EMPLOYERS, ESTABLISHMENTS, SUCCESSIONS, DOUBLES, FORMER_NAMES]
    if load() is None:
        tables += [COMPANIES, TABLE]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP VIEW IF EXISTS {JOINED_COMPANIES}")
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(tables)}")
