"""Companies in one table and in partitions by département: the same questions and loads on one database.

    .venv/bin/python -m benchmarks.partitions --rows 4000000
    .venv/bin/python -m benchmarks.partitions --rows 30000000 --json var/bench/partitions-30m.json

A database of its own is loaded, measured, turned into partitions while a client reads, and measured again; it is
dropped at the end. One client asks the production server for lists, page by page, companies and a thousand SIREN at
once, one request after another. The server needs max_locks_per_transaction (manage.py partition_entreprises --dry-run).
Exits 1 where an answer was an error, or the lock of the swap was held for longer than a second.
"""

import csv
import json
import random
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks import command, files
from benchmarks.command import CHECKOUT, FOLDER, manage, python
from benchmarks.database import loaded_database
from benchmarks.imports.readers import Readers
from benchmarks.server import Client, server
from foxreviews.core.errors import FoxreviewsError
from foxreviews.reference.geography import departement_of_postal_code

TABLE = "enterprise_entreprise"
ORDERS = ("-created_at", "created_at", "nom", "-nom")
MAX_HELD = 1.0  # seconds
DEPARTEMENT = "69"
MANY = 1_000  # SIREN in one request
VACUUMED = {False: TABLE, True: f"{TABLE}_{DEPARTEMENT}"}
BUILT = {"names": f"{TABLE}_nom_id_idx", "trigrams": f"{TABLE}_nom_trgm_idx"}
Figures = dict[str, float]


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=4_000_000, metavar="N")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--requests", type=int, default=300, metavar="N", help="of each kind (default 300)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    file = files.companies(options.rows, options.seed)
    with loaded_database("bench_partitions", options.rows, options.seed) as database:
        before = _measure(database, file, options.requests, partitioned=False)
        change = _change(database)
        after = _measure(database, file, options.requests, partitioned=True)
    _show(options.rows, before, after, change)
    if options.json:
        figures = {"rows": options.rows, "one table": before, "partitions": after, "change": change}
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0 if not change["errors"] and change["held"] <= MAX_HELD else 1


