"""Whether every query of the product uses its index: PostgreSQL explains each statement just before it is sent."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.sql import Composable

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.findings import Finding, Severity
from foxreviews.core.sql import estimate
from foxreviews.ops import indexes, server, sizes
from foxreviews.ops.indexes import MODELS, TABLE
from foxreviews.ops.queries import TOWNS, Query, named_queries

FEW_ROWS = (
    100_000  # among which a page is as soon found by another index: no wrong plan, but none to judge by
)
STATEMENT_TIMEOUT = "5s"  # the plan of a statement is known, whether it ends or not
# Below a comment of ours, or of an SQL file
_SELECT = re.compile(r"(?:\s|/\*.*?\*/|--[^\n]*\n)*SELECT\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Plan:
    """What the planner chose: the indexes it reads, and the tables that it reads whole."""

    indexes: frozenset[str]
    whole: frozenset[str]


@dataclass(frozen=True)
class Parts:
    """The names of what partitions and their indexes are a part of. Small ones are rightly read whole."""

    indexes: Mapping[str, str]
    tables: Mapping[str, str]
    small: frozenset[str]

    @classmethod
    def read(cls) -> "Parts":
        """As the database has them."""
        found = server.rows("parents")
        indexes, tables = (
            {row["name"]: row["parent"] for row in found if row["is_index"] is kind} for kind in (True, False)
        )
        small = (row["name"] for row in found if not row["is_index"] and row["rows"] < sizes.MIN_ROWS)
        return cls(indexes, tables, frozenset(small))

    def of(self, plan: Plan) -> Plan:
        """The plan in the names of the whole."""
        return Plan(
            frozenset(self.indexes.get(name, name) for name in plan.indexes),
            frozenset(self.tables.get(name, name) for name in plan.whole - self.small),
        )


def check_queries() -> Iterator[Finding]:
    """Explain every named query with the settings of a web worker's session."""
    if (rows := estimate(TABLE)) < sizes.MIN_ROWS:
        yield Finding(
            "queries", Severity.NOTE, f"not judged on {rows:,} companies",
            f"Below {sizes.MIN_ROWS:,} PostgreSQL rightly reads the whole table, whatever index there is.",
        )  # fmt: skip
        return
    well: dict[str, list[str]] = {}
    parts = Parts.read()
    for query in named_queries():
        with server.web_session({"statement_timeout": STATEMENT_TIMEOUT}):
            plans = [parts.of(plan) for plan in explained(query.ask)]
        if finding := judge(query, plans, rows):
            yield finding
        else:
            well[query.name] = sorted(index for plan in plans for index in plan.indexes)
    found = f"{len(well)} use their index: lists, filters, searches, one company, establishments, towns"
    yield Finding("queries", Severity.OK, found, figures=dict(well))


def judge(query: Query, plans: list[Plan], rows: int) -> Finding | None:
    """What is wrong with the plans of a query; None where it uses one of its indexes and reads no table whole.

    `rows` is how many companies there are.
    """
    used = {index for plan in plans for index in plan.indexes}
    whole = {table for plan in plans for table in plan.whole} & {*MODELS, TOWNS}
    should = f"It should use {' or '.join(query.indexes)}"
    figures = {"uses": sorted(used), "reads_whole": sorted(whole)}
    if not plans:
        return Finding(query.name, Severity.NOTE, "sent PostgreSQL nothing", figures=figures)
    if whole:
        found, why = (
            f"reads all of {', '.join(sorted(whole))}",
            f"{should}; with each company more it gets slower.",
        )
        return Finding(query.name, Severity.ERROR, found, why, _fix(query), figures)
    if not used & query.index_names:
        found = f"uses {', '.join(sorted(used)) or 'no index'}"
        if rows < FEW_ROWS:
            why = f"Among {rows:,} companies it may. With more, {should[0].lower()}{should[1:]}."
            return Finding(query.name, Severity.NOTE, found, why, figures=figures)
        why = f"{should}. Stale statistics mislead the planner, or an index is missing."
        return Finding(query.name, Severity.WARNING, found, why, _fix(query), figures)
    return None


def _fix(query: Query) -> str:
    """Build the index where it is missing; otherwise take new statistics."""
    there = {index.name for index in indexes.found() if index.valid}
    if query.index_names <= there:
        return server.psql_statement(f"ANALYZE {query.table}")
    return server.build_indexes() if query.table in MODELS else "manage.py migrate"


def explained(ask: Callable[[], object]) -> list[Plan]:
    """The plans of all that `ask` reads, also of what takes longer than the session allows and is stopped."""
    plans: list[Plan] = []

    def explain_first(
        execute: Callable[..., Any], statement: Any, params: Any, many: bool, context: Mapping[str, Any]
    ) -> Any:
        text = statement.as_string() if isinstance(statement, Composable) else statement
        if not many and _SELECT.match(text):
            execute(f"EXPLAIN (FORMAT JSON) {text}", params, many, context)
            plans.append(_plan(context["cursor"].fetchone()[0][0]["Plan"]))
        return execute(statement, params, many, context)

    try:
        with transaction.atomic(), connection.execute_wrapper(explain_first):
            try:
                ask()
            finally:
                transaction.set_rollback(True)
    except (OperationalError, FoxreviewsError):  # it took too long, or found nothing: its plan is known
        pass
    return plans


def _plan(root: Mapping[str, Any]) -> Plan:
    nodes = list(_nodes(root))
    return Plan(
        frozenset(node["Index Name"] for node in nodes if "Index Name" in node),
        frozenset(node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"),
    )


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)
