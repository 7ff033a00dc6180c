"""How large the indexes of a table would be if they were new, from new ones on a sample of its rows.

No extension and no superuser is needed, and it holds for every kind of index: what deduplication or a posting list
saves is measured, not modelled. A sample has fewer duplicates for each key than the table, so what is estimated is too
large rather than too small, and an index is rebuilt too rarely rather than too often.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import sql

SAMPLED = 100_000  # rows
PAGE = 8192
SAMPLE = "maintain_sample"


@dataclass(frozen=True)
class Index:
    """One index. `made` is the end of its definition: « USING btree (siren)»."""

    name: str
    short_name: str
    table: str
    is_valid: bool
    bytes: int
    made: str


def sizes_if_new(
    session: psycopg.Connection, table: str, rows: int, indexes: Iterable[Index]
) -> dict[str, int]:
    """The bytes that each would have, by its name; `rows` are those of the table, roughly. Nothing is kept."""
    percent = min(100.0, 100.0 * SAMPLED / max(rows, 1))
    found = {}
    with session.transaction(force_rollback=True):
        _do(
            session,
            f"CREATE TEMPORARY TABLE {SAMPLE} AS SELECT * "  # noqa: S608 - names that PostgreSQL has quoted
            f"FROM {table} TABLESAMPLE SYSTEM ({percent})",
        )
        for index in indexes:
            _do(session, f"CREATE INDEX {SAMPLE}_index ON {SAMPLE}{index.made}")
            size = cast(tuple[int], _do(session, f"SELECT pg_relation_size('{SAMPLE}_index')").fetchone())[0]
            _do(session, f"DROP INDEX {SAMPLE}_index")
            found[index.name] = int((size - PAGE) * 100 / percent) + PAGE  # the first page is not the rows'
    return found


def _do(session: psycopg.Connection, statement: str) -> "psycopg.Cursor[Any]":
    """Of names that PostgreSQL has quoted itself."""
    return session.execute(sql.SQL(cast(Any, statement)))
