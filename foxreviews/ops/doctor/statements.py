"""The statements that take the most time, by the name of the code that sends them."""

import re
from collections.abc import Iterator

from django.db import connection

from foxreviews.core.findings import Finding, Severity
from foxreviews.ops import psql, statement

MOST = 5
SLOW = 200.0  # ms: the plan's limit
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE|ON|COPY|TABLE|ANALYZE)\s+\"?(\w+)", re.IGNORECASE)
_REMARK = re.compile(r"--[^\n]*")
_COMMENT = re.compile(r"\s*/\*\s*(\S*).*?\*/\s*", re.DOTALL)  # telemetry.sql_comment
SHOWN = 40  # characters


def slowest() -> Iterator[Finding]:
    """From pg_stat_statements. A request's statement is a warning where it takes longer than the plan allows."""
    if "pg_stat_statements" not in statement.value("SELECT current_setting('shared_preload_libraries')"):
        yield Finding(
            "slowest statements", Severity.WARNING, "not counted",
            "pg_stat_statements is loaded when the server starts, and is not.", "manage.py tune --apply",
        )  # fmt: skip
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'")
        if not cursor.fetchone()[0]:
            return  # doctor.structure says so
    for place, row in enumerate(statement.rows("statements", {"most": MOST}), 1):
        route, text = _parted(row["text"])
        slow = bool(route) and row["mean"] > SLOW
        yield Finding(
            f"statement {place}", Severity.WARNING if slow else Severity.NOTE,
            f"{row['share']:.0%} of the time, {_times(row['calls'])}, {row['mean']:,.1f} ms each: {route or text}",
            f"A request waits longer than the plan's {SLOW:.0f} ms for it: {text}" if slow else "",
            psql.statement("SELECT pg_stat_statements_reset()") if slow else "",
            {name: round(float(row[name]), 3) for name in ("mean", "longest", "total", "share")}
            | {"calls": row["calls"], "route": route, "statement": text},
        )  # fmt: skip


def _times(calls: int) -> str:
    return "once" if calls == 1 else f"{calls:,} times"


def _parted(text: str) -> tuple[str, str]:
    """The route in the leading comment (telemetry.sql_comment) or "", and what is done to which table."""
    found = _COMMENT.match(text)
    route = found[1].split()[0] if found and found[1] else ""
    rest = " ".join(_REMARK.sub("", text[found.end() if found else 0 :]).split())
    table = _TABLE.search(rest)
    return route, f"{rest.split()[0].upper()} … {table[1]}" if table else rest[:SHOWN]
