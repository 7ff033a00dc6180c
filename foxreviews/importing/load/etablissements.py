"""Staged establishments → enterprise_etablissement, in the transaction that merges their companies.

Idempotent, and by the rules of companies (load.merge): what is not known overwrites nothing, what says the same is not
written, a first load fills the table without its indexes. In the register empty means empty.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.db import connection
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from foxreviews.core import sql
from foxreviews.enterprise.models import Etablissement
from foxreviews.importing.clean import not_known
from foxreviews.importing.load import secondary_indexes
from foxreviews.importing.load.merge import FIRST_LOAD_ROWS, JOIN_MEMORY, change_log_off
from foxreviews.importing.load.staging import Staging

TABLE = Etablissement._meta.db_table
# The bits of `not_known` are those of a company's columns: its street is in one.
STREET = (
    "complement_adresse",
    "numero_voie",
    "type_voie",
    "libelle_voie",
    "distribution_speciale",
    "localite",
    "pays",
)
BITS = not_known.BITS | dict.fromkeys(STREET, not_known.BITS["adresse"])


class Changes(NamedTuple):
    """How many establishments a merge adds and changes."""

    created: int
    updated: int


def drop_repeated(staging: Staging) -> int:
    """Of two staged establishments with one SIRET leave the first; how many have gone."""
    return _execute("etablissement_twice", staging)


def compare(staging: Staging) -> Changes:
    """What a merge would do, for a dry run."""
    with _differences(staging) as changes:
        return changes


@contextmanager
def _differences(staging: Staging) -> Iterator[Changes]:
    """Find the differences, and count them."""
    staging.to_be_compared()
    with connection.cursor() as cursor:
        cursor.execute(JOIN_MEMORY)
        cursor.execute(_statement("etablissement_differences", staging, values=_values(staging)))
        cursor.execute("ANALYZE importing_etablissement_difference (siret)")
        cursor.execute(
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) "
            "FROM importing_etablissement_difference"
        )
        yield Changes(*cursor.fetchone())
        cursor.execute("DROP TABLE importing_etablissement_difference")


def merge(staging: Staging, staged: int) -> Changes:
    """Bring the `staged` establishments into the directory."""
    if staged >= FIRST_LOAD_ROWS and _lock_empty_table():
        with secondary_indexes.rebuilt(Etablissement), change_log_off(Etablissement):
            return Changes(_execute("etablissement_insert_first", staging), 0)
    with _differences(staging):
        updated = _execute("etablissement_update", staging)
        return Changes(_execute("etablissement_insert", staging), updated)


def _lock_empty_table() -> bool:
    """As for companies: emptied once more, it is written without a write-ahead log where wal_level is minimal."""
    statement = f"SELECT EXISTS (SELECT FROM {TABLE})"  # noqa: S608 - the model's own name
    if sql.value(statement):
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        if sql.value(statement):
            return False
        cursor.execute(f"TRUNCATE {TABLE}")
    return True


def _values(staging: Staging) -> Composed:
    return SQL(", ").join(
        SQL("{} AS {}").format(_value(column), Identifier(column)) for column in _columns(staging)
    )


def _value(column: str) -> Composable:
    staged = Identifier("staged", column)
    if column not in BITS:
        return staged
    unknown = SQL("staged.not_known & {} <> 0 AND kept.siret IS NOT NULL").format(Literal(BITS[column]))
    return SQL("CASE WHEN {} THEN {} ELSE {} END").format(unknown, Identifier("kept", column), staged)


def _columns(staging: Staging) -> list[str]:
    return [column for column in staging.columns if column != "siret"]


def _execute(name: str, staging: Staging) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_statement(name, staging))
        return int(cursor.rowcount)


def _statement(name: str, staging: Staging, **parts: Composable) -> str:
    names = _columns(staging)
    return sql.compose(
        sql.load(__file__, name),
        staging=Identifier(staging.name),
        columns=sql.columns(names),
        kept_columns=sql.columns(names, "kept"),
        merged_columns=sql.columns(names, "merged"),
        found_columns=sql.columns(names, "found"),
        **parts,
    )