def _measure(database: Mapping[str, str], file: Path, requests: int, *, partitioned: bool) -> Figures:
    """Milliseconds of answers (p50, p95), seconds of the rest."""
    figures: Figures = {}
    with server(database) as port, closing(Client(port)) as client:
        for name, urls in _questions(database, client, requests).items():
            times = [_milliseconds(client, url) for url in urls]
            figures[f"{name}, p50 ms"] = statistics.median(times)
            figures[f"{name}, p95 ms"] = statistics.quantiles(times, n=20)[-1]
        figures[f"{MANY:,} SIREN, p50 ms"] = statistics.median(_lots(database, port, max(requests // 10, 2)))
    part = FOLDER / "partitions-one-departement.csv"
    _write_departement(file, part)
    figures["one département reloaded, s"] = manage(database, "import_entreprises_bulk", part)
    figures["its vacuum, s"] = _timed(database, f"VACUUM {VACUUMED[partitioned]}")
    figures["the same month again, s"] = manage(database, "import_entreprises_bulk", file)
    figures["vacuum of all, s"] = _timed(database, f"VACUUM {TABLE}")
    for name, index in BUILT.items():
        figures[f"index of {name}, s"] = _built(database, index)
    return figures


def _sirens(database: Mapping[str, str]) -> list[str]:
    sample = f"SELECT siren FROM {TABLE} TABLESAMPLE SYSTEM (10) REPEATABLE (7) LIMIT 20000"
    with _session(database) as session:
        return [siren for (siren,) in session.execute(sample)]


def _lots(database: Mapping[str, str], port: int, requests: int) -> Iterator[float]:
    """Milliseconds of as many requests for MANY companies each."""
    sirens, chosen = _sirens(database), random.Random(7)
    for _ in range(requests):
        body = json.dumps({"siren": chosen.sample(sirens, min(MANY, len(sirens)))})
        started = time.perf_counter()
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("POST", "/api/lots/", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        if answer.status != 200:
            raise FoxreviewsError(f"/api/lots/ is answered with {answer.status}.")
        yield (time.perf_counter() - started) * 1000


def _questions(database: Mapping[str, str], client: Client, requests: int) -> dict[str, list[str]]:
    sirens, chosen = _sirens(database), random.Random(7)
    found = {
        f"France, {order}": list(_walk(client, f"/api/entreprises/?ordering={order}", requests))
        for order in ORDERS
    }
    found |= {
        f"a département, {order}": list(
            _walk(client, f"/api/entreprises/?departement={DEPARTEMENT}&ordering={order}", requests)
        )
        for order in ("-created_at", "nom")
    }
    found["a SIREN"] = [f"/api/entreprises/{chosen.choice(sirens)}/" for _ in range(requests)]
    return found


def _walk(client: Client, url: str, pages: int) -> Iterator[str]:
    """The addresses of so many pages, one behind the other."""
    for _ in range(pages):
        yield url
        page = client.get(url) or {}
        if not page.get("next"):
            return
        parts = urlsplit(page["next"])
        url = f"{parts.path}?{parts.query}"


def _milliseconds(client: Client, url: str) -> float:
    started = time.perf_counter()
    client.get(url)
    return (time.perf_counter() - started) * 1000


def _write_departement(file: Path, part: Path) -> None:
    """The companies of one département, each with another address than it has."""
    stamp = f" BIS {time.monotonic_ns()}"
    with file.open(newline="") as read, part.open("w", newline="") as write:
        rows = csv.DictReader(read)
        writer = csv.DictWriter(write, rows.fieldnames or [])
        writer.writeheader()
        for row in rows:
            if departement_of_postal_code(row["code_postal"]) == DEPARTEMENT:
                writer.writerow(row | {"adresse": row["adresse"] + stamp})


def _timed(database: Mapping[str, str], statement: str) -> float:
    with _session(database) as session:
        started = time.monotonic()
        session.execute(statement)
        return time.monotonic() - started


def _built(database: Mapping[str, str], index: str) -> float:
    """Seconds of building it again. Its definition names the whole table."""
    with _session(database) as session:
        (definition,) = session.execute("SELECT pg_get_indexdef(%s::regclass)", [index]).fetchone() or ("",)
        session.execute(f"DROP INDEX {index}")
    return _timed(database, definition.replace(" ON ONLY ", " ON "))


def _session(database: Mapping[str, str]) -> psycopg.Connection:
    return psycopg.connect(database["DATABASE_URL"], autocommit=True)


def _change(database: Mapping[str, str]) -> dict[str, Any]:
    """What the command takes, and what a client notices that reads meanwhile."""
    with _session(database) as session:
        sirens = [siren for (siren,) in session.execute(f"SELECT siren FROM {TABLE} LIMIT 500")]
    with server(database) as port:
        readers = Readers(port, sirens, [])
        with readers.asking() as alone:
            time.sleep(10)
        with readers.asking() as answers:
            started = time.monotonic()
            said = _partition(database)
            seconds = time.monotonic() - started
    errors = [*alone.errors, *answers.errors]
    worst: Callable[[list[float]], float] = max
    return {
        "seconds": seconds, "held": said["held"], "errors": errors[:20], "answers": len(answers.all),
        "worst before, ms": worst(alone.all), "worst meanwhile, ms": worst(answers.all),
    }  # fmt: skip


def _partition(database: Mapping[str, str]) -> dict[str, Any]:
    ran = subprocess.run(
        [*python(CHECKOUT), "manage.py", "partition_entreprises", "--json"],
        cwd=CHECKOUT, env={**database}, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise FoxreviewsError(f"partition_entreprises exits {ran.returncode}; see its output above.")
    said: dict[str, Any] = json.loads(ran.stdout)
    return said


def _show(rows: int, before: Figures, after: Figures, change: Mapping[str, Any]) -> None:
    print(f"\n{rows:,} companies\n{'':34}{'one table':>12}{'partitions':>12}{'ratio':>8}")
    for name, figure in before.items():
        print(f"{name:34}{figure:12.2f}{after[name]:12.2f}{after[name] / figure:8.2f}")
    print(f"\nThe change took {change['seconds']:.1f} s; the lock was held for {change['held']:.2f} s.")
    print(
        f"{change['answers']:,} answers meanwhile, {len(change['errors'])} errors; the slowest took "
        f"{change['worst meanwhile, ms']:.0f} ms ({change['worst before, ms']:.0f} ms before)."
    )


if __name__ == "__main__":
    command.run(main)
