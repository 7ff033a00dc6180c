"""All companies of the directory, or some, read in blocks of rows: for what takes them in by the thousand."""

import io
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

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
MAX_BRANCHES = 20_000  # of a company; none of the register has more
# A line break would end a row, and U+001F a column: where a block has one, it is read again with spaces instead.
AS_IT_IS, WITH_SPACES = "coalesce({}::text, '')", r"translate(coalesce({}::text, ''), E'\n\r\x1f', '   ')"

Block = tuple[int, pl.DataFrame]
Blocks = Generator[Block, None, None]


class Source(NamedTuple):
    """The rows that a derived text is made of. `key` is a column that begins with their SIREN; `text`, of a row."""

    table: str
    key: str
    text: str
    which: str
    separator: str


# The same texts as DERIVED. Of all companies they are made of one pass over the rows, in their order: asked for
# company by company they took two thirds of the server's time for a block.
SOURCES = {
    "etablissements": Source(
        "enterprise_etablissement",
        "siret",
        load(__file__, "branch"),
        "NOT est_siege AND is_active AND statut_diffusion = 'O'",
        BRANCH_SEPARATOR,
    ),
    "anciens_noms": Source("enterprise_anciennom", "siren", "nom", "true", "\t"),
}


class Texts(NamedTuple):
    """A text for some companies, in memory: their SIREN, ascending, and the text of each."""

    sirens: pl.Series
    texts: pl.Series

    def of(self, sirens: pl.Series) -> pl.Series:
        """The texts of these, "" where there is none."""
        if self.sirens.is_empty():
            return pl.repeat("", len(sirens), dtype=pl.String, eager=True)
        wanted = sirens.cast(pl.UInt32)
        places = self.sirens.search_sorted(wanted).clip(upper_bound=len(self.sirens) - 1)
        return self.texts.gather(places).zip_with(self.sirens.gather(places) == wanted, pl.Series([""]))


def count_companies() -> int:
    """How many the database has."""
    return int(value("SELECT count(*) FROM enterprise_entreprise"))


def companies(columns: Sequence[str]) -> Blocks:
    """These columns of every company: how many rows were read, and those of them with a SIREN.

    `columns` has "siren". All are texts, but for `is_active`, a Boolean, and `latitude`, a number or null.
    `etablissements` has the open, public establishments but the head office, each with BRANCH_COLUMNS.

    They may be read in another thread, of one snapshot (or some come twice and some never). Before the first block
    DERIVED texts are read, and kept.
    """
    tables = {name: _pages(SOURCES[name].table) for name in columns if name in SOURCES}
    return _blocks(_session(), columns, _pages(TABLE), tables)


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


def _pages(table: str) -> dict[str, int]:
    """How many pages each table has that holds rows of this one."""
    pages = "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int"
    return {leaf: value(pages, leaf) for leaf in leaves(table)}


def _ranges(tables: Mapping[str, int]) -> Iterator[tuple[str, sql.Composed]]:
    """Each table, and which of its rows are a block."""
    for table, its_pages in tables.items():
        for page in range(0, its_pages, PAGES):
            bounds = (sql.Literal(f"({number},0)") for number in (page, page + PAGES))
            yield table, sql.SQL("ctid >= {}::tid AND ctid < {}::tid").format(*bounds)


def _blocks(
    session: BaseDatabaseWrapper,
    columns: Sequence[str],
    tables: Mapping[str, int],
    derived: Mapping[str, Mapping[str, int]],
) -> Blocks:
    texts = {name: _texts(session, SOURCES[name], pages) for name, pages in derived.items()}
    own = [name for name in columns if name not in derived]
    for table, which in _ranges(tables):
        count, frame = _read(session, own, which, table)
        its_texts = (known.of(frame["siren"]).alias(name) for name, known in texts.items())
        yield count, frame.with_columns(*its_texts).select(columns)


def _texts(session: BaseDatabaseWrapper, source: Source, tables: Mapping[str, int]) -> Texts:
    """The derived texts of all companies."""
    expressions = {"key": sql.Identifier(source.key), "text": sql.SQL(source.text)}
    found = [pl.DataFrame(schema={"key": pl.UInt64, "siren": pl.UInt32, "text": pl.String})]
    for table, which in _ranges(tables):
        some = sql.SQL("{} AND {}").format(which, sql.SQL(source.which))
        _, rows = _rows(session, expressions, some, table, source.table)
        known = rows.filter(pl.col("key").str.contains("^(?:[0-9]{9}|[0-9]{14})$"))
        siren = pl.col("key").str.slice(0, 9).cast(pl.UInt32)
        found.append(
            known.select(pl.col("key").cast(pl.UInt64), siren=siren, text=pl.col("text").fill_null(""))
        )
    of_each = (
        pl.concat(found)
        .sort("key", "text")
        .group_by("siren", maintain_order=True)
        .agg(pl.col("text").head(MAX_BRANCHES).str.join(source.separator))
    )
    return Texts(of_each["siren"], of_each["text"])


def _read(
    session: BaseDatabaseWrapper, columns: Sequence[str], which: sql.Composed, table: str = TABLE
) -> Block:
    count, frame = _rows(session, {name: _expression(name) for name in columns}, which, table, TABLE)
    return count, _with_types(frame)


def _rows(
    session: BaseDatabaseWrapper,
    columns: Mapping[str, sql.Composable],
    which: sql.Composed,
    table: str,
    called: str,
) -> Block:
    """Some rows of a table, which the columns' expressions know as `called`."""
    count = 0
    # Text throughout: what psql may have written as a latitude ("Infinity") must not fail.
    schema = dict.fromkeys(columns, pl.String)
    for column in (AS_IT_IS, WITH_SPACES):
        texts = sql.SQL(", ").join(sql.SQL(column).format(each) for each in columns.values())
        names = {"table": sql.Identifier(table), "called": sql.Identifier(called)}
        with session.wrap_database_errors:
            statement = sql.SQL(BLOCK).format(columns=texts, which=which, **names)
            count, text = session.connection.execute(statement).fetchone()
        frame = _split(text, schema) if count else pl.DataFrame(schema=schema)
        if frame is not None and len(frame) == count:
            return count, frame
    raise ValueError(f"Of {count:,} rows of {table}, some were not understood.")


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
