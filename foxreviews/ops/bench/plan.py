"""The plan's own checks, as it writes them: phase 4, and its EXPLAIN ANALYZE of an ILIKE."""

import re
from collections.abc import Iterator
from functools import partial

from django.db import connection

from foxreviews.ops.bench.line import Measure
from foxreviews.ops.plan_tests import FOLDER, PlanTest, plan_tests

PAGE, SEARCH, FILTER = 50.0, 200.0, 100.0  # milliseconds: the limits of phase 4
LIMITS = {"Pagination": PAGE, "Recherche": SEARCH, "Filtre": FILTER}
GROUP = "The plan's queries as written"
NAME = "SELECT nom FROM enterprise_entreprise WHERE nom ~ '^[A-Z ]{15,25}$' ORDER BY siren LIMIT 1"


def measures() -> Iterator[Measure]:
    """Its three tests, the times being those that it prints itself, and the ILIKE for its word and for a rare one."""
    for test, (name, limit) in zip(plan_tests(), LIMITS.items(), strict=True):
        yield Measure(GROUP, f"{name} (phase 4)", limit, partial(_printed, test))
    statement = re.sub(r"--.*", "", (FOLDER / "explain.sql").read_text()).strip().rstrip(";")
    with connection.cursor() as cursor:
        cursor.execute(NAME)
        rare = cursor.fetchone()
    for word in ("restaurant", *(rare or ())):
        run = partial(_explained, statement.replace("restaurant", word))
        yield Measure(GROUP, f"ILIKE '%{word}%'", SEARCH, run)


def _printed(test: PlanTest) -> tuple[float, str]:
    ((count, milliseconds),) = re.findall(r": (\d+) queries, ([\d.]+)ms", test.run())
    return float(milliseconds), counted_queries(int(count))


def counted_queries(count: int) -> str:
    """«1 query», «3 queries»."""
    return "1 query" if count == 1 else f"{count} queries"


def _explained(statement: str) -> tuple[float, str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    (milliseconds,) = re.findall(r"Execution Time: ([\d.]+) ms", plan)
    used = re.findall(r"(?:using|Index Scan on) (\w+_idx)", plan)
    return float(milliseconds), used[0].removeprefix("enterprise_entreprise_") if used else "whole table"
