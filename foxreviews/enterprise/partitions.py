"""Companies in one table or in partitions by département (`manage.py partition_entreprises`): what readers must know.

Both shapes answer the same. A SIREN alone names no partition, and each of a hundred would be planned and asked for it:
enterprise_siren has its département, so that one is.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Q

from foxreviews.core import sql
from foxreviews.core.keyset import Row

Answer = TypeVar("Answer")

TABLE = "enterprise_entreprise"
DEFAULT = "default"  # the partition of companies without a département, or with one that has no partition
MAX_AGE = (
    60.0  # seconds that a process believes what it has seen: the wrong shape costs time, never an answer
)
BY_DEPARTEMENT = (
    "SELECT departement, array_agg(siren) AS sirens FROM enterprise_siren WHERE siren = ANY(%(sirens)s)"
)

_is_partition = re.compile(rf"{TABLE}_([0-9ab]{{2,3}}|{DEFAULT})").fullmatch
_seen: tuple[float, bool] | None = None


def partition_of(departement: str) -> str:
    """The name of its partition."""
    return f"{TABLE}_{departement.lower()}"


def holds_companies(table: str) -> bool:
    """Whether a table of that name is the table of companies, or a partition of it."""
    return table == TABLE or _is_partition(table) is not None


def is_partitioned() -> bool:
    """Whether companies are in partitions, as it was a minute ago at most."""
    global _seen  # noqa: PLW0603 - one shape for the process
    now = time.monotonic()
    if _seen is None or now - _seen[0] > MAX_AGE:
        _seen = now, is_partitioned_now()
    return _seen[1]


def is_partitioned_now() -> bool:
    """Whether companies are in partitions. In a transaction that has locked the table it stays so."""
    return bool(sql.value("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", TABLE))


def by_siren(
    statement: str, sirens: Sequence[str], parameters: Mapping[str, Any] | None = None, *, table: str = TABLE
) -> list[Row]:
    """The rows of a statement that ends in «WHERE siren = ANY(%(sirens)s)», each with its siren.

    `table` is what it calls the table of companies.
    """
    given, wanted = dict(parameters or {}), list(sirens)
    if not is_partitioned():
        return sql.rows(statement, given | {"sirens": wanted})
    routed = by_partition(statement, wanted, given, table=table)
    found = sql.rows(*routed) if routed else []
    # Not in the directory; or it has moved, or the table has another shape, since the one statement and the other.
    missing = {*wanted} - {row["siren"] for row in found}
    return found + (sql.rows(statement, given | {"sirens": [*missing]}) if missing else [])


def read_of(sirens: Sequence[str], read: Callable[[Q], Answer]) -> Answer:
    """What `read` finds of the companies with these numbers, given the condition that names their partitions.

    The others are neither planned nor asked. Where a number is not noted, a company has moved meanwhile, or the table
    has another shape than a minute ago, it is read without the condition.
    """
    if sirens and is_partitioned():
        noted = sirens_by_departement(sirens)
        if sum(map(len, noted.values())) == len({*sirens}):
            found = read(Q(departement__in=sorted(noted)))
            if is_partitioned_now() and sirens_by_departement(sirens).keys() == noted.keys():
                return found
    return read(Q())


def by_partition(
    statement: str, sirens: Sequence[str], parameters: Mapping[str, Any], *, table: str = TABLE
) -> tuple[str, dict[str, Any]] | None:
    """The same statement asked of the partition of each SIREN alone, and its parameters; None where none is noted."""
    given, arms = dict(parameters), list[str]()
    for number, (departement, its_sirens) in enumerate(sirens_by_departement(sirens).items()):
        arm = statement.replace("%(sirens)s", f"%(sirens_{number})s")
        arms.append(f"{arm} AND {table}.departement = %(departement_{number})s")
        given |= {f"sirens_{number}": its_sirens, f"departement_{number}": departement}
    return (" UNION ALL ".join(arms), given) if arms else None


def sirens_by_departement(sirens: Sequence[str]) -> dict[str, list[str]]:
    """Which of them are in which partition; none where companies are in one table."""
    statement = f"{BY_DEPARTEMENT} AND departement IS NOT NULL GROUP BY departement"
    return {row["departement"]: row["sirens"] for row in sql.rows(statement, {"sirens": list(sirens)})}
