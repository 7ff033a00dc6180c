"""What readers notice of an import: the API's answers before and during the reload of a file.

    .venv/bin/python benchmarks/import_readers.py data/entreprises.csv

On the configured database, in which FILE was loaded before. The production server answers lists, companies and searches
for 20 s; then again while FILE is imported with 1 % of its addresses changed. At the end FILE is imported as it is, so
that the directory is as before. Exits 1 where an answer was an error, an index was missing at any moment, or the 95th
percentile during the import is more than twice that before it.
"""

import argparse
import csv
import http.client
import json
import os
import random
import secrets
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import urlencode

import psycopg

CHECKOUT = Path(__file__).resolve().parent.parent
TABLE = "enterprise_entreprise"
PAUSE = 0.02  # seconds between two questions: a reader, not a flood
MOST_RATIO = 2.0
IMPORT_LIMIT = 1800  # seconds
SAMPLE = 500
EACH_HUNDREDTH = 100
Connect = Callable[[], psycopg.Connection]


@dataclass
class Answers:
    """Milliseconds by kind of page, and what was not answered with 200."""

    times: dict[str, list[float]] = field(default_factory=lambda: {"list": [], "company": [], "search": []})
    errors: list[str] = field(default_factory=list)

    @property
    def all(self) -> list[float]:
        return [time for times in self.times.values() for time in times]


class Readers:
    """One client that keeps asking, chosen at random, for lists, companies and, with words, searches."""

    def __init__(self, port: int, sirens: list[str], words: list[str]) -> None:
        self._port, self._sirens, self._words = port, sirens, words
        self._random = random.Random(7)

    @contextmanager
    def asking(self) -> Iterator[Answers]:
        """Ask in a thread of its own while the block runs."""
        answers, stop = Answers(), threading.Event()
        thread = threading.Thread(target=self._ask, args=(answers, stop))
        thread.start()
        try:
            yield answers
        finally:
            stop.set()
            thread.join()

    def _ask(self, answers: Answers, stop: threading.Event) -> None:
        while not stop.wait(PAUSE):
            for kind, url in self._pages():
                started = time.perf_counter()
                problem = self._problem(url)
                answers.times[kind].append((time.perf_counter() - started) * 1000)
                if problem:
                    answers.errors.append(f"{url}: {problem}")

    def _pages(self) -> Iterator[tuple[str, str]]:
        siren = self._random.choice(self._sirens)
        department = f"{self._random.randint(1, 19):02}"
        ordering = self._random.choice(("-created_at", "nom"))
        yield "list", f"/api/entreprises/?{urlencode({'departement': department, 'ordering': ordering})}"
        yield "list", f"/api/entreprises/?{urlencode({'ordering': ordering})}"
        yield "company", f"/api/entreprises/{siren}/"
        if self._words:
            yield "search", f"/api/entreprises/?{urlencode({'q': self._random.choice(self._words)})}"

    def _problem(self, url: str) -> str:
        """What is wrong with the answer; empty where it is 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", url)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except OSError as error:
            return repr(error)
        finally:
            connection.close()
        return "" if answer.status == 200 else f"{answer.status} {text[:200]}"


@contextmanager
def server(environment: Mapping[str, str]) -> Iterator[int]:
    """The production server on a free port, which it gives once it answers; its log is shown only where it does not."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "--log-level", "warning"]
    with TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}", "config.wsgi"],
            cwd=CHECKOUT,
            env={**environment, "THROTTLE_RATE": "1000000/min"},
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(port, process, log)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: IO[bytes]) -> None:
    limit = time.monotonic() + 60
    while Readers(port, [], [])._problem("/api/villes/"):
        if process.poll() is not None or time.monotonic() > limit:
            log.seek(0)
            raise SystemExit(f"{log.read().decode(errors='replace')}\nThe web server does not answer.")
        time.sleep(0.1)


def index_names(session: psycopg.Connection) -> set[str]:
    """The valid indexes of the directory."""
    found = session.execute(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass AND indisvalid",
        [TABLE],
    ).fetchall()
    return {name for (name,) in found}


@contextmanager
def watched_indexes(connect: Connect) -> Iterator[set[str]]:
    """Look 20 times a second while the block runs; holds the indexes that were missing at any of them."""
    missing: set[str] = set()
    stop = threading.Event()
    with connect() as session:
        session.autocommit = True
        before = index_names(session)

        def watch() -> None:
            while not stop.wait(0.05):
                missing.update(before - index_names(session))

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield missing
        finally:
            stop.set()
            thread.join()


