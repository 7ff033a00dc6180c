"""Who keeps others waiting: transactions that are open for long, and locks."""

from collections.abc import Iterator
from typing import Any

from foxreviews.core.findings import Finding, Severity
from foxreviews.ops import psql, statement

LONG = 300  # seconds; imports take longer, and are named
IDLE = 60  # seconds in a transaction in which nothing is done
WAITS = 10  # seconds for a lock


def sessions() -> Iterator[Finding]:
    """Long transactions, and who waits for whom."""
    if not statement.value("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')"):
        role = statement.value("SELECT current_user")
        yield Finding(
            "sessions of others", Severity.NOTE, f"the role {role} may not see them",
            "Their transactions and locks are not looked at.", psql.statement(f'GRANT pg_monitor TO "{role}"'),
        )  # fmt: skip
    found = statement.rows("sessions")
    ailing = [*_long(found), *_blocked(found)]
    yield from ailing
    if not ailing:
        yield Finding(
            "sessions", Severity.OK, f"{len(found)} with a transaction, none long, none waits for a lock"
        )


def _long(found: list[dict[str, Any]]) -> Iterator[Finding]:
    for session in found:
        idle = str(session["state"]).startswith("idle") and session["seconds_so"] > IDLE
        if session["autovacuum"] or not (idle or session["seconds"] > LONG):
            continue
        yield Finding(
            f"transaction of {session['pid']}", Severity.WARNING,
            f"open for {session['seconds']:,} s: {_who(session)}, {session['state']}",
            "While it is open no dead row can be removed, and what it has locked stays locked. An import or a backup "
            "may take so long; anything else was forgotten.",
            psql.statement(f"SELECT pg_terminate_backend({session['pid']})"), {"seconds": int(session["seconds"])},
        )  # fmt: skip


def _blocked(found: list[dict[str, Any]]) -> Iterator[Finding]:
    for session in found:
        if not session["waits_for"]:
            continue
        by = ", ".join(map(str, session["waits_for"]))
        yield Finding(
            f"lock, {session['pid']} waits", Severity.ERROR if session["seconds_so"] > WAITS else Severity.NOTE,
            f"{_who(session)}, for {session['seconds_so']:,} s, for process {by}",
            "Another session holds what it needs, and will until its transaction ends.",
            psql.statement(f"SELECT pg_terminate_backend({session['waits_for'][0]})"),
        )  # fmt: skip


def _who(session: dict[str, Any]) -> str:
    return session["application"] or session["role"] or "somebody"
