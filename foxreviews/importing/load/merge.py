"""Staging → directory, by sets, in the caller's transaction. Idempotent: merging the same rows again changes none."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import NamedTuple

from django.db import connection
from django.db.models import Model
from psycopg.sql import SQL, Composable, Identifier, Literal

from foxreviews.core import sql
from foxreviews.enterprise import partitions
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import REGISTER
from foxreviews.importing.errors import ColumnEmptied, TooFewActive
from foxreviews.importing.load import corrections, secondary_indexes
from foxreviews.importing.load.corrections import Corrected
from foxreviews.importing.load.kept import EMPTIED, KEPT, Merging, fate
from foxreviews.importing.load.staging import Staging

# Below this, inserting into the indexes is faster than dropping and building them.
FIRST_LOAD_ROWS = 20_000
# Unless asked otherwise, a column that loses fewer values is no reason to refuse a file.
MAX_EMPTIED, MIN_EMPTIED = 0.01, 100
# The join of 4,000,000 staged rows with the directory: 18.6 s in 64 MB, on disk and on one core; 7.6 s in 256 MB, which
# a server with 4 GB of shared buffers has.
JOIN_MEMORY = """
SELECT set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')),
                                       pg_size_bytes(current_setting('shared_buffers')) / 16) / 1024 || 'kB', true)
