"""The table of companies in partitions by département, or in one table again, while readers and writers go on.

A table of the other shape is filled next to the one in use: rows are copied in the order of their ids, and triggers
note which change meanwhile. When the copy has caught up, the two tables change names under a lock of less than a
second. Every step is one transaction, or may be done twice: killed at any moment, the same command goes on.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from psycopg.sql import SQL, Composable, Identifier, Literal

from foxreviews.backup.database import maintenance_lock
from foxreviews.core import sql
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.findings import Finding, Severity
from foxreviews.core.progress import Reporter
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.partitions import DEFAULT, partition_of
from foxreviews.ops import indexes, server, sizes
from foxreviews.reference.geography import DEPARTEMENTS

TABLE = Entreprise._meta.db_table
NEXT, BEFORE = f"{TABLE}_next", f"{TABLE}_before"  # the copy, and the table whose place it has taken
CHANGED, COPIED = f"{TABLE}_changed", f"{TABLE}_copied"  # the log, and up to which id the rows are copied
KEY = "departement"
IN_USE = (DeadlockDetected, LockNotAvailable, QueryCanceled)
CHUNK_ROWS = 50_000
SIREN_BYTES = 100  # a company in enterprise_siren, with its key
SPACE_FACTOR = 1.1
# Under the lock: what is left to copy, and how long all that is done there may take. Seconds.
MAX_TAIL, MAX_HELD = 500, 0.9
LOCK_TIMEOUT = "300ms"  # readers wait behind a lock that waits
PATIENCE, PAUSE = 900.0, 0.5  # seconds until it is given up to get a lock, and between two tries
SESSION = {
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "client_connection_check_interval": "1s",
}
COMMANDS = {True: "manage.py partition_entreprises", False: "manage.py partition_entreprises --undo"}
SHAPES = {True: "partitions by département", False: "one table"}


class PartitionFailed(FoxreviewsError):
    """The table is as it was; what is copied stays for the next run."""

    code = "partition-failed"


class _Busy(Exception):
    """The table cannot be had now."""


class _Emptied(Exception):
    """The table was emptied while it was copied."""


@dataclass(frozen=True)
class Changed:
    """`is_new` is False where the table had the shape already. `held` is for how many seconds the lock was held."""

    is_new: bool
    companies: int = 0
    held: float = 0.0


def change(reporter: Reporter, *, partitioned: bool) -> Changed:
    """Give the table the shape that is asked for.

    Raises LockedError, PartitionFailed, FoxreviewsError where something is in the way; whatever is raised, the table
    is as it was, and the same command goes on.
    """
    with maintenance_lock(), server.session_settings(SESSION):
        if _facts()["is_swapped"]:
            _finish(reporter)
        if _facts()["is_partitioned"] is partitioned:
            _discard(reporter)
            return Changed(is_new=False)
        refuse(partitioned)
        while True:
            try:
                return _Change(reporter, partitioned).run()
            except _Emptied:
                reporter.line("The table was emptied meanwhile: the copy begins again.")
                _discard(reporter)


def is_begun() -> bool:
    """Whether a change is under way, or was interrupted."""
    return any(_exists(table) for table in (NEXT, BEFORE, CHANGED, COPIED))


def refuse(partitioned: bool) -> None:
    """Raise FoxreviewsError where something is in the way."""
    for finding in look(partitioned=partitioned):
        if finding.severity is Severity.ERROR:
            fix = f" {finding.fix}" if finding.fix else ""
            raise FoxreviewsError(f"{finding.subject}: {finding.found}. {finding.why}{fix}")


def look(*, partitioned: bool) -> Iterator[Finding]:
    """What the change would take, and what is in its way."""
    facts = _facts()
    rows = sql.estimate(TABLE)
    shape = f"{rows:,} companies in {SHAPES[facts['is_partitioned']]}"
    if facts["is_partitioned"] is partitioned:
        yield Finding("shape", Severity.OK, f"{shape}: nothing to do")
        return
    yield Finding("shape", Severity.OK, shape, figures={"partitioned": facts["is_partitioned"]})
    if facts["is_begun"]:
        copied = sql.value(f"SELECT coalesce(max(id), 0) FROM {COPIED}") if _exists(COPIED) else 0  # noqa: S608
        yield Finding("begun", Severity.NOTE, f"copied up to id {copied:,}; it goes on from there")
    yield from _obstacles(facts)
    need = round((facts["bytes"] + partitioned * rows * SIREN_BYTES) * SPACE_FACTOR) - facts["copied_bytes"]
    yield sizes.check_disk(
        "disk", max(need, 0), "for a second table with its indexes, until the first is removed"
    )
    if partitioned:
        yield _locks(facts["max_locks"])


def _obstacles(facts: dict[str, Any]) -> Iterator[Finding]:
    if not facts["is_ours"]:
        yield Finding(
            "owner", Severity.ERROR, f"the table belongs to {facts['owner']}",
            "Only its owner may change it: let DATABASE_URL name that role.",
        )  # fmt: skip
    found = server.rows("partition_obstacles", {"keys": [*_keys()]})
    if found:
        yield Finding(
            "dependents", Severity.ERROR, ", ".join(row["obstacle"] for row in found),
            "It would be lost with the table. Remove it, and make it again afterwards.",
        )  # fmt: skip
    missing = [
        name for name in indexes.required() if name not in {row["name"] for row in _definitions(TABLE)}
    ]
    if missing:
        yield Finding(
            "indexes", Severity.ERROR, f"missing or invalid: {', '.join(missing)}",
            "The copy has the indexes that the table has.", server.build_indexes(),
        )  # fmt: skip


def _locks(found: int) -> Finding:
    """A query of the whole country locks every partition and every index of each."""
    relations = (len(DEPARTEMENTS) + 2) * (1 + len(indexes.required()))
    need = -(-relations // 200) * 100
    if found >= need:
        return Finding("locks", Severity.OK, f"max_locks_per_transaction = {found:,}, needed: {need:,}")
    fix = f"ALTER SYSTEM SET max_locks_per_transaction = {need}"
    return Finding(
        "locks", Severity.ERROR, f"max_locks_per_transaction = {found:,}, needed: {need:,}",
        f"A query of the whole country locks {relations:,} tables and indexes; too many sessions at once would end "
        "with «out of shared memory». Set it, and restart PostgreSQL:",
        server.psql_statement(fix), {"max_locks_per_transaction": found, "needed": need},
    )  # fmt: skip


class _Change:
    """One change of the shape under way."""

    def __init__(self, reporter: Reporter, partitioned: bool) -> None:
        self._reporter, self._partitioned = reporter, partitioned
        self._caught_up = ""  # the last transaction that has copied
        names = "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        with connection.cursor() as cursor:
            cursor.execute(f"{names} AND NOT attisdropped AND attgenerated = '' ORDER BY attnum", [TABLE])
            self._columns = [name for (name,) in cursor.fetchall()]

    def run(self) -> Changed:
        if not self._can_go_on():
            with self._reporter.stage("Preparing"):
                _drop_copy()
                self._create()
                _patiently(self._log)
        self._copy()
        self._build()
        with self._reporter.stage("Catching up and swapping") as stage:
            held = self._swap()
            stage.result = f"the lock was held for {held:.2f} s"
        _finish(self._reporter)
        return Changed(True, sql.estimate(TABLE), round(held, 3))

    def _can_go_on(self) -> bool:
        """Whether an interrupted run has left a copy, of the table as it is."""
        if not (_exists(COPIED) and _exists(NEXT)):
            return False
        columns = "SELECT array_agg((attname, atttypid, atttypmod)::text ORDER BY attnum) FROM pg_attribute"
        columns += " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        return bool(sql.value(columns, TABLE) == sql.value(columns, NEXT))

    def _create(self) -> None:
        """The table of the other shape, empty."""
        one = sql.leaves(TABLE)[0]
        with connection.cursor() as cursor:
            cursor.execute("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [one])
            options = ", ".join(cursor.fetchone()[0] or [])
            storage = f" WITH ({options})" if options else ""
            like = f"CREATE TABLE {NEXT} (LIKE {TABLE} INCLUDING ALL EXCLUDING INDEXES)"
            with transaction.atomic():
                if self._partitioned:
                    cursor.execute(f"{like} PARTITION BY LIST ({KEY})")
                    cursor.execute("TRUNCATE enterprise_siren")
                    for departement in (*DEPARTEMENTS, DEFAULT):
                        _create_partition(cursor, departement, storage)
                else:
                    cursor.execute(like + storage)
                for row in server.rows("partition_grants"):
                    cursor.execute(row["statement"])

    def _log(self) -> None:
        """From here on changes are noted: CREATE TRIGGER waits for those who write."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            cursor.execute(sql.load(__file__, "partition_log"))
            cursor.execute(f"CREATE TABLE {COPIED} AS SELECT 0::bigint AS id")

    def _copy(self) -> None:
        after = sql.value(f"SELECT id FROM {COPIED}")  # noqa: S608 - a constant
        total = sql.estimate(TABLE)
        with self._reporter.stage("Copying", total, "companies") as stage:
            if after:
                stage.resume(sql.estimate(NEXT))
            while True:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(self._statement("copy", after=Literal(after), rows=Literal(CHUNK_ROWS)))
                    count, last = cursor.fetchone()
                    if not count:
                        return
                    cursor.execute(f"UPDATE {COPIED} SET id = %s", [last])  # noqa: S608
                after = last
                stage.advance(count)

    def _build(self) -> None:
        """The keys and indexes that the table has and the copy lacks, no others; the statistics for the planner."""
        there, wanted = {row["name"] for row in _definitions(NEXT)}, _definitions(TABLE)
        for name in there - {_next(row["name"]) for row in wanted}:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP INDEX {name}")
        left = [row for row in wanted if _next(row["name"]) not in there]
        if left:
            with self._reporter.stage("Building indexes", len(left), "indexes") as stage:
                for row in left:
                    self._build_one(row)
                    stage.advance(1)
            with self._reporter.stage("Vacuum and statistics"), connection.cursor() as cursor:
                cursor.execute(f"VACUUM (ANALYZE) {NEXT}")

    def _build_one(self, row: dict[str, Any]) -> None:
        name = _next(row["name"])
        with connection.cursor() as cursor:
            if row["is_key"]:
                kind, column = _keys()[row["name"]]
                columns = f"{column}, {KEY}" if self._partitioned else column
                cursor.execute(f"ALTER TABLE {NEXT} ADD CONSTRAINT {name} {kind} ({columns})")
            else:
                cursor.execute(f"CREATE INDEX {name} ON {NEXT} USING {row['definition']}")

    def _catch_up(self) -> int:
        """Copy again what has changed. All of it at once: of two companies the one may have the other's old SIREN.

        Raises _Emptied. Returns how many there were.
        """
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self._caught_up = sql.value("SELECT pg_current_xact_id()::text")
            return self._apply()

    def _apply(self, *, is_last: bool = False) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql.load(__file__, "partition_take"))
            taken = sql.value("SELECT count(*) FROM partition_taken")
            if sql.value("SELECT count(*) FROM partition_taken WHERE id IS NULL"):
                raise _Emptied
            if taken:
                cursor.execute("ANALYZE partition_taken")
                for name in ("remove", "again"):
                    cursor.execute(self._statement(name, is_last=Literal(is_last)))
        return int(taken)

    def _swap(self) -> float:
        """Seconds that the lock was held. Raises PartitionFailed where the table could not be had."""
        held = 0.0

        def swap() -> None:
            nonlocal held
            while self._catch_up() > MAX_TAIL:
                continue
            self._build()
            with transaction.atomic():
                started = self._swap_locked()
            held = time.monotonic() - started

        _patiently(swap)
        return held

    def _swap_locked(self) -> float:
        """Returns since when the lock is held (time.monotonic)."""
        with connection.cursor() as cursor:
            # Of partitions each is waited for.
            for limit in ("lock_timeout", "statement_timeout"):
                cursor.execute(f"SET LOCAL {limit} = '{LOCK_TIMEOUT}'")
            cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
            started = time.monotonic()
            for step in (self._wait_for_snapshots, self._last_changes, self._rename, self._add_triggers):
                left = MAX_HELD - (time.monotonic() - started)
                if left <= 0:
                    raise _Busy
                cursor.execute(f"SET LOCAL statement_timeout = {round(left * 1000) or 1}")
                step()
            return started

    def _wait_for_snapshots(self) -> None:
        """Raises _Busy where a session may be in a moment before the copy: it would see an empty table."""
        limit = time.monotonic() + MAX_HELD / 3
        while server.rows("partition_snapshots", {"since": self._caught_up})[0]["count"]:
            if time.monotonic() > limit:
                raise _Busy
            time.sleep(0.01)

    def _last_changes(self) -> None:
        if sql.value(f"SELECT count(*) FROM (SELECT FROM {CHANGED} LIMIT {MAX_TAIL + 1}) AS few") > MAX_TAIL:  # noqa: S608
            raise _Busy
        if {row["name"] for row in _definitions(NEXT)} != {_next(row["name"]) for row in _definitions(TABLE)}:
            raise _Busy
        self._apply(is_last=True)

    def _rename(self) -> None:
        """The copy goes on with the numbers of the table, and has its names."""
        names = [row["name"] for row in _definitions(TABLE)]
        sequence, copied = (_sequence(table) for table in (TABLE, NEXT))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT setval('{copied}', last_value, is_called) FROM {sequence}")  # noqa: S608
            cursor.execute(f"ALTER TABLE {TABLE} RENAME TO {BEFORE}; ALTER TABLE {NEXT} RENAME TO {TABLE}")
            for name in names:
                cursor.execute(
                    f"ALTER INDEX {name} RENAME TO {name}_before; ALTER INDEX {_next(name)} RENAME TO {name}"
                )
            cursor.execute(
                f"ALTER SEQUENCE {sequence} RENAME TO {BEFORE}_id_seq; ALTER SEQUENCE {copied} RENAME TO {sequence}"
            )

    def _add_triggers(self) -> None:
        found = server.rows("partition_swap_triggers")
        with connection.cursor() as cursor:
            for row in found:
                cursor.execute(row["definition"])
                if row["is_off"]:
                    cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER {row['name']}")
            if self._partitioned:
                cursor.execute(sql.load(__file__, "partition_triggers"))

    def _statement(self, name: str, **parts: Composable) -> str:
        return sql.compose(
            sql.load(__file__, f"partition_{name}"),
            columns=sql.columns(self._columns),
            is_partitioned=Literal(self._partitioned),
            **parts,
        )


