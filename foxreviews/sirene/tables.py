"""The tables between the files and the directory: units and head offices, joined into what is merged."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from foxreviews.enterprise.privacy import MASK
from foxreviews.importing.load import checkpoint
from foxreviews.importing.load.staging import HEAD_OFFICES, LEGAL_UNITS, Staging
from foxreviews.sirene import head_offices, legal_units

JOIN = (Path(__file__).parent / "sql" / "join.sql").read_text(encoding="utf-8")
# For the hash of head offices; what does not fit goes to the server's disk.
JOIN_MEMORY = "256MB"


class Tables:
    """Unlogged, or temporary for a dry run. A run that was killed leaves them; the next import removes them."""

    def __init__(self, left_out: set[str], *, temporary: bool) -> None:
        self.units = Staging(legal_units.FILLED, temporary=temporary, name=LEGAL_UNITS)
        self.offices = Staging(head_offices.FILLED, temporary=temporary, name=HEAD_OFFICES)
        filled = {*legal_units.FILLED, *head_offices.FILLED} - left_out
        self.companies = Staging(filled, temporary=temporary)

    @contextmanager
    def made(self) -> Iterator[None]:
        """The tables, empty, until the block ends. An interrupted import of a CSV file loses its staged rows."""
        if not self.companies.temporary:
            checkpoint.drop()
        every = (self.units, self.offices, self.companies)
        for table in every:
            table.create()
        try:
            yield
        finally:
            _drop(every)

    def join(self) -> None:
        """Fill the table of companies and remove the other two."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.companies.columns))
        statement = sql.SQL(JOIN).format(
            staging=sql.Identifier(self.companies.name),
            units=sql.Identifier(self.units.name),
            offices=sql.Identifier(self.offices.name),
            columns=columns,
            mask=sql.Literal(MASK),
        )
        for table in (self.units, self.offices):
            table.analyze()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('work_mem', %s, true)", [JOIN_MEMORY])
            cursor.execute(statement.as_string(connection.connection))
            self.units.drop()
            self.offices.drop()


def _drop(tables: tuple[Staging, ...]) -> None:
    """Remove them, unless the connection has gone: the next run does it then."""
    if connection.connection is None or connection.connection.closed:
        return
    try:
        with transaction.atomic():
            for table in tables:
                table.drop()
    except DatabaseError:
        return
