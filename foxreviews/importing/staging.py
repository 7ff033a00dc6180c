"""The staging table: the clean rows of one file, on their way into the directory."""

import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import polars as pl
from django.db import connection
from psycopg import sql

from foxreviews.enterprise.models import Entreprise

NULL = "\x01"  # cleaning leaves no control character in a value, so none can be taken for a NULL
NOT_LOADED = {"id", "created_at", "updated_at"}
LOADED = tuple(field.column for field in Entreprise._meta.concrete_fields if field.column not in NOT_LOADED)


class Staging:
    """An unlogged table with the columns that the file has, of the directory's own types."""

    name = "importing_staging"

    def __init__(self, columns: Collection[str], *, temporary: bool) -> None:
        self.columns = tuple(column for column in LOADED if column in columns)
        self.temporary = temporary

    @contextmanager
    def open(self) -> Iterator["Staging"]:
        """Make the table, and drop it at the end. One that a killed run has left is dropped first."""
        kind = "TEMPORARY" if self.temporary else "UNLOGGED"
        columns = ", ".join(self.columns)
        with connection.cursor() as cursor:
            self._drop()
            cursor.execute(
                f"CREATE {kind} TABLE {self.name} AS SELECT {columns} FROM enterprise_entreprise WITH NO DATA"  # noqa: S608
            )
        try:
            yield self
        finally:
            self._drop()

    def add(self, frame: pl.DataFrame) -> None:
        """COPY the rows into the table."""
        rows = io.BytesIO()
        frame.select(self.columns).write_csv(rows, include_header=False, null_value=NULL)
        copy = sql.SQL("COPY {} FROM STDIN (FORMAT csv, NULL {})").format(
            sql.Identifier(self.name), sql.Literal(NULL)
        )
        connection.ensure_connection()
        with connection.connection.cursor() as cursor, cursor.copy(copy) as stream:
            stream.write(rows.getbuffer())

    def _drop(self) -> None:
        # A connection that broke in the run has taken a temporary table with it, and an unlogged one is
        # dropped by the next run.
        if connection.connection is None or not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {self.name}")