def _create_partition(cursor: Any, departement: str, storage: str) -> None:
    name = Identifier(partition_of(departement))
    of = SQL("DEFAULT") if departement == DEFAULT else SQL("FOR VALUES IN ({})").format(Literal(departement))
    statement = SQL("CREATE TABLE {} PARTITION OF {} {}" + storage)
    cursor.execute(statement.format(name, Identifier(NEXT), of))
    trigger = SQL(
        "CREATE TRIGGER enterprise_refuse_partition BEFORE INSERT OR UPDATE OR DELETE ON {}"
        " EXECUTE FUNCTION enterprise_refuse_partition()"
    )
    cursor.execute(trigger.format(name))


def _patiently(what: Any) -> None:
    """Do it, again and again while the table is in use. Raises PartitionFailed."""
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            what()
        except (_Busy, OperationalError) as error:
            if not isinstance(error, _Busy) and not isinstance(error.__cause__, IN_USE):
                raise
            if time.monotonic() > limit:
                found = server.rows("blocker", {"seeing": False})
                by = f" by {found[0]['session']}" if found else ""
                raise PartitionFailed(
                    f"The table of companies is in use{by}. It is as it was; run the same command again: it goes on."
                ) from error
            time.sleep(PAUSE)
        else:
            return


def _finish(reporter: Reporter) -> None:
    """Remove the table that was, and what was needed for the copy."""

    def remove() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            cursor.execute(f"DROP TABLE IF EXISTS {BEFORE}, {CHANGED}, {COPIED}")
            cursor.execute(f"DROP FUNCTION IF EXISTS {CHANGED}()")
            if not _facts()["is_partitioned"]:
                cursor.execute("TRUNCATE enterprise_siren")

    with reporter.stage("Removing what it was copied from"):
        _patiently(remove)


