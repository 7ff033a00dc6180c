"""The engines side by side: Tantivy, OpenSearch and PostgreSQL, on the same companies and the same queries.

    .venv/bin/python -m benchmarks.search.engines                 4,000,000 fictional companies in a database of its own
    .venv/bin/python -m benchmarks.search.engines --rows 200000
    .venv/bin/python -m benchmarks.search.engines --loaded        those of the configured database
    .venv/bin/python -m benchmarks.search.engines --url http://127.0.0.1:9200      a cluster that runs already

Without --url a node of OpenSearch is started, the one of the tests (scripts/setup --dev), with --heap MiB; it runs only
while it is measured. Each index is built by the real command. For each engine:

* build: seconds, and the size of the index;
* latency over HTTP of the production server on loopback, of a mix of queries, one after the other, for 90 s at most;
* how many of these searches took too long (503), and how many another engine answered;
* throughput: answers a second to one client and to eight;
* memory: of a web server's processes (proportional set size), and of the cluster's node;
* freshness: from the commit of a change to the first answer that has it, with the daemon following.

The configured index is left alone, and a company that is renamed gets its name back. Prints a table in Markdown for
docs/decisions/0018-a-search-cluster.md, also where one of the engines has failed, of those before it.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import command
from benchmarks.command import CHECKOUT, FOLDER, python, watched
from benchmarks.database import loaded_database
from benchmarks.search import queries
from benchmarks.search.clients import answers_a_second
from benchmarks.search.figures import TARGET_ROWS, Times
from benchmarks.server import Client, server
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.files import bytes_in
from foxreviews.core.processes import is_alive
from foxreviews.core.sql import value
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import PUBLIC
from foxreviews.search.cluster.connection import Access, Cluster
from foxreviews.search.cluster.storage import ClusterStorage
from foxreviews.search.index import changes
from tests.opensearch import node

TANTIVY, OPENSEARCH, POSTGRES = "tantivy", "opensearch", "postgres"
INDEX, ALIAS = FOLDER / "engines", "bench-engines"
CLIENTS = (1, 8)
FRESH = 10  # changes that are waited for
FRESH_SECONDS = 60.0
WARM = 50  # queries before any is measured
WARM_SECONDS, ASKED_SECONDS = 20.0, 90.0  # of one after the other: PostgreSQL takes seconds for some


@dataclass
class Column:
    """What was measured of one engine."""

    engine: str
    build: float = 0.0
    size: int = 0
    latency: Times = field(default_factory=Times)
    stopped: int = 0  # searches that took too long
    elsewhere: int = 0  # that another engine answered
    rates: dict[int, float] = field(default_factory=dict)
    web: float = 0.0  # MiB
    node: float = 0.0
    fresh: list[float] = field(default_factory=list)


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=TARGET_ROWS)
    parser.add_argument(
        "--loaded", action="store_true", help="the companies of the configured database, not --rows"
    )
    parser.add_argument("--url", default="", help="addresses of a cluster (default: start a node)")
    parser.add_argument("--heap", type=int, default=2_048, metavar="MIB", help="of the node (default 2048)")
    parser.add_argument("--each", type=int, default=60, metavar="N", help="queries of a class (default 60)")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    if not options.url and (why := node.why_missing()):
        raise FoxreviewsError(f"{why}. Or name a cluster: --url")
    if not options.loaded:
        with loaded_database("bench_engines", options.rows, options.seed) as environment:
            again = [sys.executable, "-m", "benchmarks.search.engines", *sys.argv[1:], "--loaded"]
            return subprocess.run(again, cwd=CHECKOUT, env=os.environ | environment, check=False).returncode
    command.start_configured_database()
    mix = queries.mix(options.each, options.seed)
    urls = [query.url for each in mix.values() for query in each if query.text]
    random.Random(options.seed).shuffle(urls)
    columns: list[Column] = []
    try:
        # One after the other: where one fails, those before it are in the list.
        columns.extend(_measured(engine, urls, options) for engine in (TANTIVY, OPENSEARCH, POSTGRES))
    finally:
        if columns:
            companies = value("SELECT count(*) FROM enterprise_entreprise")
            print(f"\n{companies:,} companies, up to {len(urls):,} queries\n")
            for line in table(columns):
                print(line)
    return 0


def _measured(engine: str, urls: list[str], options: argparse.Namespace) -> Column:
    column = Column(engine)
    environment = {"SEARCH_ENGINE": engine, "SEARCH_INDEX_DIR": str(INDEX), "OPENSEARCH_INDEX": ALIAS}
    with ExitStack() as use:
        pid = 0
        if engine == OPENSEARCH:
            url, pid = (options.url, 0) if options.url else use.enter_context(_node(options.heap))
            environment["OPENSEARCH_URL"] = url
        addresses = tuple(environment.get("OPENSEARCH_URL", "").split(","))
        storage = ClusterStorage(Cluster(Access(addresses)), ALIAS)
        use.callback(_remove, engine, storage)
        if engine != POSTGRES:
            column.build = watched(environment, "search_rebuild")[0]
            column.size = _size(engine, storage)
        _say(engine, "built")
        with server(os.environ | environment) as port, closing(Client(port)) as client:
            _ask(client, urls[-WARM:], Column(engine), WARM_SECONDS)
            _ask(client, urls, column, ASKED_SECONDS)
            _say(engine, f"asked {len(column.latency.times)} queries one after the other")
            column.rates = {clients: answers_a_second(port, urls, clients) for clients in CLIENTS}
            column.web, column.node = _memory_of_web(port), _memory(pid) if pid else 0.0
            if engine != POSTGRES:
                _say(engine, "asked by several clients")
                client.reconnect()
                with _followed(environment):
                    column.fresh = [_freshness(client, number) for number in range(FRESH)]
    return column


def _ask(client: Client, urls: list[str], column: Column, seconds: float) -> None:
    """One query after the other, in the time that there is."""
    limit = time.monotonic() + seconds
    for url in urls:
        started = time.perf_counter()
        answer = client.get(url)
        column.latency.times.append((time.perf_counter() - started) * 1000)
        column.stopped += answer is None
        column.elsewhere += answer is not None and answer["engine"] != column.engine
        if time.monotonic() > limit:
            return


def _say(engine: str, done: str) -> None:
    print(f"{engine}: {done}", file=sys.stderr, flush=True)


@contextmanager
def _node(heap: int) -> Iterator[tuple[str, int]]:
    """The address of a node, and its process."""
    folder = FOLDER / f"opensearch-{os.getpid()}"
    folder.mkdir(parents=True)
    started = node.start(folder, "foxreviews-bench", [f"-Xms{heap}m", f"-Xmx{heap}m"])
    try:
        while not started.answers():
            time.sleep(0.2)
        yield started.url, started.pid
    finally:
        pid = started.pid
        started.let_go()
        while is_alive(pid):
            time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _followed(environment: Mapping[str, str]) -> Iterator[None]:
    """The daemon follows while the block runs."""
    program = [*python(CHECKOUT), "manage.py", "search_catchup", "--follow"]
    with subprocess.Popen(
        program, cwd=CHECKOUT, env=os.environ | environment, stdout=subprocess.DEVNULL
    ) as daemon:
        try:
            yield
        finally:
            daemon.terminate()


def _freshness(client: Client, number: int) -> float:
    """Seconds until a company is found by the name that it was given."""
    nom = f"FRAICHEUR{os.getpid()}X{number}"
    with _renamed(number, nom):
        started = time.monotonic()
        while time.monotonic() < started + FRESH_SECONDS:
            found = client.get(f"/api/entreprises/?{urlencode({'q': nom})}")
            if found and any(row["nom"] == nom for row in found["results"]):
                return time.monotonic() - started
            time.sleep(0.02)
    raise FoxreviewsError(f"{nom} is not found after {FRESH_SECONDS:.0f} s.")


@contextmanager
def _renamed(number: int, nom: str) -> Iterator[None]:
    """One of the first public companies is called so while the block runs."""
    public = Entreprise.objects.filter(is_active=True, statut_diffusion=PUBLIC).order_by("id")
    company, before = public.values_list("id", "nom")[number]
    found = Entreprise.objects.filter(id=company)
    found.update(nom=nom)
    try:
        yield
    finally:
        found.update(nom=before)


def _size(engine: str, storage: ClusterStorage) -> int:
    return bytes_in(INDEX) if engine == TANTIVY else storage.bytes_of(storage.required())


def _remove(engine: str, storage: ClusterStorage) -> None:
    """The index, and what the database keeps for it."""
    if engine == TANTIVY and INDEX.is_dir():
        changes.unregister([each.name for each in INDEX.iterdir() if each.is_dir()])
        shutil.rmtree(INDEX, ignore_errors=True)
    if engine == OPENSEARCH:
        left = [*storage.others(), *filter(None, [storage.current()])]
        changes.unregister([each.name for each in left])
        for generation in left:
            storage.remove(generation)


def _memory_of_web(port: int) -> float:
    """MiB of the processes that listen on a port, what they share counted once."""
    bound = f"127.0.0.1:{port}".encode()
    total = 0.0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if bound in (entry / "cmdline").read_bytes():
                total += _memory(int(entry.name))
        except OSError:
            continue
    return total


def _memory(pid: int) -> float:
    """MiB, proportional."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _part(count: int, column: Column) -> str:
    return f"{count:,} of {len(column.latency.times):,}"


