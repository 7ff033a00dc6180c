"""The scaling plan's own checks as it writes them: phase 4, and its EXPLAIN ANALYZE of an ILIKE."""

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.db import connection

from benchmarks.api.measure import Measure
from benchmarks.command import CHECKOUT

SNIPPETS = CHECKOUT / "tests" / "acceptance" / "scaling_plan"
PAGE, SEARCH, FILTER = 50.0, 200.0, 100.0  # milliseconds: the limits of phase 4
LIMITS = {"Pagination": PAGE, "Recherche": SEARCH, "Filtre": FILTER}
GROUP = "The scaling plan's queries as written"
NAME = "SELECT nom FROM enterprise_entreprise WHERE nom ~ '^[A-Z ]{15,25}$' ORDER BY siren LIMIT 1"


@dataclass(frozen=True)
class Snippet:
    """A test of phase 4 with the lines above the first; `title` is its comment: «Test 1: Cursor pagination»."""

    title: str
    source: str

    def run(self) -> str:
        """What it prints."""
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(self.source, "phase4.py", "exec"), {})
        return printed.getvalue()


def phase4() -> list[Snippet]:
    """Its three tests, in order."""
    head, *tests = re.split(r"(?m)^(?=# Test)", (SNIPPETS / "phase4.py").read_text())
    return [Snippet(test.partition("\n")[0].removeprefix("# "), head + test) for test in tests]


def measures() -> Iterator[Measure]:
    """Phase 4 with the times that it prints itself, and the ILIKE for its word and for a rare one."""
    for test, (name, limit) in zip(phase4(), LIMITS.items(), strict=True):
        yield Measure(GROUP, f"{name} (phase 4)", limit, partial(_printed, test))
    statement = re.sub(r"--.*", "", (SNIPPETS / "explain.sql").read_text()).strip().rstrip(";")
    with connection.cursor() as cursor:
        cursor.execute(NAME)
        rare = cursor.fetchone()
    for word in ("restaurant", *(rare or ())):
        run = partial(_explained, statement.replace("restaurant", word))
        yield Measure(GROUP, f"ILIKE '%{word}%'", SEARCH, run)


def _printed(test: Snippet) -> tuple[float, str]:
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
