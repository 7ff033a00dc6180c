"""A second region, rehearsed on one machine: what its readers notice of the distance, and of being cut off.

    python -m benchmarks.regions                  2,000 fictional companies, 80 ms there and back
    python -m benchmarks.regions --ms 150

The far region has a web host, its own search index, and a replica (db2). All that goes from it to the primary's region
passes a proxy that holds each packet for half the time, and nothing through at all while the region is cut off: as on a
real line, connections stay open and say nothing.
"""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from statistics import quantiles
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory
from threading import Thread

from benchmarks import command, files
from benchmarks.command import CHECKOUT, manage
from benchmarks.database import import_towns
from benchmarks.replication import HOSTS, Servers, base_backup, primary_alone
from benchmarks.server import Client, server
from foxreviews.core.postgresql.replicas import SILENT_SECONDS

ROWS, MS, REQUESTS = 2_000, 80, 100
CUT_SECONDS = 20.0
KINDS = {
    "first page": "/api/entreprises/",
    "search": "/api/entreprises/?q=boulangerie",
    "suggestions": "/api/suggestions/?q=boul",
    "town and company": "/api/entreprises/?ville_nom=Paris",
}


class Line:
    """A line to a server far away, on a port of its own."""

    def __init__(self, host: str, port: int, milliseconds: float) -> None:
        self._to, self._seconds = (host, port), milliseconds / 2000
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self.port = 0
        Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def cut(self) -> None:
        """Nothing passes from now on."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def mend(self) -> None:
        """What waits passes, and all that comes."""
        self._loop.call_soon_threadsafe(self._open.set)

    async def _listen(self) -> None:
        self._open.set()
        listening = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]

    async def _connect(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        await self._open.wait()
        await asyncio.sleep(2 * self._seconds)  # TCP's own greeting
        try:
            far, onward = await asyncio.open_connection(*self._to)
        except OSError:
            back.close()
            return
        await asyncio.gather(self._carry(near, onward), self._carry(far, back))

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Each piece after its time, however many are under way."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = self._loop.create_task(self._deliver(pieces, target))
        piece = b"-"
        while piece:
            try:
                piece = await source.read(65_536)
            except OSError:
                piece = b""
            pieces.put_nowait((self._loop.time() + self._seconds, piece))
        await delivery

    async def _deliver(
        self, pieces: "asyncio.Queue[tuple[float, bytes]]", target: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while True:
                due, piece = await pieces.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                await self._open.wait()
                if not piece:
                    break
                target.write(piece)
                await target.drain()
        target.close()


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"companies (default {ROWS:,})")
    parser.add_argument("--ms", type=float, default=MS, help=f"milliseconds there and back (default {MS})")
    options = parser.parse_args()
    with primary_alone() as servers, TemporaryDirectory() as name:
        home = _environment(Path(name), "home") | {"DATABASE_URL": servers.db1.url}
        manage(home, "migrate", "--verbosity", "0")
        import_towns(home)
        manage(home, "import_entreprises_bulk", files.companies(options.rows, 1))
        line = Line(HOSTS["db1"], servers.db1.port, options.ms)
        base_backup(servers.db2, "127.0.0.1", line.port)
        servers.db2.start()
        across = servers.db1.url.replace(f"{HOSTS['db1']}:{servers.db1.port}", f"127.0.0.1:{line.port}")
        far = _environment(Path(name), "far") | {"DATABASE_URL": across}
        manage(far, "search_rebuild")
        follower = Popen(
            [sys.executable, "manage.py", "search_catchup", "--follow"],
            cwd=CHECKOUT, env=far, stdout=DEVNULL, stderr=DEVNULL,
        )  # fmt: skip
        try:
            print(
                f"\n{options.rows:,} companies, {options.ms:.0f} ms there and back, {os.cpu_count()} cores\n"
            )
            for text in _rehearse(servers, far, line):
                print(text, flush=True)
        finally:
            line.mend()
            follower.terminate()
            follower.wait(60)
    return 0


def _environment(folder: Path, region: str) -> dict[str, str]:
    """A region has folders of its own."""
    known = {"SECRET_KEY": secrets.token_urlsafe(50), "LOG_FORMAT": "text", "DATABASE_REPLICA_URLS": ""}
    names = ("SEARCH_INDEX_DIR", "LOG_DIR", "BACKUP_DIR")
    return {**os.environ, **known, **{name: str(folder / region / name.lower()) for name in names}}


def _rehearse(servers: Servers, far: dict[str, str], line: Line) -> Iterator[str]:
    """The distance with and without a replica, then the cut."""
    with_replica = far | {"DATABASE_REPLICA_URLS": servers.db2.url}
    measured = {}
    for name, environment in (("no replica there", far), ("a replica there", with_replica)):
        with server(environment) as port, closing(Client(port)) as client:
            time.sleep(SILENT_SECONDS)
            measured[name] = {kind: _median(client, url) for kind, url in KINDS.items()}
    yield "| what a reader in the far region asks for | no replica there, p50 | a replica there, p50 |\n|---|---|---|"
    for kind in KINDS:
        yield f"| {kind} | " + " | ".join(f"{each[kind]:.0f} ms" for each in measured.values()) + " |"
    with server(with_replica) as port:
        time.sleep(SILENT_SECONDS)
        yield "\n| what happens | |\n|---|---|"
        seen = _seconds_until_seen(servers, port)
        yield f"| a change in the primary's region is seen in the far one after | {seen:.2f} s |"
        yield from _cut(servers, port, line)


def _median(client: Client, url: str) -> float:
    """Milliseconds."""
    client.reconnect()
    times = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        client.get(url)
        times.append(1000 * (time.perf_counter() - started))
    return quantiles(times, n=2)[0]


def _seconds_until_seen(servers: Servers, port: int) -> float:
    """From the commit on."""
    siren, name = servers.db1.ask("SELECT max(siren) FROM enterprise_entreprise"), secrets.token_hex(4)
    servers.db1.ask(f"UPDATE enterprise_entreprise SET nom_commercial = '{name}' WHERE siren = '{siren}'")
    started = time.monotonic()
    with closing(Client(port)) as client:
        while (client.get(f"/api/entreprises/{siren}/") or {}).get("nom_commercial") != name:
            time.sleep(0.01)
    return time.monotonic() - started


def _cut(servers: Servers, port: int, line: Line) -> Iterator[str]:
    """Cut the region off while it is read, and let it come back."""
    until = [time.monotonic() + CUT_SECONDS]
    with ThreadPoolExecutor() as pool:
        readers = [
            pool.submit(_read, port, url, lambda: time.monotonic() < until[0]) for url in KINDS.values()
        ]
        line.cut()
        counts, failures, slowest = zip(*(reader.result() for reader in readers), strict=True)
        yield f"| requests there while it is cut off for {CUT_SECONDS:.0f} s | {sum(counts):,} |"
        yield f"| of these failed | {sum(failures)} |"
        yield f"| the slowest | {max(slowest):.2f} s |"
    line.mend()
    yield f"| after the line is back a change is seen after | {_seconds_until_seen(servers, port):.2f} s |"


def _read(port: int, url: str, goes_on: Callable[[], bool]) -> tuple[int, int, float]:
    """How many requests, how many failed, and the seconds of the slowest."""
    count, failed, slowest = 0, 0, 0.0
    with closing(Client(port)) as client:
        while goes_on():
            started = time.perf_counter()
            failed += client.get(url) is None
            slowest = max(slowest, time.perf_counter() - started)
            count += 1
    return count, failed, slowest


if __name__ == "__main__":
    command.run(main)