def _discard(reporter: Reporter) -> None:
    """Remove a copy that is not wanted any more, and the triggers that note changes for it."""
    if _exists(NEXT) or _exists(CHANGED):
        with reporter.stage("Removing the copy that was begun"):
            _patiently(_drop_copy)


def _drop_copy() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(f"DROP FUNCTION IF EXISTS {CHANGED}() CASCADE")
        cursor.execute(f"DROP TABLE IF EXISTS {NEXT}, {CHANGED}, {COPIED}")
        if not _facts()["is_partitioned"]:
            cursor.execute("TRUNCATE enterprise_siren")


def _facts() -> dict[str, Any]:
    return server.rows("partition_facts")[0]


def _exists(table: str) -> bool:
    return bool(sql.value("SELECT to_regclass(%s) IS NOT NULL", table))


def _definitions(table: str) -> list[dict[str, Any]]:
    return server.rows("partition_indexes", {"table": table})


def _keys() -> dict[str, tuple[str, str]]:
    """The keys of the table by name, and of which column each is while the table is one."""
    meta = Entreprise._meta
    unique = {each.name: ("UNIQUE", ", ".join(_fields(each))) for each in meta.constraints}
    return {f"{TABLE}_pkey": ("PRIMARY KEY", str(meta.pk.column)), **unique}


def _fields(constraint: Any) -> Sequence[str]:
    return [str(name) for name in constraint.fields]


def _next(name: str) -> str:
    """What the index of that name is called on the copy."""
    return f"{name}_next"


def _sequence(table: str) -> str:
    """The name of the sequence of its ids, without its schema."""
    return str(
        sql.value(
            "SELECT relname FROM pg_class WHERE oid = pg_get_serial_sequence(%s, 'id')::regclass", table
        )
    )