def sampled(connect: Connect) -> tuple[list[str], list[str]]:
    """SIRENs that are there, and words of names to search for."""
    with connect() as session:
        rows = session.execute(
            f"SELECT siren, nom FROM {TABLE} WHERE is_active AND statut_diffusion = 'O' LIMIT {SAMPLE}"
        ).fetchall()
    words = [max(nom.split(), key=len) for _, nom in rows if len(nom) >= 3 and nom.split()]
    return [siren for siren, _ in rows], words


def change_addresses(file: Path, changed: Path) -> None:
    """Write the file again with one address in a hundred changed."""
    with file.open(newline="") as read, changed.open("w", newline="") as write:
        rows, writer = csv.reader(read), csv.writer(write, lineterminator="\n")
        header = next(rows)
        writer.writerow(header)
        address = header.index("adresse")
        for number, row in enumerate(rows):
            if number % EACH_HUNDREDTH == 0 and len(row) == len(header):
                row[address] += " BIS"
            writer.writerow(row)


def import_file(file: Path, environment: Mapping[str, str]) -> None:
    """The real command; its words go to stderr."""
    subprocess.run(
        [sys.executable, "manage.py", "import_entreprises_bulk", str(file.resolve())],
        cwd=CHECKOUT, env=environment, check=True, stdout=sys.stderr, timeout=IMPORT_LIMIT,
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="plain CSV, loaded before")
    parser.add_argument("--seconds", type=float, default=20, help="how long the baseline takes (default 20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    asked = parser.parse_args()
    environment, connect = configured()
    sirens, words = sampled(connect)
    if not sirens:
        print(f"There are no companies to read. First: manage.py import_entreprises_bulk {asked.file}")
        return 2
    changed = CHECKOUT / "var" / "bench" / f"readers-{secrets.token_hex(4)}.csv"
    changed.parent.mkdir(parents=True, exist_ok=True)
    try:
        change_addresses(asked.file, changed)
        with server(environment) as port, watched_indexes(connect) as missing:
            readers = Readers(port, sirens, words)
            with readers.asking():
                time.sleep(3)  # caches are warm, workers are up
            with readers.asking() as before:
                time.sleep(asked.seconds)
            started = time.monotonic()
            with readers.asking() as during:
                import_file(changed, environment)
            seconds = time.monotonic() - started
    finally:
        changed.unlink(missing_ok=True)
    import_file(asked.file, environment)
    figures = _figures(before, during) | {"import seconds": seconds, "missing indexes": sorted(missing)}
    _show(figures, before, during, seconds, missing)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0 if not (before.errors or during.errors or missing or figures["ratio"] > MOST_RATIO) else 1


def configured() -> tuple[dict[str, str], Connect]:
    """The environment of commands, and how to reach the configured database."""
    sys.path.insert(0, str(CHECKOUT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not os.environ.get("DATABASE_URL"):
        from foxreviews.localdb import ensure_running

        ensure_running()
    import django

    django.setup()
    from django.db import connection

    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in {"context", "cursor_factory", "prepare_threshold"}
    }
    return dict(os.environ), lambda: psycopg.connect(**parameters)


def _percentiles(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def _figures(before: Answers, during: Answers) -> dict[str, object]:
    lines = {
        kind: {"before": _percentiles(before.times[kind]), "during": _percentiles(during.times[kind])}
        for kind in before.times
    }
    lines["all"] = {"before": _percentiles(before.all), "during": _percentiles(during.all)}
    ratio = lines["all"]["during"][1] / lines["all"]["before"][1]
    errors = {"before": before.errors[:20], "during": during.errors[:20]}
    return {"milliseconds (p50, p95)": lines, "ratio": ratio, "errors": errors}


def _show(
    figures: dict[str, object], before: Answers, during: Answers, seconds: float, missing: set[str]
) -> None:
    print(f"\n{len(before.all):,} pages before, {len(during.all):,} during an import of {seconds:.1f} s\n")
    print(f"{'milliseconds':14}{'p50 before':>11}{'during':>9}{'p95 before':>13}{'during':>9}{'ratio':>8}")
    for kind, line in figures["milliseconds (p50, p95)"].items():  # type: ignore[attr-defined]
        (p50, p95), (p50_during, p95_during) = line["before"], line["during"]
        ratio = p95_during / p95
        print(f"{kind:14}{p50:11.1f}{p50_during:9.1f}{p95:13.1f}{p95_during:9.1f}{ratio:8.2f}")
    print(f"\np95 during / before: {figures['ratio']:.2f} (limit {MOST_RATIO:.0f})")
    print(f"errors: {len(before.errors)} before, {len(during.errors)} during")
    for error in [*before.errors, *during.errors][:5]:
        print(f"  {error}")
    print(f"indexes missing at any moment: {', '.join(sorted(missing)) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
