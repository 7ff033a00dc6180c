"""Whether the web server stays as it is under a mixed load, with an import in the middle: memory, connections, files.

    .venv/bin/python -m benchmarks.api.soak --minutes 30
    .venv/bin/python -m benchmarks.api.soak --minutes 3 --rows 20000

In a database of its own, with an index and its daemon. Four clients ask for lists, companies, searches, suggestions,
counts, pages, exports, and what is refused. In the middle the companies are loaded again with 1 % of their addresses
changed. Warm is a third of the time: a worker grows for its first 20,000 requests or so. Exits 1 where a worker's
memory has grown by more than 10 % since it was warm, or it has more files or connections to PostgreSQL than then, a
worker was replaced, or an answer was a 5xx.

The cache of each process has 1 MB: it is full before the worker is warm, so that what grows is not it.

Memory is what belongs to the process alone (Anonymous in /proc): of the index's files, which are mapped, the system
keeps as much as it likes. RSS, which has both, is shown next to it.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from urllib.parse import quote

from benchmarks import command, files
from benchmarks.api.clients import Answers, ask, get
from benchmarks.command import CHECKOUT, FOLDER, manage, python
from benchmarks.database import loaded_database, psql
from benchmarks.server import Running, running
from foxreviews.core.commands import row_count
from foxreviews.core.errors import UsageError

CLIENTS, RATE = 4, 60.0  # requests a second of all: half of what two cores answer, so that an import has room
SEED = 5
LOOK_SECONDS = 10.0
MAX_GROWTH = 1.1
OWN = "bench_soak"
MEMORY = re.compile(r"^(Rss|Anonymous):\s+(\d+) kB", re.MULTILINE)
COMPANIES = (
    "SELECT siren, departement, naf_code, nom FROM enterprise_entreprise WHERE statut_diffusion = 'O' AND nom <> '' "
    "ORDER BY siren LIMIT 3000"
)
CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
    "AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class Worker:
    """MiB of its own and in all, and how many files it has open."""

    anonymous: float
    rss: float
    files: int


@dataclass(frozen=True)
class Look:
    """The workers by their process, and the connections to the database, its daemon's among them."""

    seconds: float
    workers: dict[int, Worker]
    connections: int


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="default 30")
    parser.add_argument("--rows", type=row_count, default=200_000, help="companies (default 200,000)")
    options = parser.parse_args()
    if not options.minutes >= 1:
        raise UsageError("--minutes is 1 or more.")
    seconds = options.minutes * 60
    changed = files.changed_companies(options.rows, SEED)
    with loaded_database(OWN, options.rows, SEED) as environment:
        os.environ.update(environment)  # whatever this process asks is of that database
        folder = FOLDER / f"soak-{secrets.token_hex(4)}"
        with _index(environment, folder) as own, running(os.environ | own) as server:
            answers, looks = _soaked(server, os.environ | own, changed, seconds)
    _show(looks, answers, seconds)
    return 0 if not [*_faults(looks, answers, seconds)] else 1


@contextmanager
def _index(environment: dict[str, str], folder: Path) -> Iterator[dict[str, str]]:
    """The environment of an index that a daemon keeps in sync."""
    manage(environment | {"SEARCH_INDEX_DIR": str(folder)}, "search_rebuild")
    own = {"SEARCH_INDEX_DIR": str(folder), "CACHE_MEMORY": "1"}
    daemon = subprocess.Popen(
        [*python(CHECKOUT), "manage.py", "search_catchup", "--follow"],
        cwd=CHECKOUT, env=os.environ | environment | own, stdout=sys.stderr,
    )  # fmt: skip
    try:
        yield own
    finally:
        daemon.terminate()
        daemon.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _soaked(
    server: Running, environment: dict[str, str], changed: Path, seconds: float
) -> tuple[Answers, list[Look]]:
    """What was answered, and the looks taken meanwhile."""
    requests, found = _requests(environment), Answers()

    def load() -> None:
        more = ask(server.port, requests, CLIENTS, seconds, RATE)
        found.seconds, found.times, found.statuses = more.seconds, more.times, more.statuses

    def reload() -> None:
        time.sleep(seconds / 2)
        manage(environment, "import_entreprises_bulk", changed)

    threads = [Thread(target=load), Thread(target=reload)]
    started = time.monotonic()
    looks = [_look(server, environment, started)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(LOOK_SECONDS, seconds / 20))
        looks.append(_look(server, environment, started))
        print(_line(looks[-1]), file=sys.stderr, flush=True)
    return found, looks


