"""The staging table: the clean rows of one file, on their way into the directory."""

import io
from collections.abc import Collection, Iterator

import numpy as np
import polars as pl
from django.db import connection
from django.db.models import Model
from psycopg import sql

from foxreviews.core.sql import value
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.clean import not_known
from foxreviews.importing.clean.siren_bitmap import Sirens

# Cleaning leaves no control character in a value, so none can be taken for one of these, and nothing needs quotes: to
# look for what does costs half of the writing.
NULL, DELIMITER, QUOTE = "\x01", "\x02", "\x03"
BATCH_ROWS = 8192  # written by one thread; 40,000 rows in batches of 1,024 take a quarter more
COMPANIES, LEGAL_UNITS, HEAD_OFFICES = "importing_staging", "importing_legal_unit", "importing_head_office"
JOINED_COMPANIES = "importing_company"  # a view of both
ESTABLISHMENTS = "importing_establishment"
EMPLOYERS = "importing_employer"
SUCCESSIONS, DOUBLES, FORMER_NAMES = "importing_succession", "importing_double", "importing_former_name"
FETCH_SIZE = 100_000  # SIREN at once


class Staging:
    """An unlogged table with the columns that the file has, of the directory's own types, and `not_known`.

    A dry run has a temporary one, which only its own session sees. `name` is for tables on the way to this one.
    """

    def __init__(
        self,
        columns: Collection[str],
        *,
        temporary: bool,
        name: str = COMPANIES,
        model: type[Model] = Entreprise,
    ) -> None:
        self.columns = tuple(column for column in not_known.loaded(model) if column in columns)
        self.model = model
        self.temporary = temporary
        self.name = name

    def create(self) -> None:
        """Make the table, empty, in the place of one that an interrupted run has left."""
        kind = "TEMPORARY" if self.temporary else "UNLOGGED"
        columns = ", ".join(self.columns)
        self.drop()
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE {kind} TABLE {self.name} AS SELECT {columns}, NULL::bigint AS "  # noqa: S608 - the model's own names
                f"{not_known.COLUMN} FROM {self.model._meta.db_table} WITH NO DATA"
            )

    def add(self, frame: pl.DataFrame) -> None:
        """COPY the rows into the table."""
        rows = io.BytesIO()
        columns = [*self.columns, *({not_known.COLUMN} & {*frame.columns})]
        frame.select(columns).write_csv(
            rows,
            include_header=False,
            separator=DELIMITER,
            quote_style="never",
            null_value=NULL,
            batch_size=BATCH_ROWS,
        )
        copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, NULL {}, DELIMITER {}, QUOTE {})").format(
            sql.Identifier(self.name),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            *map(sql.Literal, (NULL, DELIMITER, QUOTE)),
        )
        connection.ensure_connection()
        with (
            connection.wrap_database_errors,
            connection.connection.cursor() as cursor,
            cursor.copy(copy) as stream,
        ):
            stream.write(rows.getbuffer())

    def count(self) -> int:
        """How many rows are staged."""
        return int(value(f"SELECT count(*) FROM {self.name}"))  # noqa: S608

    def sirens(self) -> Iterator[Sirens]:
        """The SIREN of the rows that are staged, some at a time."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(f"SELECT siren::bigint FROM {self.name}")  # noqa: S608
            while rows := cursor.fetchmany(FETCH_SIZE):
                yield np.fromiter((row[0] for row in rows), np.int64, len(rows))

    def towns(self, limit: int) -> list[str]:
        """Those of some rows."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT ville_nom FROM {self.name} LIMIT %s", [limit])  # noqa: S608
            return [name or "" for (name,) in cursor.fetchall()]

    def to_be_compared(self) -> None:
        """Make it ready for a comparison with the directory."""
        self.analyze()

    def analyze(self) -> None:
        """Tell the planner how many rows are staged; they are joined by their SIREN."""
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {self.name} (siren)")

    def drop(self) -> None:
        """Remove the table."""
        schema = "pg_temp." if self.temporary else ""  # a dry run leaves the rows of an interrupted run alone
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {schema}{self.name}")
