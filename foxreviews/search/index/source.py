"""The companies of the directory, as the index is made from them: read in blocks of rows."""

import io
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path

import polars as pl
from django.db import connection
from psycopg import Connection, sql
from psycopg.abc import Buffer

from foxreviews.core.sql import value
from foxreviews.search.errors import IndexFailedError
from foxreviews.search.index.document import COLUMNS

PAGES = 1_000  # of the table, in a block: some 30,000 companies
SIREN = r"^[0-9]{9}$"  # the table takes any text of nine characters; only a SIREN is indexed
# Text throughout: what psql may have written as a latitude ("Infinity") must not fail.
SCHEMA = dict.fromkeys(COLUMNS, pl.String)

BLOCK = (Path(__file__).parent / "sql" / "block.sql").read_text()
COPY = "COPY (SELECT {columns} FROM enterprise_entreprise WHERE {which}) TO STDOUT (FORMAT csv)"

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
    return _blocks(_Session(), pages)


def companies_of(sirens: Sequence[str]) -> Block:
    """Those of the companies that there are."""
    which = sql.SQL("siren = ANY({})").format(sql.Literal(list(sirens)))
    return _copied(_Session(), which)


class _Session:
    """The connection of the thread that makes it: another thread would be given one of its own."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.connection: Connection = connection.connection
        self.wrap_errors = connection.wrap_database_errors


def _blocks(session: _Session, pages: int) -> Blocks:
    columns = sql.SQL(", ").join(sql.SQL("coalesce({}::text, '')").format(name) for name in _names())
    statement = sql.SQL(BLOCK).format(columns=columns)
    for page in range(0, pages, PAGES):
        bounds = f"({page},0)", f"({page + PAGES},0)"
        with session.wrap_errors:
            count, text = session.connection.execute(statement, bounds).fetchone() or (0, None)
        if text is None:
            continue
        frame = _split(text)
        if frame is None or len(frame) != count:  # a text has a line break in it, or U+001F
            which = sql.SQL("ctid >= {} AND ctid < {}").format(*map(sql.Literal, bounds))
            yield _copied(session, which)
        else:
            yield count, _with_types(frame)


def _split(text: str) -> pl.DataFrame | None:
    with suppress(pl.exceptions.ComputeError):
        return pl.read_csv(
            io.BytesIO(text.encode()), has_header=False, schema=SCHEMA, separator="\x1f", quote_char=None
        )
    return None


def _copied(session: _Session, which: sql.Composed) -> Block:
    statement = sql.SQL(COPY).format(columns=sql.SQL(", ").join(_names()), which=which)
    rows: list[Buffer] = []
    with session.wrap_errors, session.connection.cursor() as cursor, cursor.copy(statement) as stream:
        rows.extend(stream)
    if not rows:
        return 0, _with_types(pl.DataFrame(schema=SCHEMA))
    frame = pl.read_csv(io.BytesIO(b"".join(rows)), has_header=False, schema=SCHEMA)
    if len(frame) != len(rows):
        raise IndexFailedError(
            f"{len(rows):,} companies came from the database, and {len(frame):,} were understood."
        )
    return len(rows), _with_types(frame)


def _names() -> list[sql.Identifier]:
    return [sql.Identifier(name) for name in COLUMNS]


def _with_types(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("siren").str.contains(SIREN)).with_columns(
        pl.col("is_active").str.starts_with("t"), pl.col("latitude").cast(pl.Float64, strict=False)
    )
