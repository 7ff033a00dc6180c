"""What strangers take who guess passwords, and how long the web server takes to notice that PostgreSQL hangs.

    .venv/bin/python -m benchmarks.attacks                     a minute and a half
    .venv/bin/python -m benchmarks.attacks --against DIR       another checkout, whose .venv is used

Clients that send nothing, little, too much or nonsense: benchmarks.api.abuse.

On an empty database of its own, which is dropped at the end. PostgreSQL is stopped (SIGSTOP) for some seconds: only the
project's own server, so DATABASE_URL must not be set.
"""

import gzip
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

from benchmarks import command
from benchmarks.command import CHECKOUT, FOLDER, python
from benchmarks.database import psql, scratch_database
from benchmarks.server import server
from foxreviews.core.errors import UsageError

AT_ONCE = 16
PATIENCE = 15.0  # seconds, of a client
MEASURED = 15.0  # seconds
PAGE, SEARCH, LOGIN = "/api/entreprises/", "/api/entreprises/?q=boulangerie", "/admin/login/"


def ask(port: int, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, float]:
    """Status, 0 where there is no answer, and seconds."""
    started, status = time.monotonic(), 0
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with suppress(OSError, HTTPException):
        connection.request("GET", path, headers=dict(headers or {}))
        status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - started


@contextmanager
def hanging(folder: Path) -> Iterator[None]:
    """Every process of the server is stopped, as on a machine that swaps or a disk that does not answer."""
    postmaster = int((folder / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGSTOP)  # first: it makes no new process then
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    stopped = [*map(int, children), postmaster]
    try:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def hang(port: int, folder: Path) -> Iterator[tuple[str, str]]:
    paths = {"/health/live": "", "/health/ready": "", PAGE: ""}
    with hanging(folder), ThreadPoolExecutor(2 * AT_ONCE) as clients:
        pages = [clients.submit(ask, port, PAGE) for _ in range(AT_ONCE)]
        for path in ("/health/live", "/health/ready"):
            status, seconds = ask(port, path)
            paths[path] = f"{status or 'no answer'}, {seconds:.1f} s"
        answers = [page.result() for page in pages]
        status, seconds = max(answers, key=lambda answer: answer[1])
        paths[PAGE] = f"{status or 'no answer'}, {seconds:.1f} s"
    started = time.monotonic()
    while ask(port, PAGE)[0] != 200 and time.monotonic() < started + 120:
        time.sleep(0.1)
    for path, found in paths.items():
        yield f"PostgreSQL hangs: {path}", found
    yield "PostgreSQL goes on: a page is answered after", f"{time.monotonic() - started:.1f} s"


def rate(port: int, path: str) -> float:
    """Answers a second to four clients."""

    def count(_: int) -> int:
        ends, answered = time.monotonic() + MEASURED, 0
        while time.monotonic() < ends:
            answered += ask(port, path)[0] == 200
        return answered

    with ThreadPoolExecutor(4) as clients:
        return sum(clients.map(count, range(4))) / MEASURED


def log_in(port: int, ends: Event) -> None:
    """Try passwords, as fast as they are refused."""
    while not ends.is_set():
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with suppress(OSError, HTTPException):
            connection.request("GET", LOGIN)
            page = connection.getresponse()
            cookie = (page.headers["Set-Cookie"] or "").partition(";")[0]
            (token,) = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[:1] or [""]
            form = urlencode({"csrfmiddlewaretoken": token, "username": "admin", "password": "guess"})
            headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", LOGIN, form, headers)
            connection.getresponse().read()
        connection.close()


def guessing(port: int) -> str:
    alone, ends = rate(port, SEARCH), Event()
    with ThreadPoolExecutor(8) as strangers:
        for _ in range(8):
            strangers.submit(log_in, port, ends)
        try:
            together = rate(port, SEARCH)
        finally:
            ends.set()
    return f"{alone:.0f} -> {together:.0f} searches/s"


def network(environment: Mapping[str, str], checkout: Path) -> str:
    """How many requests of one network of IPv6 are answered, at 20 a minute for a client."""
    with server(dict(environment) | {"TRUSTED_PROXIES": "1"}, checkout, rate="20/min") as port:
        asked = [ask(port, PAGE, {"X-Forwarded-For": f"2001:db8::{n:x}"})[0] for n in range(1, 401)]
    return f"{asked.count(200)} of {len(asked)}"


def barren(environment: Mapping[str, str], checkout: Path, line: bytes) -> str:
    """A gigabyte of nothing but this line, packed."""
    path = FOLDER / "barren.csv.gz"
    with gzip.open(path, "wb", 1) as file:
        file.write(b"siren,nom,adresse,code_postal,ville_nom,naf_code\n")
        for _ in range(1024):
            file.write(line * ((1 << 20) // len(line)))
    started = time.monotonic()
    arguments = [*python(checkout), "manage.py", "import_entreprises_bulk", str(path), "--dry-run"]
    try:
        subprocess.run(
            arguments,
            cwd=checkout,
            env=os.environ | environment,
            timeout=60,
            capture_output=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "> 60 s"
    finally:
        path.unlink()
    return f"{time.monotonic() - started:.1f} s"


def attacks(environment: dict[str, str], checkout: Path) -> Iterator[tuple[str, str]]:
    folder = Path(psql(environment, "SHOW data_directory"))
    with server({**environment, "CACHE_MEMORY": "0"}, checkout) as port:
        yield "8 strangers guess passwords", guessing(port)
        yield from hang(port, folder)
    yield "one IPv6 network of /64: its requests answered", network(environment, checkout)
    yield "1 GiB of line ends is refused after", barren(environment, checkout, b"\n")
    yield "1 GiB of open quotes is refused after", barren(environment, checkout, b'1,"UN\n')


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--against", type=Path, default=CHECKOUT, metavar="DIR", help="another checkout")
    options = parser.parse_args()
    if os.environ.get("DATABASE_URL"):
        raise UsageError(
            "PostgreSQL is stopped for seconds here. Unset DATABASE_URL: the project's own is used."
        )
    with scratch_database("bench_attacks", options.against) as environment:
        for attack, found in attacks(environment, options.against.resolve()):
            print(f"{attack:52}{found}", flush=True)
    return 0


if __name__ == "__main__":
    command.run(main)