def table(columns: list[Column]) -> Iterator[str]:
    """In Markdown, a column for each engine."""
    rows: list[tuple[str, list[str]]] = [
        ("build", [f"{each.build:,.0f} s" if each.build else "none" for each in columns]),
        ("size of the index", [f"{each.size / 1e6:,.0f} MB" if each.size else "none" for each in columns]),
        *(
            (f"latency, p{percent}", [f"{each.latency.percentile(percent):,.1f} ms" for each in columns])
            for percent in (50, 95, 99)
        ),
        ("searches that took too long", [_part(each.stopped, each) for each in columns]),
        ("answered by another engine", [_part(each.elsewhere, each) for each in columns]),
        *(
            (
                f"answers a second, {clients} client{'s' * (clients > 1)}",
                [f"{each.rates[clients]:,.0f}" for each in columns],
            )
            for clients in CLIENTS
        ),
        ("memory of the web server", [f"{each.web:,.0f} MiB" for each in columns]),
        ("memory of the node", [f"{each.node:,.0f} MiB" if each.node else "none" for each in columns]),
        (
            "a change is found after (median)",
            [f"{statistics.median(each.fresh):.2f} s" if each.fresh else "at once" for each in columns],
        ),
    ]
    yield f"| | {' | '.join(each.engine for each in columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for name, cells in rows:
        yield f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    command.run(main)
