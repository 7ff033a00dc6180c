"""Companies in one table and in partitions by département: the same questions and loads on one database.

    .venv/bin/python -m benchmarks.partitions --rows 4000000
    .venv/bin/python -m benchmarks.partitions --rows 30000000 --json var/bench/partitions-30m.json
    .venv/bin/python -m benchmarks.partitions --loaded            the configured database, which is given back as it was

A database of its own is loaded, measured, turned into partitions while a client reads, and measured again; it is
dropped at the end. One client asks the production server for lists, page by page, companies and a thousand SIREN at
once, one request after another, for 20 s of each kind at most. Each figure is printed as soon as it is known, and all
of them once more at the end. The server needs max_locks_per_transaction (partition_entreprises --dry-run says it).

With --loaded nothing is imported or vacuumed, and the table is one again at the end; where that is interrupted:
manage.py partition_entreprises --undo. Exits 1 where an answer was an error, or a lock was held for more than a second.
"""

import csv
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection

from benchmarks import command, files
from benchmarks.command import CHECKOUT, FOLDER, manage, python
from benchmarks.database import configured, loaded_database, server_address
from benchmarks.imports.readers import Readers
from benchmarks.server import Client, server
from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.enterprise.partitions import is_partitioned_now
from foxreviews.reference.geography import departement_of_postal_code

