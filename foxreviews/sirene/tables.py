"""The tables between the files and the directory: units and head offices, joined into what is merged."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection, transaction
from psycopg.sql import Identifier, Literal

from foxreviews.core import sql
from foxreviews.enterprise.models import Etablissement
from foxreviews.enterprise.names import SEPARATOR
from foxreviews.enterprise.privacy import MASK, PUBLIC
from foxreviews.importing.clean import not_known
from foxreviews.importing.load import checkpoint
from foxreviews.importing.load.staging import ESTABLISHMENTS, HEAD_OFFICES, LEGAL_UNITS, Staging
from foxreviews.sirene import establishments, legal_units
from foxreviews.sirene.values import PLACE, STREET

# For the hash of head offices; what does not fit goes to the server's disk.
JOIN_MEMORY = "256MB"


class Tables:
    """Unlogged, or temporary for a dry run. A run that was killed leaves them; the next import removes them."""

    def __init__(self, left_out: set[str], *, temporary: bool) -> None:
        self.units = Staging(legal_units.FILLED, temporary=temporary, name=LEGAL_UNITS)
        self.offices = Staging(establishments.FILLED, temporary=temporary, name=HEAD_OFFICES)
        filled = {*legal_units.FILLED, *establishments.FILLED} - left_out
        self.companies = Staging(filled, temporary=temporary)
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
        tables = (self.units, self.offices, self.establishments, self.companies)
        for table in tables:
            table.create()
        try:
            yield
        finally:
            # Where the connection has gone, the next run does it.
            if connection.connection is not None and not connection.connection.closed:
                with suppress(DatabaseError), transaction.atomic():
                    for table in tables:
                        table.drop()

    def join(self) -> None:
        """Fill the table of companies and remove the other two."""
        for table in (self.units, self.offices):
            table.analyze()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('work_mem', %s, true)", [JOIN_MEMORY])
            statement = sql.compose(
                sql.load(__file__, "join"),
                staging=Identifier(self.companies.name),
                units=Identifier(self.units.name),
                offices=Identifier(self.offices.name),
                columns=sql.columns(self.companies.columns),
                mask=Literal(MASK),
                separator=Literal(SEPARATOR),
                public=Literal(PUBLIC),
                place=Literal(not_known.bits(PLACE)),
                street=Literal(not_known.bits(STREET)),
            )
            cursor.execute(statement)
            self.units.drop()
            self.offices.drop()
