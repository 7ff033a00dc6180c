"""Statements in files of their own, in a folder sql/ next to the module that runs them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql


def load(module: str, name: str) -> str:
    """The text of sql/`name`.sql next to the module: load(__file__, "tables")."""
    return (Path(module).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def rows(statement: str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> list[dict[str, Any]]:
    """What the statement finds, a dictionary of its columns for each row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        # `description` looks up each column's type, which no row needs.
        result = cursor.cursor.pgresult
        columns = [result.fname(number).decode() for number in range(result.nfields)]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def compose(statement: str, **parts: sql.Composable) -> str:
    """The statement, with identifiers and literals in the places of its {names}."""
    return sql.SQL(statement).format(**parts).as_string(connection.connection)


def columns(names: Iterable[str], table: str | None = None) -> sql.Composed:
    """The columns, with the table's name before each where one is given, separated by commas."""
    return sql.SQL(", ").join(sql.Identifier(*filter(None, (table, name))) for name in names)


def value(statement: str, *parameters: Any) -> Any:
    """The one value that a short statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchone()[0]


def aside(statement: str, parameters: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
    """The one row that a statement finds, past Django's cursor: it is counted for no request, whichever runs it."""
    with connection.wrap_database_errors:
        connection.ensure_connection()
        found: tuple[Any, ...] = connection.connection.execute(statement, parameters).fetchone()
        return found


def leaves(table: str) -> list[str]:
    """The names of the tables that hold its rows: itself, or its partitions."""
    found: list[str] = value(
        "SELECT coalesce(array_agg(relid::regclass::text ORDER BY relid), ARRAY[%s::regclass::text])"
        " FROM pg_partition_tree(%s::regclass) WHERE isleaf",
        table,
        table,
    )
    return found


def estimate(table: str) -> int:
    """About how many rows a table has, from the statistics: no row is counted."""
    rows = value(
        "SELECT sum(greatest(reltuples, 0)) FROM pg_class WHERE relkind <> 'p' AND"
        " (oid = %s::regclass OR oid IN (SELECT relid FROM pg_partition_tree(%s::regclass) WHERE isleaf))",
        table,
        table,
    )
    return int(rows or 0)


def table_bytes(table: str) -> int:
    """Of its rows, without indexes."""
    return int(value("SELECT sum(pg_table_size(oid)) FROM unnest(%s::regclass[]) AS oid", leaves(table)))
