"""All companies of the directory, or some, read in blocks of rows: for what takes them in by the thousand."""

import io
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress

import polars as pl
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from foxreviews.core.sql import leaves, load, value
from foxreviews.enterprise.partitions import TABLE, is_partitioned, sirens_by_departement
from foxreviews.reference.identifiers import SIREN_DIGITS

PAGES = 1_000  # of the table, in a block: some 30,000 companies

BLOCK = load(__file__, "block")
# What is no column of the table: an expression over its row
DERIVED = {"etablissements": load(__file__, "branches"), "anciens_noms": load(__file__, "former_names")}
BRANCH_SEPARATOR, BRANCH_COLUMN = "\x1d", "\x1e"  # between two establishments, and two values of one
BRANCH_COLUMNS = ("noms", "ville_nom", "code_commune", "code_postal")
# A line break would end a row, and U+001F a column: where a block has one, it is read again with spaces instead.
AS_IT_IS, WITH_SPACES = "coalesce({}::text, '')", r"translate(coalesce({}::text, ''), E'\n\r\x1f', '   ')"

Block = tuple[int, pl.DataFrame]
Blocks = Generator[Block, None, None]


def count_companies() -> int:
    """How many the database has."""
    return int(value("SELECT count(*) FROM enterprise_entreprise"))


def companies(columns: Sequence[str]) -> Blocks:
    """These columns of every company: how many rows were read, and those of them with a SIREN.

    `columns` has "siren". All are texts, but for `is_active`, a Boolean, and `latitude`, a number or null.
    `etablissements` has the open, public establishments but the head office, each with BRANCH_COLUMNS.

    They may be read in another thread, of one snapshot (or some come twice and some never).
    """
    pages = "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int"
    return _blocks(_session(), columns, {table: value(pages, table) for table in leaves(TABLE)})


def companies_of(sirens: Sequence[str], columns: Sequence[str]) -> Block:
    """The same of those of the companies that there are."""
    session, found = _session(), []
    if is_partitioned():
        for departement, its_sirens in sirens_by_departement(sirens).items():
            where = sql.SQL("{} AND departement = {}").format(_one_of(its_sirens), sql.Literal(departement))
            found.append(_read(session, columns, where))
    # All of them; or those that are not in the directory, or have moved to another partition meanwhile.
    known = {siren for _, frame in found for siren in frame["siren"]}
    missing = [siren for siren in sirens if siren not in known]
    if missing or not found:
        found.append(_read(session, columns, _one_of(missing)))
    return sum(count for count, _ in found), pl.concat([frame for _, frame in found])


def _one_of(sirens: Sequence[str]) -> sql.Composed:
    return sql.SQL("siren = ANY({})").format(sql.Literal(list(sirens)))


def _session() -> BaseDatabaseWrapper:
    """The connection of this thread: another thread would be given one of its own."""
    session = connections["default"]
    session.ensure_connection()
    return session


def _blocks(session: BaseDatabaseWrapper, columns: Sequence[str], pages: Mapping[str, int]) -> Blocks:
    for table, its_pages in pages.items():
        for page in range(0, its_pages, PAGES):
            bounds = (sql.Literal(f"({number},0)") for number in (page, page + PAGES))
            which = sql.SQL("ctid >= {}::tid AND ctid < {}::tid").format(*bounds)
            yield _read(session, columns, which, table)


def _read(
    session: BaseDatabaseWrapper, columns: Sequence[str], which: sql.Composed, table: str = TABLE
) -> Block:
    count = 0
    # Text throughout: what psql may have written as a latitude ("Infinity") must not fail.
    schema = dict.fromkeys(columns, pl.String)
    for column in (AS_IT_IS, WITH_SPACES):
        texts = sql.SQL(", ").join(sql.SQL(column).format(_expression(name)) for name in columns)
        with session.wrap_database_errors:
            statement = sql.SQL(BLOCK).format(columns=texts, table=sql.Identifier(table), which=which)
            count, text = session.connection.execute(statement).fetchone()
        frame = _split(text, schema) if count else pl.DataFrame(schema=schema)
        if frame is not None and len(frame) == count:
            return count, _with_types(frame)
    raise ValueError(f"Of {count:,} companies that came from the database, some were not understood.")


def _expression(name: str) -> sql.Composable:
    return sql.SQL(DERIVED[name]) if name in DERIVED else sql.Identifier(name)


def _split(text: str, schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame | None:
    with suppress(pl.exceptions.ComputeError, pl.exceptions.SchemaError):  # the latter of the first line
        return pl.read_csv(
            io.BytesIO(text.encode()), has_header=False, schema=schema, separator="\x1f", quote_char=None
        )
    return None


def _with_types(frame: pl.DataFrame) -> pl.DataFrame:
    typed = {
        "is_active": pl.col("is_active").str.starts_with("t"),
        "latitude": pl.col("latitude").cast(pl.Float64, strict=False),
    }
    known = frame.filter(pl.col("siren").str.contains(SIREN_DIGITS))
    return known.with_columns(made for name, made in typed.items() if name in known.columns)
