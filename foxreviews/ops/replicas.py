"""The replicas of DATABASE_REPLICA_URLS, as a command finds them; web workers watch them by themselves."""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connections
from psycopg.rows import namedtuple_row

from foxreviews.core import database_errors, files
from foxreviews.core.findings import Finding, Severity
from foxreviews.core.postgresql.replicas import LOOK
from foxreviews.ops import server

PAGE = "See docs/howto/read-replicas.md."
KEPT_THRESHOLD = 1024**3  # bytes of the log, kept for a standby that is away


def check() -> Iterator[Finding]:
    """Each replica against the primary; nothing where there is none."""
    if not settings.REPLICA_WEIGHTS:
        return
    for alias in settings.REPLICA_WEIGHTS:
        try:
            yield judge(alias, _look(alias), _look("default"), settings.MAX_REPLICA_LAG)
        except DatabaseError as error:
            said = database_errors.sentence(error) or str(error)
            why = f"Its readers are answered by the other servers. {PAGE}"
            yield Finding(alias, Severity.WARNING, f"is not read: {said}", why)
    for slot in server.rows("slots"):
        yield judge_slot(slot["name"], slot["bytes"])


def _look(alias: str) -> tuple[bool, int, int, float]:
    """Whether it is a standby, its cluster, its position in bytes, and seconds since what it replayed last."""
    connection = connections[alias]
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor(row_factory=namedtuple_row) as cursor:
        found = cursor.execute(LOOK).fetchone()
        age = cursor.execute("SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp())").fetchone()
    return found.is_standby, found.system, int(found.position), float(age[0] or 0)


def judge(
    alias: str, replica: tuple[bool, int, int, float], primary: tuple[bool, int, int, float], max_lag: int
) -> Finding:
    """Whether requests may be sent to it."""
    is_standby, system, position, seconds = replica
    lacking = max(0, primary[2] - position)
    figures = {"bytes": lacking, "seconds": seconds if lacking else 0.0}
    if not is_standby:
        why = f"It was promoted, and takes writes that the primary may not see. {PAGE}"
        return Finding(alias, Severity.ERROR, "is no standby", why, figures=figures)
    if system != primary[1]:
        return Finding(alias, Severity.ERROR, "is a standby of another cluster", PAGE, figures=figures)
    if not lacking:
        return Finding(alias, Severity.OK, "has everything that the primary has", figures=figures)
    found = f"lacks {files.format_bytes(lacking)} of the log, its last transaction is {seconds:,.0f} s old"
    if seconds <= max_lag:
        return Finding(alias, Severity.OK, found, figures=figures)
    why = f"It is not read while it is more than MAX_REPLICA_LAG, {max_lag} s, behind. {PAGE}"
    return Finding(alias, Severity.WARNING, found, why, figures=figures)


def judge_slot(name: str, kept: int) -> Finding:
    """A slot without a standby: the primary keeps its log for it until its disk is full."""
    subject, found = (
        f"slot {name}",
        f"is not used; the primary keeps {files.format_bytes(kept)} of its log for it",
    )
    fix = server.psql_statement(f"SELECT pg_drop_replication_slot('{name}')")
    why = "It grows until the standby returns or the disk is full. Remove it if the standby is gone for good."
    severity = Severity.WARNING if kept > KEPT_THRESHOLD else Severity.NOTE
    return Finding(subject, severity, found, why, fix, {"bytes": kept})
