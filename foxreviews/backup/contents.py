"""What a database holds, counted and hashed: the same for a backup and for what was restored of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from foxreviews.backup.manifest import Contents, Table

FOLDER = Path(__file__).parent / "sql"
TABLES = (FOLDER / "tables.sql").read_text()
CONTENTS = (FOLDER / "contents.sql").read_text()
OBJECTS = (FOLDER / "objects.sql").read_text()

# The change log and who follows it: positions in a log that another database does not have. Every index is made anew
# after a restore (search.index.changes.database tells it).
NOT_KEPT = ("public.search_change", "public.search_index")
# How values are written as text is a matter of settings; the hash must be of the values alone.
AS_TEXT = (
    "-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=1 -c bytea_output=hex "
    "-c lc_monetary=C"
)


@dataclass(frozen=True)
class TableFound:
    """A table of the database; `name` is quoted where it must be. `bytes` are those of its rows, without indexes."""

    name: str
    is_permanent: bool
    bytes: int

    @property
    def is_kept(self) -> bool:
        """Whether its rows are in a backup."""
        return self.is_permanent and self.name not in NOT_KEPT


def find_tables(session: psycopg.Connection) -> list[TableFound]:
    """The tables of the database, the largest first."""
    rows = session.execute(TABLES).fetchall()
    return [TableFound(name, persistence == "p", size) for name, persistence, size in rows]


def read_contents(
    session: psycopg.Connection, tables: Iterable[TableFound], told: Callable[[int], None] = lambda _: None
) -> Contents:
    """Count and hash the tables; `told` is called with the rows of each. The session has the settings AS_TEXT."""
    found = {}
    for table in tables:
        statement = sql.SQL(cast(Any, CONTENTS.replace("{table}", table.name)))
        rows, content = cast(tuple[int, str], session.execute(statement).fetchone())
        found[table.name] = Table(rows, content)
        told(rows)
    with session.cursor(row_factory=dict_row) as cursor:
        objects = cast(dict[str, int], cursor.execute(OBJECTS).fetchone())
    return Contents(dict(sorted(found.items())), objects)


def differences(expected: Contents, found: Contents) -> list[str]:
    """What is not as it should be, a sentence each."""
    said = []
    for name, table in expected.tables.items():
        other = found.tables.get(name)
        if other is None:
            said.append(f"The table {name} is missing.")
        elif other.rows != table.rows:
            said.append(f"{name} has {other.rows:,} rows, not {table.rows:,}.")
        elif other.content != table.content:
            said.append(f"{name} has as many rows, {table.rows:,}, but not the same.")
    for kind, count in expected.objects.items():
        if found.objects.get(kind) != count:
            said.append(f"There are {found.objects.get(kind, 0):,} {kind}, not {count:,}.")
    return said
