"""What the API answers a second and how fast, next to an empty view of the same server in the same run.

    make bench-api                                            the companies that are loaded, and their index
    make bench-api ROWS=4000000                               so many fictional ones, in a database of its own
    .venv/bin/python -m benchmarks.api.speed --servers        web servers and their threads, compared

The production server (config/gunicorn.py) on two cores, which the client shares. Each kind of request is asked for by
one client, then by four and by eight at once; every answer is made anew (Authorization), but for the line that says
that it is kept. Counts of statistics are kept: those of départements are asked for once or twice, those of regions all
the time. The empty view goes through the same middleware and answers {}. Exits 1 where a target is missed.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks import command
from benchmarks.api import servers
from benchmarks.api.clients import Answers, ask, get
from benchmarks.api.pages import host
from benchmarks.command import CHECKOUT, FOLDER
from benchmarks.database import loaded_database
from benchmarks.search import queries
from benchmarks.search.figures import Times
from benchmarks.search.index import own_index
from benchmarks.server import ANSWERED_ALONE, GUNICORN, Client, running
from foxreviews.core.commands import row_count
from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.reference.geography import DEPARTEMENTS, REGIONS

CORES = 2
AT_ONCE = (4, 8)  # clients
SEED = 5
WALKED = 200  # pages of a list
EXPORTS, EXPORTED = 5, 10_000  # rows of each
EMPTY, LIST, STATISTICS = "empty view", "list", "statistics"
COMPARED = (EMPTY, LIST, "search")
# Milliseconds, and how much of the empty view's throughput: the targets at 4,000,000 companies
P50 = {LIST: 3.0, STATISTICS: 10.0}
P99 = {LIST: 15.0}
MIN_RATIO = {LIST: 0.5}
COLUMNS = (
    "p50, ms",
    "p95",
    "p99",
    *(f"{clients} clients, a second" for clients in AT_ONCE),
    "ratio",
    "errors",
)
THREADS = "4"  # of config/gunicorn.py: as many connections
PROGRAM = (*GUNICORN, "--workers", str(CORES), "--bind", "127.0.0.1:{port}", servers.APPLICATION)


@dataclass(frozen=True)
class Line:
    """One kind of request: milliseconds of one client, answers a second of several."""

    kind: str
    asked: int
    p50: float
    p95: float
    p99: float
    rates: dict[int, float]  # by clients at once
    errors: int
    ratio: float = 1.0  # of its throughput to the empty view's

    @property
    def rate(self) -> float:
        """At saturation."""
        return max(self.rates.values())

    @property
    def holds(self) -> bool:
        within = self.p50 <= P50.get(self.kind, self.p50) and self.p99 <= P99.get(self.kind, self.p99)
        return within and self.ratio >= MIN_RATIO.get(self.kind, 0.0) and not self.errors

    @property
    def targets(self) -> str:
        """What it is held to, in words."""
        limits = (("p50", P50), ("p99", P99))
        parts = [f"{name} ≤ {limit[self.kind]:g} ms" for name, limit in limits if self.kind in limit]
        if self.kind in MIN_RATIO:
            parts.append(f"ratio ≥ {MIN_RATIO[self.kind]:g}")
        return f"{', '.join(parts)}: {'holds' if self.holds else 'MISSED'}" if parts else ""


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument(
        "--rows", type=row_count, metavar="N", help="so many companies, in a database of its own"
    )
    parser.add_argument("--loaded", action="store_true", help="what the configured database holds (default)")
    parser.add_argument(
        "--seconds", type=float, default=6.0, help="of each kind and number of clients (default 6)"
    )
    parser.add_argument("--servers", action="store_true", help="compare web servers instead")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    if options.rows and not options.loaded:
        return _on_a_database_of_its_own(options.rows)
    command.start_configured_database()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    companies = queries.count()
    if not companies:
        raise UsageError(
            "There are no companies to measure on. Load some: manage.py import_entreprises_bulk FILE"
        )
    print(f"{companies:,} companies, {len(os.sched_getaffinity(0))} cores, {options.seconds:g} s of each\n")
    lines = _servers(options.seconds) if options.servers else _kinds(options.seconds)
    if options.json:
        facts = {"companies": companies, "lines": [asdict(line) | {"holds": line.holds} for line in lines]}
        options.json.write_text(json.dumps(facts, indent=2) + "\n")
    return 0 if options.servers or all(line.holds for line in lines) else 1


def _on_a_database_of_its_own(rows: int) -> int:
    """Load one, index it, and run the same with --loaded: settings name their database once in a process."""
    with loaded_database("bench_api", rows, SEED) as environment:
        again = [sys.executable, "-m", "benchmarks.api.speed", *sys.argv[1:], "--loaded"]
        given = os.environ | environment | {"SEARCH_INDEX_DIR": str(FOLDER / "api-search")}
        return subprocess.run(again, cwd=CHECKOUT, env=given, check=False).returncode


@contextmanager
def _index() -> Iterator[dict[str, str]]:
    """The environment of the configured index; of one of its own where a database of its own was loaded."""
    if os.environ.get("SEARCH_INDEX_DIR") != str(FOLDER / "api-search"):
        yield {}
        return
    with own_index(FOLDER / "api-search") as (environment, _seconds, _memory):
        yield environment


def _kinds(seconds: float) -> list[Line]:
    environment = os.environ | {"DATABASE_POOL_SIZE": THREADS}
    with _index() as index, running(environment | index, program=PROGRAM) as server:
        _print_row("kind", *COLUMNS, "targets")
        _print_row(*["---"] * (len(COLUMNS) + 2))
        lines: list[Line] = []
        for kind, requests in _requests(server.port).items():
            lines.append(_against(lines, measured(kind, server.port, requests, seconds)))
            _print_row(kind, *_cells(lines[-1]), lines[-1].targets)
        _show_exports(server.port)
    return lines


def _servers(seconds: float) -> list[Line]:
    """The same three kinds of each server; the ratio is that to its own empty view."""
    lines: list[Line] = []
    _print_row("server", "MiB", "kind", *COLUMNS)
    _print_row(*["---"] * (len(COLUMNS) + 3))
    with _index() as index:
        for model in servers.models():
            if model.missing:
                _print_row(model.name, "", model.missing, *[""] * len(COLUMNS))
                continue
            with running(os.environ | index | model.environment, program=model.program) as server:
                requests, of_this = _requests(server.port, COMPARED), list[Line]()
                for kind in COMPARED:
                    of_this.append(
                        _against(of_this, measured(kind, server.port, requests[kind], seconds / 2))
                    )
                    memory = sum(map(servers.memory, server.processes))
                    _print_row(model.name, f"{memory:,.0f}", kind, *_cells(of_this[-1]))
                lines += of_this
    return lines


def _print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def _against(lines: Sequence[Line], line: Line) -> Line:
    """With the ratio to the empty view, which comes first."""
    return Line(**asdict(line) | {"ratio": line.rate / lines[0].rate}) if lines else line


def measured(kind: str, port: int, requests: Sequence[bytes], seconds: float) -> Line:
    """One client, then several at once. Raises FoxreviewsError where nothing is answered."""
    ask(port, requests[-20:], clients=max(AT_ONCE), seconds=seconds / 6)  # connections, caches
    alone = ask(port, requests, seconds=seconds)
    together = {clients: ask(port, requests, clients, seconds) for clients in AT_ONCE}
    if not alone.times.times:
        raise FoxreviewsError(f"{kind}: no answer is good: {dict(alone.statuses)}")
    return _line(kind, alone, together)


def _line(kind: str, alone: Answers, together: Mapping[int, Answers]) -> Line:
    p50, p95, p99 = (alone.times.percentile(percent) for percent in (50, 95, 99))
    errors = alone.errors + sum(each.errors for each in together.values())
    rates = {clients: each.rate for clients, each in together.items()}
    return Line(kind, len(alone.times.times), p50, p95, p99, rates, errors)


def _cells(line: Line) -> list[str]:
    """In the order of COLUMNS."""
    times = [f"{each:,.2f}" for each in (line.p50, line.p95, line.p99)]
    rates = [f"{rate:,.0f}" for rate in line.rates.values()]
    return [*times, *rates, f"{line.ratio:.2f}", f"{line.errors:,}"]


def _requests(port: int, kinds: Sequence[str] = ()) -> dict[str, list[bytes]]:
    """Of each kind, the requests that are sent in turn."""
    mix = queries.mix(250, SEED)
    words = [query.url for kind in queries.TEXTS.values() for query in mix[kind]]
    words += [query.url for kind in ("frequent word", "rare word") for query in mix[kind]]
    names = queries.company_names(250, SEED)
    begun = queries.beginnings(names, 500, SEED)
    urls = {
        EMPTY: [servers.EMPTY],
        LIST: [*_walk(port, "-created_at"), *_walk(port, "nom")],
        "list with filters": [query.url for query in mix["filters only"]],
        "detail": [f"/api/entreprises/{query.text}/" for query in mix["SIREN"]],
        "search": words,
        "suggestions": [f"/api/suggestions/?q={quote(text)}" for text in begun],
        "statistics, first asked": [f"/api/statistiques/?departement={code}" for code in DEPARTEMENTS],
        STATISTICS: ["/api/statistiques/", *(f"/api/statistiques/?region={code}" for code in REGIONS)],
    }
    chance = random.Random(SEED)
    for each in urls.values():
        chance.shuffle(each)
    called = host()
    made = {kind: [get(url, called, ANSWERED_ALONE) for url in each] for kind, each in urls.items()}
    made["list, kept in memory"] = [
        get(f"/api/entreprises/?departement={code}", called) for code in DEPARTEMENTS
    ]
    return {kind: made[kind] for kind in kinds or made}


def _walk(port: int, ordering: str) -> Iterator[str]:
    """The addresses of the first pages of a list, each taken from the one before."""
    url = f"/api/entreprises/?ordering={ordering}"
    with closing(Client(port)) as client:
        for _ in range(WALKED):
            yield url
            page = client.get(url) or {}
            if not page.get("next"):
                return
            parts = urlsplit(page["next"])
            url = f"{parts.path}?{parts.query}"


def _show_exports(port: int) -> None:
    """The first rows of the whole list as CSV: each export is a process of its own, and takes a second to start."""
    url, times = f"/api/exports/entreprises.csv?rows={EXPORTED}", Times()
    for _ in range(EXPORTS):
        began = time.perf_counter()
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", url, headers={"Host": host()})
            answer = connection.getresponse()
            rows = answer.read().count(b"\n") - 1
        if answer.status != 200:
            raise FoxreviewsError(f"{url} is answered with {answer.status}.")
        times.times.append((time.perf_counter() - began) * 1000)
    shown = ", ".join(f"p{percent} {times.percentile(percent):,.0f} ms" for percent in (50, 95, 99))
    print(f"\nexport of the first {rows:,} rows, from the request to the last byte: {shown}")


if __name__ == "__main__":
    command.run(main)