def _requests(environment: dict[str, str]) -> list[bytes]:
    """A mix of everything, most of it of different answers."""
    made = []
    for number, line in enumerate(psql(environment, COMPANIES).splitlines()):
        siren, departement, naf, nom = line.split("|", 3)
        word = quote(nom)
        made += [
            f"/api/entreprises/?departement={departement}&page_size={number % 100 + 1}",
            f"/api/entreprises/?naf={naf}&ordering=nom",
            f"/api/entreprises/{siren}/",
            f"/api/entreprises/?q={word}&facets=departement",
            f"/api/suggestions/?q={quote(nom[:5])}",
            f"/api/etablissements/?siren={siren}",
            f"/api/statistiques/?departement={departement}",
            f"/entreprise/{siren}",
            f"/recherche?q={word}",
            f"/api/entreprises/?departement=nowhere{number}",
        ]
        if number % 500 == 0:
            made.append("/api/exports/entreprises.csv?rows=10000")
    return [get(path, "localhost") for path in made]


def _look(server: Running, environment: dict[str, str], started: float) -> Look:
    workers = {pid: found for pid in server.processes[1:] if (found := _worker(pid))}
    return Look(time.monotonic() - started, workers, int(psql(environment, CONNECTIONS)))


def _worker(pid: int) -> Worker | None:
    """None for a process that has ended, or is an export."""
    try:
        if b"manage.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return None
        found = dict(MEMORY.findall(Path(f"/proc/{pid}/smaps_rollup").read_text()))
        return Worker(
            int(found["Anonymous"]) / 1024,
            int(found["Rss"]) / 1024,
            len([*Path(f"/proc/{pid}/fd").iterdir()]),
        )
    except OSError:
        return None


def _warm(looks: Sequence[Look], seconds: float) -> Look:
    """The first one when it was warm."""
    return next((look for look in looks if look.seconds >= seconds / 3), looks[-1])


def _faults(looks: Sequence[Look], answers: Answers, seconds: float) -> Iterator[str]:
    warm, end = _warm(looks, seconds), looks[-1]
    for pid, worker in warm.workers.items():
        if pid not in end.workers:
            yield f"worker {pid} was replaced"
            continue
        last = end.workers[pid]
        if last.anonymous > worker.anonymous * MAX_GROWTH:
            yield f"worker {pid} has grown from {worker.anonymous:,.0f} to {last.anonymous:,.0f} MiB"
        if last.files > worker.files + CLIENTS:
            yield f"worker {pid} has {last.files} files open, {worker.files} when it was warm"
    if end.connections > warm.connections:
        yield f"{end.connections} connections to PostgreSQL, {warm.connections} when it was warm"
    if failed := sum(number for status, number in answers.statuses.items() if status == 0 or status >= 500):
        yield f"{failed:,} answers failed"


def _line(look: Look) -> str:
    workers = ", ".join(
        f"{pid}: {each.anonymous:,.0f} of {each.rss:,.0f} MiB" for pid, each in look.workers.items()
    )
    return f"{look.seconds:7,.0f} s  {workers}; {look.connections} connections"


def _show(looks: Sequence[Look], answers: Answers, seconds: float) -> None:
    warm = _warm(looks, seconds)
    print(f"\n| | {' | '.join(f'worker {pid}, MiB (RSS) | files' for pid in warm.workers)} | connections |")
    print("|---" * (2 + 2 * len(warm.workers)) + "|")
    for name, look in (("start", looks[0]), (f"warm, {warm.seconds:,.0f} s", warm), ("end", looks[-1])):
        cells = [look.workers.get(pid, Worker(0, 0, 0)) for pid in warm.workers]
        shown = " | ".join(f"{each.anonymous:,.0f} ({each.rss:,.0f}) | {each.files}" for each in cells)
        print(f"| {name} | {shown} | {look.connections} |")
    statuses = ", ".join(
        f"{status or 'no answer'}: {number:,}" for status, number in sorted(answers.statuses.items())
    )
    times = ", ".join(f"p{percent} {answers.times.percentile(percent):,.1f} ms" for percent in (50, 95, 99))
    print(f"\n{sum(answers.statuses.values()):,} requests in {answers.seconds:,.0f} s: {statuses}; {times}")
    faults = [*_faults(looks, answers, seconds)]
    print("flat" if not faults else f"NOT FLAT: {'; '.join(faults)}")


if __name__ == "__main__":
    command.run(main)
