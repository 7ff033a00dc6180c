"""How PostgreSQL goes about what the product's own code asks it: each statement is explained just before it is sent."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.sql import Composable

from foxreviews.core.errors import FoxreviewsError

_SELECT = re.compile(r"\s*(/\*.*?\*/\s*)*SELECT\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Plan:
    """What the planner chose: the indexes it reads, and the tables that it reads whole."""

    indexes: frozenset[str]
    whole: frozenset[str]


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