TABLE = "enterprise_entreprise"
ORDERS = ("-created_at", "created_at", "nom", "-nom")
MAX_HELD = 1.0  # seconds
DEPARTEMENT = "69"
FEW, MANY = 20, 1_000  # SIREN in a list, in one request for as many
KIND_SECONDS = 20.0
VACUUMED = {False: TABLE, True: f"{TABLE}_{DEPARTEMENT}"}
BUILT = {"names": f"{TABLE}_nom_id_idx", "trigrams": f"{TABLE}_nom_trgm_idx"}
Figures = dict[str, float]


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=4_000_000, metavar="N")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument(
        "--requests", type=int, default=300, metavar="N", help="of each kind, at most (default 300)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    parser.add_argument("--loaded", action="store_true", help="the configured database, not --rows")
    options = parser.parse_args()
    if options.loaded:
        figures = _on_the_configured_one(options.requests)
    else:
        file = files.companies(options.rows, options.seed)
        with loaded_database("bench_partitions", options.rows, options.seed) as database:
            figures = _compared(database, options.requests, file)
    _show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    changes = [figures["change"], *([figures["back"]] if "back" in figures else [])]
    return 0 if all(not each["errors"] and each["held"] <= MAX_HELD for each in changes) else 1


def _on_the_configured_one(requests: int) -> dict[str, Any]:
    """The same of what is loaded, and how it becomes one table again. Raises UsageError where it is in partitions."""
    database, _ = configured()
    database.setdefault("DATABASE_URL", server_address() + connection.settings_dict["NAME"])
    database.setdefault("SECRET_KEY", settings.SECRET_KEY)  # that of var/secret-key is not looked for then
    if is_partitioned_now():
        raise UsageError("Companies are in partitions already. First: manage.py partition_entreprises --undo")
    try:
        return _compared(database, requests, None) | {"back": _change(database, "--undo")}
    except BaseException:
        print(
            "Where companies are left in partitions: manage.py partition_entreprises --undo", file=sys.stderr
        )
        raise


def _compared(database: Mapping[str, str], requests: int, file: Path | None) -> dict[str, Any]:
    before = _measure(database, file, requests, partitioned=False)
    change = _change(database)
    after = _measure(database, file, requests, partitioned=True)
    with _session(database) as session:
        (rows,) = session.execute(f"SELECT count(*) FROM {TABLE}").fetchone() or (0,)
    return {"rows": rows, "one table": before, "partitions": after, "change": change}


def _measure(database: Mapping[str, str], file: Path | None, requests: int, *, partitioned: bool) -> Figures:
    """Milliseconds of answers (p50, p95), seconds of the rest; of loads where there is a file."""
    figures: Figures = {}

    def note(name: str, figure: float) -> None:
        figures[name] = figure
        print(f"{'partitions' if partitioned else 'one table':12}{name:34}{figure:12.2f}", flush=True)

    with server(database) as port, closing(Client(port)) as client:
        client.get("/api/entreprises/")  # the first answer of a worker
        for name, answers in _kinds(database, client, requests):
            times = list(answers)
            note(f"{name}, p50 ms", statistics.median(times))
            note(f"{name}, p95 ms", statistics.quantiles(times, n=20)[-1])
        note(f"{MANY:,} SIREN, p50 ms", statistics.median(_lots(database, port, max(requests // 10, 2))))
    if file:
        part = FOLDER / "partitions-one-departement.csv"
        _write_departement(file, part)
        note("one département reloaded, s", manage(database, "import_entreprises_bulk", part))
        note("its vacuum, s", _timed(database, f"VACUUM {VACUUMED[partitioned]}"))
        note("the same month again, s", manage(database, "import_entreprises_bulk", file))
        note("vacuum of all, s", _timed(database, f"VACUUM {TABLE}"))
    for name, index in BUILT.items():
        note(f"index of {name}, s", _built(database, index))
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


def _kinds(
    database: Mapping[str, str], client: Client, requests: int
) -> Iterator[tuple[str, Iterator[float]]]:
    """What is asked for, and the milliseconds of each answer."""
    for order in ORDERS:
        yield f"France, {order}", _walk(client, f"/api/entreprises/?ordering={order}", requests)
    for order in ("-created_at", "nom"):
        url = f"/api/entreprises/?departement={DEPARTEMENT}&ordering={order}"
        yield f"a département, {order}", _walk(client, url, requests)
    sirens, chosen = _sirens(database), random.Random(7)
    yield (
        "a SIREN",
        (_milliseconds(client, f"/api/entreprises/{chosen.choice(sirens)}/")[0] for _ in range(requests)),
    )
    lists = (",".join(chosen.sample(sirens, FEW)) for _ in range(requests))
    yield (
        f"a list of {FEW} SIREN",
        (_milliseconds(client, f"/api/entreprises/?siren={each}")[0] for each in lists),
    )


def _walk(client: Client, url: str, pages: int) -> Iterator[float]:
    """Of so many pages, one behind the other, in the time that there is."""
    limit = time.monotonic() + KIND_SECONDS
    for _ in range(pages):
        milliseconds, page = _milliseconds(client, url)
        yield milliseconds
        if not page.get("next") or time.monotonic() > limit:
            return
        parts = urlsplit(page["next"])
        url = f"{parts.path}?{parts.query}"


def _milliseconds(client: Client, url: str) -> tuple[float, dict[str, Any]]:
    """And the answer."""
    started = time.perf_counter()
    answer = client.get(url) or {}
    return (time.perf_counter() - started) * 1000, answer


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
    """Seconds of building another one like it. Its definition names the whole table."""
    other = f"{index}_again"
    with _session(database) as session:
        (definition,) = session.execute("SELECT pg_get_indexdef(%s::regclass)", [index]).fetchone() or ("",)
    statement = definition.replace(f" {index} ON ", f" {other} ON ").replace(" ON ONLY ", " ON ")
    try:
        return _timed(database, statement)
    finally:
        _timed(database, f"DROP INDEX IF EXISTS {other}")


def _session(database: Mapping[str, str]) -> psycopg.Connection:
    return psycopg.connect(database["DATABASE_URL"], autocommit=True)


def _change(database: Mapping[str, str], *undo: str) -> dict[str, Any]:
    """What the command takes, and what a client notices that reads meanwhile."""
    with _session(database) as session:
        sirens = [siren for (siren,) in session.execute(f"SELECT siren FROM {TABLE} LIMIT 500")]
    with server(database) as port:
        readers = Readers(port, sirens, [])
        with readers.asking() as alone:
            time.sleep(10)
        with readers.asking() as answers:
            started = time.monotonic()
            said = _partition(database, *undo)
            seconds = time.monotonic() - started
    errors = [*alone.errors, *answers.errors]
    worst: Callable[[list[float]], float] = max
    return {
        "seconds": seconds, "held": said["held"], "errors": errors[:20], "answers": len(answers.all),
        "worst before, ms": worst(alone.all), "worst meanwhile, ms": worst(answers.all),
    }  # fmt: skip


def _partition(database: Mapping[str, str], *undo: str) -> dict[str, Any]:
    ran = subprocess.run(
        [*python(CHECKOUT), "manage.py", "partition_entreprises", "--json", *undo],
        cwd=CHECKOUT, env=os.environ | database, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise FoxreviewsError(f"partition_entreprises exits {ran.returncode}; see its output above.")
    said: dict[str, Any] = json.loads(ran.stdout)
    return said


def _show(figures: Mapping[str, Any]) -> None:
    before, after = figures["one table"], figures["partitions"]
    print(f"\n{figures['rows']:,} companies\n{'':34}{'one table':>12}{'partitions':>12}{'ratio':>8}")
    for name, figure in before.items():
        print(f"{name:34}{figure:12.2f}{after[name]:12.2f}{after[name] / figure:8.2f}")
    for name in ("change", "back"):
        if change := figures.get(name):
            print(
                f"\nThe {name} took {change['seconds']:.1f} s; the lock was held for {change['held']:.2f} s."
            )
            print(
                f"{change['answers']:,} answers meanwhile, {len(change['errors'])} errors; the slowest took "
                f"{change['worst meanwhile, ms']:.0f} ms ({change['worst before, ms']:.0f} ms before)."
            )


if __name__ == "__main__":
    command.run(main)
