"""The scaling plan's checks beside its limits, on whatever the configured database holds.

    make bench                       or: .venv/bin/python benchmarks/phase4.py --json figures.json

* phase 3, through psql, and phase 4, through `manage.py shell`, as pasted from the plan (foxreviews/ops/plan has
  its own lines);
* its EXPLAIN ANALYZE of an ILIKE, for its frequent word and for a rare one;
* the pages of the API, called in this process through every middleware, deep into each ordering, under each filter.

Every figure is of 20 runs after a first one that warms the cache. A line holds where its 95th percentile is within the
plan's limit; exits 1 where one does not.
"""

import argparse
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
RUNS = 20
ORDERINGS = ("-created_at", "created_at", "nom", "-nom")

# The plan's limits, milliseconds (phase 4; for towns its table of expected capacity).
PAGE, SEARCH, FILTER, TOWNS = 50.0, 200.0, 100.0, 8.0


@dataclass(frozen=True)
class Line:
    """One measured thing. `note` says what was seen beside the time."""

    what: str
    limit: float
    p50: float
    p95: float
    note: str = ""

    @property
    def holds(self) -> bool:
        return self.p95 <= self.limit


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    asked = parser.parse_args()
    _prepare_django()
    rows = _one("SELECT count(*) FROM enterprise_entreprise")
    if not rows:
        print("There are no companies to measure on. Load some first: manage.py import_entreprises_bulk FILE")
        return 2
    print(as_pasted("phase 3, psql", _psql("foxreviews/ops/plan/phase3.sql")))
    print(as_pasted("phase 4, manage.py shell", _shell("foxreviews/ops/plan/phase4.py")))
    lines = [*phase_4(), *explained(), *pages()]
    sizes = relation_sizes()
    show(lines, sizes, rows)
    if asked.json:
        figures = [asdict(line) | {"holds": line.holds} for line in lines]
        asked.json.write_text(json.dumps({"rows": rows, "sizes": sizes, "lines": figures}, indent=2) + "\n")
    return 0 if all(line.holds for line in lines) else 1


