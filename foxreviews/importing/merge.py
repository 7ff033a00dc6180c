"""Staging → directory, by sets. Idempotent: merging the same rows again finds nothing to do."""

from collections.abc import Sequence
from pathlib import Path

from django.db import connection
from psycopg import sql

from foxreviews.importing.staging import Staging

FOLDER = Path(__file__).parent / "sql"


def insert_first(staging: Staging) -> int:
    """Fill the empty directory; the number of companies created."""
    return _execute("insert_first", staging)


def insert(staging: Staging) -> int:
    """Add what is new; the number of companies created."""
    return _execute("insert", staging)


def update(staging: Staging) -> int:
    """Rewrite what differs; the number of companies updated."""
    return _execute("update", staging)


def compare(staging: Staging) -> tuple[int, int]:
    """How many companies a merge would create, and how many it would update."""
    with connection.cursor() as cursor:
        cursor.execute(_statement("compare", staging))
        created, updated = cursor.fetchone()
    return created, updated


def _execute(name: str, staging: Staging) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_statement(name, staging))
        return int(cursor.rowcount)


def _statement(name: str, staging: Staging) -> str:
    columns = [column for column in staging.columns if column != "siren"]
    statement = sql.SQL((FOLDER / f"{name}.sql").read_text()).format(
        staging=sql.Identifier(staging.name),
        columns=_listed(columns),
        kept_columns=_listed(columns, "kept"),
        staged_columns=_listed(columns, "staged"),
    )
    return statement.as_string(connection.connection)


def _listed(columns: Sequence[str], table: str | None = None) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.Identifier(table, column) if table else sql.Identifier(column) for column in columns
    )
