"""The companies of the directory, as the index is made from them: read in blocks of rows."""

import io
from collections.abc import Generator, Sequence
from contextlib import suppress

import polars as pl
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from foxreviews.core.sql import load, value
from foxreviews.search.errors import IndexFailedError
from foxreviews.search.index.document import COLUMNS

PAGES = 1_000  # of the table, in a block: some 30,000 companies
SIREN = r"^[0-9]{9}$"  # the table takes any text of nine characters; only a SIREN is indexed
# Text throughout: what psql may have written as a latitude ("Infinity") must not fail.
SCHEMA = dict.fromkeys(COLUMNS, pl.String)
BLOCK = load(__file__, "block")
# A line break would end a row, and U+001F a column: where a block has one, it is read again with spaces instead.
AS_IT_IS, WITH_SPACES = "coalesce({}::text, '')", r"translate(coalesce({}::text, ''), E'\n\r\x1f', '   ')"

Block = tuple[int, pl.DataFrame]
Blocks = Generator[Block, None, None]


def count_companies() -> int:
    """How many the database has."""
    return int(value("SELECT count(*) FROM enterprise_entreprise"))


def companies() -> Blocks:
    """Every company: how many rows were read, and those of them with a SIREN, as search.index.document asks.

    They may be read in another thread, of one snapshot (or some come twice and some never).
    """
    pages = value("SELECT pg_relation_size('enterprise_entreprise') / current_setting('block_size')::int")
    return _blocks(_session(), pages)


def companies_of(sirens: Sequence[str]) -> Block:
    """Those of the companies that there are."""
    return _read(_session(), sql.SQL("siren = ANY({})").format(sql.Literal(list(sirens))))


def _session() -> BaseDatabaseWrapper:
    """The connection of this thread: another thread would be given one of its own."""
    session = connections["default"]
    session.ensure_connection()
    return session


def _blocks(session: BaseDatabaseWrapper, pages: int) -> Blocks:
    for page in range(0, pages, PAGES):
        bounds = (sql.Literal(f"({number},0)") for number in (page, page + PAGES))
        yield _read(session, sql.SQL("ctid >= {}::tid AND ctid < {}::tid").format(*bounds))


def _read(session: BaseDatabaseWrapper, which: sql.Composed) -> Block:
    count = 0
    for column in (AS_IT_IS, WITH_SPACES):
        columns = sql.SQL(", ").join(sql.SQL(column).format(sql.Identifier(name)) for name in COLUMNS)
        with session.wrap_database_errors:
            statement = sql.SQL(BLOCK).format(columns=columns, which=which)
            count, text = session.connection.execute(statement).fetchone()
        frame = _split(text) if count else pl.DataFrame(schema=SCHEMA)
        if frame is not None and len(frame) == count:
            return count, _with_types(frame)
    raise IndexFailedError(f"Of {count:,} companies that came from the database, some were not understood.")


def _split(text: str) -> pl.DataFrame | None:
    with suppress(pl.exceptions.ComputeError):
        return pl.read_csv(
            io.BytesIO(text.encode()), has_header=False, schema=SCHEMA, separator="\x1f", quote_char=None
        )
    return None


def _with_types(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("siren").str.contains(SIREN)).with_columns(
        pl.col("is_active").str.starts_with("t"), pl.col("latitude").cast(pl.Float64, strict=False)
    )