"""

# The register's companies are a join of two staged tables; what does not fit goes to the server's disk.
FIRST_LOAD_MEMORY = "SELECT set_config('work_mem', '256MB', true)"


class Changes(NamedTuple):
    """How many companies a merge adds and updates, and how many values each column keeps or loses.

    A value is kept where the file has a cell for it that is empty or not known, and lost to one that is empty on
    purpose. `corrected` is what stays as staff corrected it.
    """

    created: int
    updated: int
    kept: Mapping[str, int] = MappingProxyType({})
    emptied: Mapping[str, int] = MappingProxyType({})
    corrected: Corrected = corrections.NOTHING


class Limits(NamedTuple):
    """What a merge may do to the companies that are active now; both are parts of 1. `max_emptied` None: see below."""

    min_ratio: float = 0.9  # so many are active afterwards
    max_emptied: float | None = None  # so many lose the value of a column

    @classmethod
    def none(cls) -> "Limits":
        """Whatever the file says is what is wanted."""
        return cls(min_ratio=0.0, max_emptied=1.0)


def merge(
    staging: Staging,
    staged: int,
    *,
    update_existing: bool,
    empty_overwrites: bool,
    limits: Limits,
    is_register: bool = False,
    author: str = "import",
) -> Changes:
    """Bring the `staged` companies into the directory. An empty cell overwrites a value only where asked.

    Only the register makes public what was hidden (enterprise.privacy). `author` ends corrections of staff.
    Raises TooFewActive, ColumnEmptied where the limits do not allow what the file would do.
    """
    corrections.lock_out_staff()
    if is_register:
        sql.value(REGISTER)
    merging = Merging(staging.columns, empty_overwrites=empty_overwrites, is_register=is_register)
    if staged >= FIRST_LOAD_ROWS and _lock_empty_table():
        corrected = corrections.NOTHING
        if corrections.exist():  # of a directory that was emptied
            staging.to_be_compared()
            corrected = _lay_over(staging, merging, author)
        with secondary_indexes.rebuilt(Entreprise), change_log_off(Entreprise):
            created = _insert_first(staging)
        corrections.withhold()
        return Changes(created, 0, corrected=corrected)
    with _differences(
        staging, merging, author if update_existing else None, lays_over=update_existing
    ) as found:
        updated = 0
        if found.updated and update_existing:
            if limits.min_ratio and "is_active" in staging.columns and (change := _active_change()) < 0:
                # The whole directory is counted only where the file closes some of its companies.
                refuse_too_few_active(_count_active(), change, limits.min_ratio)
            _refuse_emptied(found.emptied, limits.max_emptied)
            updated = _execute("update", staging)
        if partitions.is_partitioned_now():
            _execute("reserve", staging)
        created = _execute("insert", staging)
        corrections.withhold()
        return found._replace(created=created, updated=updated) if update_existing else Changes(created, 0)


def compare(
    staging: Staging,
    *,
    update_existing: bool,
    empty_overwrites: bool,
    max_emptied: float | None,
    is_register: bool = False,
) -> Changes:
    """What a merge would do, for a dry run. Raises ColumnEmptied."""
    merging = Merging(staging.columns, empty_overwrites=empty_overwrites, is_register=is_register)
    with _differences(staging, merging, None, lays_over=update_existing) as found:
        if not update_existing:
            return Changes(found.created, 0)
        _refuse_emptied(found.emptied, max_emptied)
        return found


def _refuse_emptied(emptied: Mapping[str, int], max_emptied: float | None) -> None:
    """The directory is counted only where some column loses many values."""
    if max(emptied.values(), default=0) >= (MIN_EMPTIED if max_emptied is None else 1):
        refuse_emptied(emptied, _count_active(), max_emptied)


def refuse_emptied(emptied: Mapping[str, int], active: int, max_emptied: float | None) -> None:
    """Raise ColumnEmptied where a column loses more values than `max_emptied` of the active companies.

    statut_diffusion loses its value where a company is public no more, which empties its name and street.
    Unless that is given, it is 1 %, and fewer than 100 values are no reason to refuse a file.
    """
    if max_emptied is None:
        emptied = {column: count for column, count in emptied.items() if count >= MIN_EMPTIED}
        max_emptied = MAX_EMPTIED
    worst = {column: count for column, count in emptied.items() if count > active * max_emptied}
    if worst:
        raise ColumnEmptied(
            f"This file would {_name_emptied(worst)}; {active:,} companies are active, and "
            f"--max-emptied is {max_emptied:.0%} of them. Nothing was merged. Is it the right and whole file? "
            "If so, run the same command with --force."
        )


def _name_emptied(emptied: Mapping[str, int]) -> str:
    """What a file would do to which columns, and of how many companies."""
    named = ", ".join(
        f"{column} of {count:,}" for column, count in emptied.items() if column != "statut_diffusion"
    )
    said = [f"empty {named} companies that have a value there"] if named else []
    if hidden := emptied.get("statut_diffusion"):
        said.insert(0, f"make {hidden:,} public companies non-public (statut_diffusion)")
    return ", and ".join(said)


def refuse_too_few_active(active: int, change: int, min_ratio: float) -> None:
    """Raise TooFewActive where `active` companies and the change leave fewer than `min_ratio` of them."""
    after = active + change
    if after < active * min_ratio:
        raise TooFewActive(
            f"{active:,} companies are active; this file would leave {after:,} ({after / active:.1%}, and "
            f"--min-ratio is {min_ratio:.0%}). Nothing was merged. Is it the right and whole file? "
            "If so, run the same command with --force."
        )


@contextmanager
def _differences(
    staging: Staging, merging: Merging, author: str | None, *, lays_over: bool
) -> Iterator[Changes]:
    """Find the differences, and count them. Where known companies stay as they are, no correction is in the way."""
    staging.to_be_compared()
    corrected = _lay_over(staging, merging, author) if lays_over else corrections.NOTHING
    with connection.cursor() as cursor:
        cursor.execute(JOIN_MEMORY)
        cursor.execute(
            _statement("find_differences", staging, values=merging.values(), fates=merging.fates())
        )
        # Without statistics an update of a few rows reads the whole directory.
        cursor.execute("ANALYZE importing_difference")
        yield _count(merging)._replace(corrected=corrected)
        cursor.execute("DROP TABLE importing_difference")


def _lay_over(staging: Staging, merging: Merging, author: str | None) -> Corrected:
    return corrections.lay_over(
        staging, empty_overwrites=merging.empty_overwrites, is_register=merging.is_register, author=author
    )


def _count(merging: Merging) -> Changes:
    """What the differences come to."""
    counts = SQL(", ").join(
        SQL("count(*) FILTER (WHERE {} = {}) AS {}").format(
            fate(column), Literal(what), Identifier(column + what)
        )
        for column in merging.columns
        for what in (KEPT, EMPTIED)
    )
    (row,) = sql.rows(sql.compose(sql.load(__file__, "count_differences"), fates=counts))
    kept, emptied = (
        {column: row[column + what] for column in merging.columns if row[column + what]}
        for what in (KEPT, EMPTIED)
    )
    return Changes(row["new_companies"], row["differing_companies"], kept, emptied)


def _count_active() -> int:
    return int(sql.value("SELECT count(*) FROM enterprise_entreprise WHERE is_active"))


def _active_change() -> int:
    """How many more companies are active after the update than before it."""
    return int(
        sql.value(
            "SELECT coalesce(sum(staged.is_active::int - kept.is_active::int), 0) FROM importing_difference AS staged "
            "JOIN enterprise_entreprise AS kept ON kept.id = staged.kept_id WHERE staged.differs"
        )
    )


def _lock_empty_table() -> bool:
    """Whether the directory is empty; if so no other session reads or writes it until the transaction ends.

    Emptied once more, it is written without a write-ahead log where wal_level is minimal.
    """
    if _has_companies():
        return False
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE enterprise_entreprise IN ACCESS EXCLUSIVE MODE")
        if _has_companies():
            return False
        cursor.execute("TRUNCATE enterprise_entreprise")
    return True


def _has_companies() -> bool:
    return bool(sql.value("SELECT EXISTS (SELECT FROM enterprise_entreprise)"))


@contextmanager
def change_log_off(model: type[Model]) -> Iterator[None]:
    """Log no single company for the search indexes: the log has that the table was emptied, so all is new to them.

    The trigger sees a copy of every row: 4,000,000 rows were kept for it, to find that they are too many.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER search_change_insert")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER search_change_insert")


def _insert_first(staging: Staging) -> int:
    sql.value(FIRST_LOAD_MEMORY)
    return _execute("insert_first", staging)


def _execute(name: str, staging: Staging) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_statement(name, staging))
        return int(cursor.rowcount)


def _statement(name: str, staging: Staging, **parts: Composable) -> str:
    names = [column for column in staging.columns if column != "siren"]
    return sql.compose(
        sql.load(__file__, name),
        staging=Identifier(staging.name),
        columns=sql.columns(names),
        kept_columns=sql.columns(names, "kept"),
        staged_columns=sql.columns(names, "staged"),
        merged_columns=sql.columns(names, "merged"),
        **parts,
    )
