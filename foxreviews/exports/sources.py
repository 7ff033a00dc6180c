"""Where the rows of an export come from, a block of them at a time.

A list is read in the order of its key, each block by a statement of its own that begins behind the last key: no
transaction is older than a block, and no cursor is open while a client takes its time. What a query finds is read in
pages of the search.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from math import inf
from typing import Any

import polars as pl
import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from psycopg import pq
from psycopg.errors import error_from_result

from foxreviews.api.entreprises import companies
from foxreviews.api.entreprises.serializers import shown as shown_entreprise
from foxreviews.api.etablissements import views as of_etablissements
from foxreviews.api.etablissements.found import PERTINENCE, found
from foxreviews.api.exports.params import MAX_SHEET, NO_ROW, TOO_MANY
from foxreviews.api.villes.serializers import shown as shown_ville
from foxreviews.api.villes.towns import towns
from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.core.keyset import Ordering, Row, Slice, Window
from foxreviews.core.messages import say
from foxreviews.enterprise import etablissements, partitions
from foxreviews.enterprise.etablissements import BY_DISTANCE
from foxreviews.enterprise.filters import passing
from foxreviews.exports.tables import Table, shown_entreprises, shown_etablissements, typed
from foxreviews.exports.workbook import TooManyRowsError
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE

BY_CODE = Ordering("code_insee", ("code_insee",))
BLOCK = 20_000  # rows of a statement: 30 MB in both processes, 0.1 s
PAGE = 1_000  # results of a search at once
STATEMENT_SECONDS = 240  # of one block: a rare filter reads the whole table by its key
SESSION = f"SET statement_timeout = '{STATEMENT_SECONDS}s'; SET max_parallel_workers_per_gather = 0"
NAME_COLUMNS = ["siren", "nom", "statut_diffusion", "categorie_juridique"]
NAMES = (
    "SELECT siren, nom, statut_diffusion, categorie_juridique FROM enterprise_entreprise"
    " WHERE siren = ANY(%(sirens)s)"
)

Frames = Iterator[pl.DataFrame]


class UnknownKeyError(UsageError):
    """No row of the export has the key that it is to go on behind."""

    code = "unknown-key"


def require_sheet(table: Table, params: dict[str, Any]) -> None:
    """Raises TooManyRowsError where a list has more rows than a sheet. What a query finds is counted as it is read."""
    if not _is_list(table, params) or _sirens(table, params):
        return
    found = _passing(table, params).filter(**{f"{table.key}__gt": params.get("after", "")}).order_by()
    if found.values("pk")[: MAX_SHEET + 1].count() > MAX_SHEET:
        raise TooManyRowsError(TOO_MANY)


def _is_list(table: Table, params: dict[str, Any]) -> bool:
    """Whether its rows are read in the order of their key."""
    return not ("q" in params or "near" in params or table.name == "villes")


def frames(table: Table, params: dict[str, Any]) -> Frames:
    """The rows that validated parameters ask for, with the columns of the table. None is empty.

    A list with `rows` is not read further than that, and of a search no page behind it.
    """
    after, limit = params.get("after", ""), params.get("rows")
    if not _is_list(table, params):
        rows = _walked(table, params)
        return _framed(table, islice(_behind(rows, table.key, after) if after else rows, limit))
    return _by_key(table, _passing(table, params), _sirens(table, params), after, limit)


def _passing(table: Table, params: dict[str, Any]) -> QuerySet[Any]:
    if table.name == "entreprises":
        return passing(companies.filters(params))
    return etablissements.passing(of_etablissements.filters(params))


def _sirens(table: Table, params: dict[str, Any]) -> Sequence[str]:
    """Of the companies that are named by number: a thousand at most."""
    sirens: Sequence[str] = params.get("siren", ()) if table.name == "entreprises" else ()
    return sirens


def _by_key(
    table: Table, queryset: QuerySet[Any], sirens: Sequence[str], after: str, limit: int | None
) -> Frames:
    with connection.cursor() as cursor:
        cursor.execute(SESSION)
    left = inf if limit is None else limit
    while left:
        wanted = int(min(BLOCK, left))
        behind = queryset.filter(**{f"{table.key}__gt": after}).order_by(table.key)
        frame = partitions.read_of(sirens, partial(_first, wanted, behind, table))
        if frame.is_empty():
            return
        _require_order(frame[table.key], after)
        after = str(frame[table.key][-1])
        yield _shown(table, frame).select(list(table.columns))
        left -= frame.height
        if frame.height < wanted:
            return


def _require_order(keys: pl.Series, after: str) -> None:
    """Each key behind the one before it: what is not so is a file that nobody gets. Raises FoxreviewsError."""
    if not (keys[0] > after and (keys.slice(1) > keys.slice(0, keys.len() - 1)).all()):
        raise FoxreviewsError(f"The rows behind {after or 'the beginning'} came in no order. Export again.")


def _first(size: int, queryset: QuerySet[Any], table: Table, there: Q) -> pl.DataFrame:
    return _copied(queryset.filter(there).values_list(*table.stored)[:size], table)


def _copied(queryset: QuerySet[Any, Any], table: Table) -> pl.DataFrame:
    try:
        statement, parameters = queryset.query.sql_with_params()
    except EmptyResultSet:
        return pl.DataFrame(schema=dict.fromkeys(table.stored, pl.String))
    api = {field: name for name, field in table.columns.items()}
    return typed(_copy(statement, parameters, [api.get(field, field) for field in table.stored]))


def _copy(statement: str, parameters: Any, columns: list[str]) -> pl.DataFrame:
    """The rows of a statement as texts. PostgreSQL writes them as CSV, and polars reads that: no row is Python's."""
    schema = dict.fromkeys(columns, pl.String)
    text = connection.ops.compose_sql(statement, parameters)  # type: ignore[attr-defined]  # PostgreSQL's has it
    with connection.wrap_database_errors:
        rows = _copy_to_stdout(connection.connection.pgconn, f"COPY ({text}) TO STDOUT (FORMAT csv)")
    if not rows:
        return pl.DataFrame(schema=schema)
    frame = pl.read_csv(b"".join(rows), has_header=False, schema=schema)
    if frame.height != len(rows):
        raise FoxreviewsError(f"Of {len(rows):,} rows {frame.height:,} were understood. Export again.")
    return frame