def _prepare_django() -> None:
    sys.path.insert(0, str(CHECKOUT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["THROTTLE_RATE"] = "1000000/min"  # a benchmark is one client that asks very often
    os.environ["DATABASE_POOL_SIZE"] = "1"  # pages are answered in the sessions of a web worker
    from foxreviews.localdb import ensure_running

    if not os.environ.get("DATABASE_URL"):
        ensure_running()
    import django

    django.setup()


def as_pasted(title: str, output: str) -> str:
    return f"── The plan's {title} {'─' * (60 - len(title))}\n{output.rstrip()}\n"


def _psql(file: str) -> str:
    """What psql prints for the file, on the configured database."""
    from django.db import connection
    from django.db.backends.postgresql.client import DatabaseClient

    from foxreviews.localdb.binaries import newest

    given = ["-X", "-v", "ON_ERROR_STOP=1", "-f", str(CHECKOUT / file)]
    arguments, variables = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, given)
    return _output([newest().program("psql"), *arguments[1:]], os.environ | (variables or {}))


def _shell(file: str) -> str:
    """What `manage.py shell` prints when the file is pasted into it."""
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0"]
    return _output(command, _as_operator(), (CHECKOUT / file).read_text())


def _as_operator() -> dict[str, str]:
    """The environment in which a command is typed: not that of a web worker."""
    return {name: value for name, value in os.environ.items() if name != "DATABASE_POOL_SIZE"}


def _output(command: list[str], environment: dict[str, str], typed: str = "") -> str:
    done = subprocess.run(
        command, input=typed, env=environment, cwd=CHECKOUT, text=True, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


def phase_4() -> Iterator[Line]:
    """The plan's Python, run again and again in this process: the times are those that it prints itself."""
    source = compile((CHECKOUT / "foxreviews/ops/plan/phase4.py").read_text(), "plan_phase4.py", "exec")
    limits = {"Pagination": PAGE, "Recherche": SEARCH, "Filtre": FILTER}
    times: dict[str, list[float]] = {name: [] for name in limits}
    queries: dict[str, str] = {}
    for _ in range(RUNS + 1):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(source, {})
        for name, count, milliseconds in re.findall(r"(\w+): (\d+) queries, ([\d.]+)ms", printed.getvalue()):
            times[name].append(float(milliseconds))
            queries[name] = count
    for name, limit in limits.items():
        queried = f"{queries[name]} query" if queries[name] == "1" else f"{queries[name]} queries"
        yield _line(f"phase 4: {name}", limit, times[name][1:], queried)


def explained() -> Iterator[Line]:
    """The plan's EXPLAIN ANALYZE, for its own word and for the whole name of one company."""
    sql = re.sub(r"--.*", "", (CHECKOUT / "foxreviews/ops/plan/explain.sql").read_text()).strip().rstrip(";")
    name = _one("SELECT nom FROM enterprise_entreprise WHERE nom ~ '^[A-Z ]{15,25}$' ORDER BY siren LIMIT 1")
    for word in ("restaurant", name):
        if word:
            yield _explain(sql.replace("restaurant", word), word)


def _explain(sql: str, word: str) -> Line:
    from django.db import connection

    times, access = [], ""
    for _ in range(RUNS + 1):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        times.append(float(re.findall(r"Execution Time: ([\d.]+) ms", plan)[0]))
        access = (re.findall(r"(?:using|Index Scan on) (\w+_idx)", plan) or ["sequential scan"])[0]
    return _line(f"EXPLAIN ILIKE '%{word}%'", SEARCH, times[1:], access)


def pages() -> Iterator[Line]:
    """The API's lists, as a client asks for them."""
    for ordering in ORDERINGS:
        yield page(f"first page, {ordering}", PAGE, {"ordering": ordering})
    for ordering in ORDERINGS:
        yield page(f"page in the middle, {ordering}", PAGE, {"ordering": ordering}, _middle(ordering))
    for name, values in _filters().items():
        for value in values:
            for ordering in ("-created_at", "nom"):
                yield page(f"{name}={value}, {ordering}", FILTER, {name: value, "ordering": ordering})
    for ordering in ("-created_at", "nom"):
        asked = {"ville_nom": "Paris", "naf": "62", "ordering": ordering}
        yield page(f"ville_nom=Paris naf=62, {ordering}", FILTER, asked)
    for kind, word in (("frequent", "sci"), ("the plan's", "restaurant"), ("absent", "xqzwvk")):
        for ordering in ("-created_at", "nom"):
            yield page(f"q={word} ({kind}), {ordering}", SEARCH, {"q": word, "ordering": ordering})
    siren = _one("SELECT siren FROM enterprise_entreprise LIMIT 1")
    yield page("q=<a SIREN>", SEARCH, {"q": siren})
    yield _asked("one company", PAGE, f"/api/entreprises/{siren}/")
    yield _queried("towns, q=saint, its queries alone", TOWNS, "/api/villes/?q=saint")


def page(what: str, limit: float, query: dict[str, str], url: str = "") -> Line:
    return _asked(what, limit, url or f"/api/entreprises/?{urlencode(query)}")


def _asked(what: str, limit: float, url: str) -> Line:
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    times, answer = [], None
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        answer = client.get(url)
        times.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answers {answer.status_code}: {answer.content.decode()[:300]}")
    shown = answer.json().get("results")
    return _line(what, limit, times[1:], "" if shown is None else f"{len(shown)} rows")


def _queried(what: str, limit: float, url: str) -> Line:
    """The time that the queries of a page take, as the plan's phase 4 adds it up."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(HTTP_HOST="localhost")
    times, count = [], 0
    for _ in range(RUNS + 1):
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        times.append(sum(float(query["time"]) for query in captured) * 1000)
        count = len(captured)
    return _line(what, limit, times[1:], f"{count} queries")


def _middle(ordering: str) -> str:
    """The address of the page after the row in the middle of the ordering."""
    from django.test import RequestFactory
    from rest_framework.request import Request

    from foxreviews.core.keyset import Slice, Window
    from foxreviews.enterprise.api.views import EnterpriseCursorPagination
    from foxreviews.enterprise.models import Entreprise

    chosen = EnterpriseCursorPagination.orderings[ordering]
    fields = [f"-{field}" if chosen.descending else field for field in chosen.fields]
    rows = Entreprise.objects.order_by(*fields).values_list(*chosen.fields)
    position = rows[_one("SELECT count(*) FROM enterprise_entreprise") // 2]
    request = Request(RequestFactory(HTTP_HOST="localhost").get(f"/api/entreprises/?ordering={ordering}"))
    found = Slice([], previous=None, next=Window(chosen, EnterpriseCursorPagination.page_size, position))
    link: str = EnterpriseCursorPagination().answer(found, request, []).data["next"]
    return link


def _filters() -> dict[str, list[str]]:
    """Each filter with its most and its least frequent value; for trades, the plan's beginning too."""
    columns = {"ville_nom": "ville_nom", "ville": "code_commune", "code_postal": "code_postal",
               "departement": "departement", "naf": "naf_code"}  # fmt: skip
    found = {name: _extremes(column) for name, column in columns.items()}
    return found | {"naf": [*found["naf"], "62"], "is_active": ["true", "false"]}


def _extremes(column: str) -> list[str]:
    rows = _all(
        f"SELECT {column}, count(*) FROM enterprise_entreprise WHERE {column} <> '' GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    return list(dict.fromkeys(row[0] for row in (rows[:1] + rows[-1:])))


def relation_sizes() -> dict[str, int]:
    """Bytes of the table and of each of its indexes, biggest first."""
    rows = _all(
        "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index"
        " WHERE indrelid = 'enterprise_entreprise'::regclass ORDER BY 2 DESC"
    )
    table: int = _one("SELECT pg_table_size('enterprise_entreprise')")
    return {"enterprise_entreprise": table} | dict(rows)


def _all(sql: str) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _one(sql: str) -> Any:
    rows = _all(sql)
    return rows[0][0] if rows else None


def _line(what: str, limit: float, times: list[float], note: str) -> Line:
    ranked = sorted(times)
    return Line(what, limit, ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.95) - 1], note)


def show(lines: list[Line], sizes: dict[str, int], rows: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{rows:,} companies, {RUNS} runs each, milliseconds", title_justify="left")
    table.add_column("what", no_wrap=True)
    for name in ("the plan", "p50", "p95"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("seen", no_wrap=True)
    for line in lines:
        verdict = "[green]✓[/]" if line.holds else "[bold red]✗[/]"
        table.add_row(
            line.what, f"{line.limit:.0f}", f"{line.p50:.1f}", f"{line.p95:.1f}", verdict, line.note
        )
    disk = Table("on disk", title_justify="left")
    disk.add_column("MB", justify="right")
    for name, size in [*sizes.items(), ("together", sum(sizes.values()))]:
        disk.add_row(name, f"{size / 1e6:,.0f}")
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table, disk)
    kept = sum(line.holds for line in lines)
    console.print(f"{kept} of {len(lines)} within the plan's limits", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
