"""The tables between the files and the directory: units, head offices, employers, and the view that joins them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection, transaction
from psycopg.sql import SQL, Identifier, Literal

from foxreviews.core import sql
from foxreviews.enterprise.models import Etablissement
from foxreviews.enterprise.names import SEPARATOR
from foxreviews.enterprise.privacy import MASK, PUBLIC
from foxreviews.importing.clean import not_known
from foxreviews.importing.load import checkpoint
from foxreviews.importing.load.staging import (
    COMPANIES,
    EMPLOYERS,
    ESTABLISHMENTS,
    HEAD_OFFICES,
    JOINED_COMPANIES,
    LEGAL_UNITS,
    Staging,
)
from foxreviews.sirene import establishments, legal_units
from foxreviews.sirene.values import PLACE, STREET


class Companies(Staging):
    """The companies of these tables: a view of their join, until they are compared with the directory.

    A first load reads it once; written to a table before, 2,000,000 companies take 12 s longer. A comparison of as many
    merges in 55 s from the view, which is then part of a larger join, and in 30 s from a table.
    """

    def __init__(self, units: Staging, offices: Staging, employers: Staging, left_out: set[str]) -> None:
        columns = {*units.columns, *offices.columns} - left_out
        super().__init__(columns, temporary=units.temporary, name=JOINED_COMPANIES)
        self.units, self.offices, self.employers = units, offices, employers

    @property
    def parts(self) -> tuple[Staging, ...]:
        """The tables behind the view."""
        return self.units, self.offices, self.employers

    def create(self) -> None:
        """Make the view."""
        statement = sql.compose(
            sql.load(__file__, "join"),
            kind=SQL("TEMPORARY VIEW" if self.temporary else "VIEW"),
            name=Identifier(self.name),
            units=Identifier(self.units.name),
            offices=Identifier(self.offices.name),
            employers=Identifier(self.employers.name),
            columns=sql.columns(self.columns),
            mask=Literal(MASK),
            separator=Literal(SEPARATOR),
            public=Literal(PUBLIC),
            place=Literal(not_known.bits((*PLACE, "est_employeur"))),
            street=Literal(not_known.bits(STREET)),
        )
        with connection.cursor() as cursor:
            cursor.execute(statement)

    def staged(self) -> None:
        """Tell the planner how many rows the join has."""
        for table in self.parts:
            table.analyze()

    def count(self) -> int:
        """How many units are staged: each is a company."""
        return self.units.count()

    def towns(self, limit: int) -> list[str]:
        """Those of some head offices; without any a company has none."""
        return self.offices.towns(limit) or [""] * bool(self.count())

    def to_be_compared(self) -> None:
        """Write the companies to a table, and remove what they came from: its room is free once this is committed."""
        kind = "TEMPORARY" if self.temporary else "UNLOGGED"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE {kind} TABLE {COMPANIES} AS SELECT * FROM {self.name}")  # noqa: S608 - constants
        self.drop()
        self.name = COMPANIES
        super().to_be_compared()

    def drop(self) -> None:
        """Remove the view, what is behind it, and the table once it is written: rolled back, that is a view again."""
        schema = "pg_temp." if self.temporary else ""
        with connection.cursor() as cursor:
            cursor.execute(f"DROP VIEW IF EXISTS {schema}{JOINED_COMPANIES}")
        for table in self.parts:
            table.drop()
        if self.name == COMPANIES:
            super().drop()


class Tables:
    """Unlogged, or temporary for a dry run. A run that was killed leaves them; the next import removes them."""

    def __init__(self, left_out: set[str], *, temporary: bool) -> None:
        self.units = Staging(legal_units.FILLED, temporary=temporary, name=LEGAL_UNITS)
        self.offices = Staging(establishments.FILLED, temporary=temporary, name=HEAD_OFFICES)
        # Of which an establishment that is not the head office has employees: one company in forty
        self.employers = Staging({"siren"}, temporary=temporary, name=EMPLOYERS)
        self.companies = Companies(self.units, self.offices, self.employers, left_out)
        self.establishments = Staging(
            {*establishments.ESTABLISHMENT} - left_out,
            temporary=temporary,
            name=ESTABLISHMENTS,
            model=Etablissement,
        )

    @contextmanager
    def created(self) -> Iterator[None]:
        """The tables, empty, until the block ends. An interrupted import of a CSV file loses its staged rows."""
        if not self.companies.temporary:
            checkpoint.drop()
            checkpoint.drop_leftovers()
        for table in (*self.companies.parts, self.establishments, self.companies):
            table.create()
        try:
            yield
        finally:
            # Where the connection has gone, the next run does it.
            if connection.connection is not None and not connection.connection.closed:
                with suppress(DatabaseError), transaction.atomic():
                    for table in (self.companies, self.establishments):
                        table.drop()
