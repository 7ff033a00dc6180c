"""What reads from replicas cost on one machine: pages with no replica, one and two, and what a failing one costs.

    python -m benchmarks.replicas                 10,000 fictional companies
    python -m benchmarks.replicas --rows 1000000

The replicas share the processors of the primary and of the web server, so they win nothing here: what is measured is
the price of a request that is answered by one. On machines of their own they take the database's part of the work.
"""

import os
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from benchmarks import command, files
from benchmarks.command import manage
from benchmarks.database import import_towns
from benchmarks.replication import Servers, replicated
from benchmarks.search.clients import CLIENTS, answers_a_second
from benchmarks.server import Client, server
from foxreviews.core.postgresql.replicas import SILENT_SECONDS

ROWS, REQUESTS = 10_000, 400
KINDS = {
    "first page": "/api/entreprises/",
    "by name": "/api/entreprises/?ordering=nom",
    "département": "/api/entreprises/?departement=75",
    "towns": "/api/villes/",
}


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"companies (default {ROWS:,})")
    rows = parser.parse_args().rows
    with replicated() as servers, TemporaryDirectory() as folder:
        environment = _environment(servers, Path(folder))
        manage(environment, "migrate", "--verbosity", "0")
        import_towns(environment)
        manage(environment, "import_entreprises_bulk", files.companies(rows, 1))
        servers.wait_until_in_sync()
        print(f"\n{rows:,} companies, {os.cpu_count()} cores, {CLIENTS} clients at once\n")
        print("| replicas | page | p50 | p99 | answers a second |\n|---|---|---|---|---|")
        for line in _pages(servers, environment):
            print(line)
        print("\n| what happens to one of two replicas | slowest answer | failed |\n|---|---|---|")
        for line in _failures(servers, environment):
            print(line)
    return 0


def _environment(servers: Servers, folder: Path) -> dict[str, str]:
    of_this = {
        "SEARCH_INDEX_DIR": folder / "search",
        "LOG_DIR": folder / "logs",
        "BACKUP_DIR": folder / "backups",
    }
    known = {"SECRET_KEY": secrets.token_urlsafe(50), "LOG_FORMAT": "text", "SEARCH_ENGINE": "postgres"}
    return {
        **os.environ,
        **servers.environment,
        **known,
        **{name: str(path) for name, path in of_this.items()},
    }


def _pages(servers: Servers, environment: dict[str, str]) -> Iterator[str]:
    urls = {0: "", 1: servers.db2.url, 2: f"{servers.db2.url},{servers.db3.url}"}
    for count, replicas in urls.items():
        with (
            server(environment | {"DATABASE_REPLICA_URLS": replicas}) as port,
            closing(Client(port)) as client,
        ):
            time.sleep(SILENT_SECONDS)  # until each worker has looked at them
            for name, url in KINDS.items():
                times = sorted(_times(client, url))
                cuts = quantiles(times, n=100)
                rate = answers_a_second(port, [url] * CLIENTS)
                yield f"| {count} | {name} | {cuts[49]:.1f} ms | {cuts[98]:.1f} ms | {rate:.0f} |"


def _times(client: Client, url: str) -> Iterator[float]:
    """Milliseconds."""
    client.reconnect()
    for _ in range(REQUESTS):
        started = time.perf_counter()
        client.get(url)
        yield 1000 * (time.perf_counter() - started)


def _failures(servers: Servers, environment: dict[str, str]) -> Iterator[str]:
    """A request after the other while a replica is killed, and while one hangs."""
    with server(environment) as port, closing(Client(port)) as client:
        for name, number in (("killed", signal.SIGKILL), ("stopped (SIGSTOP)", signal.SIGSTOP)):
            time.sleep(SILENT_SECONDS)
            client.reconnect()
            servers.db2.signal(number)
            slowest, failed, until = 0.0, 0, time.monotonic() + 10
            while time.monotonic() < until:
                started = time.perf_counter()
                failed += client.get("/api/entreprises/") is None
                slowest = max(slowest, time.perf_counter() - started)
            servers.db2.signal(signal.SIGCONT)
            yield f"| {name} | {slowest:.2f} s | {failed} |"
            if number == signal.SIGKILL:
                servers.db2.kill()
                servers.db2.start()


if __name__ == "__main__":
    command.run(main)