def _copy_to_stdout(session: pq.abc.PGconn, statement: str) -> list[bytes]:
    """What libpq hands over, row by row: psycopg's own loop takes some microseconds for each."""
    result = session.exec_(statement.encode())
    if result.status != pq.ExecStatus.COPY_OUT:
        raise error_from_result(result)
    rows = []
    while True:
        size, row = session.get_copy_data(0)
        if size < 0:
            break
        rows.append(bytes(row))
    last: psycopg.Error | None = None
    while ended := session.get_result():
        if ended.status == pq.ExecStatus.FATAL_ERROR:
            last = error_from_result(ended)
    if last:
        raise last
    return rows


def _shown(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    if table.name == "entreprises":
        return shown_entreprises(frame)
    return shown_etablissements(frame, _names(frame["siren"].unique().to_list()).fill_null(""))


def _names(sirens: list[str]) -> pl.DataFrame:
    """Of companies, each from its own partition where they are in partitions (enterprise.partitions.by_siren)."""
    routed = partitions.by_partition(NAMES, sirens, {}) if partitions.is_partitioned() else None
    found = (
        _copy(*routed, NAME_COLUMNS)
        if routed
        else pl.DataFrame(schema=dict.fromkeys(NAME_COLUMNS, pl.String))
    )
    missing = {*sirens} - {*found["siren"]}
    return found.vstack(_copy(NAMES, {"sirens": [*missing]}, NAME_COLUMNS)) if missing else found


def _walked(table: Table, params: dict[str, Any]) -> Iterator[Row]:
    """The rows of all pages of a list, as the API shows them."""
    read, window = _pages(table, params)
    here: Window | None = window
    while here is not None:
        page, rows = read(here)
        yield from rows
        here = page.next


def _pages(
    table: Table, params: dict[str, Any]
) -> tuple[Callable[[Window], tuple[Slice, list[Row]]], Window]:
    """What reads a page of the list, and its first one."""
    if table.name == "villes":

        def of_villes(window: Window) -> tuple[Slice, list[Row]]:
            page = towns(params, window)
            return page, [shown_ville(row) for row in page.rows]

        return of_villes, Window(BY_CODE, PAGE)
    if table.name == "entreprises":
        engines: set[str] = set()

        def of_companies(window: Window) -> tuple[Slice, list[Row]]:
            hits = companies.companies(params, window)
            engines.add(hits.engine)
            if len(engines) > 1:  # which has another order: rows would be missing, or come twice
                raise FoxreviewsError(
                    "The search index has failed in the middle. Go on behind the last row with `after`."
                )
            return hits.page, [shown_entreprise(row) for row in hits.page.rows]

        return of_companies, Window(BY_DISTANCE if "near" in params else RELEVANCE, PAGE)
    filters = of_etablissements.filters(params)

    def of_places(window: Window) -> tuple[Slice, list[Row]]:
        if "q" in params:
            page, _ = found(interpret(params["q"]), filters, window)
        else:
            page = etablissements.page(filters, window)
        return page, of_etablissements.shown_with_names(page.rows)

    return of_places, Window(PERTINENCE if "q" in params else BY_DISTANCE, PAGE)


def _behind(rows: Iterator[Row], key: str, after: str) -> Iterator[Row]:
    """Those behind the row with the key. A search has no place for a number: it is read again up to there."""
    if not any(row[key] == after for row in rows):
        raise UnknownKeyError(say(NO_ROW, key=key, after=after))
    yield from rows


def _framed(table: Table, rows: Iterator[Row]) -> Frames:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == PAGE:
            yield _frame(table, some)
            some = []
    if some:
        yield _frame(table, some)


def _frame(table: Table, rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame([{name: row[name] for name in table.columns} for row in rows], schema=table.schema)
