"""What readers notice of an import: the API's answers before and during the reload of a file.

    make bench-readers FILE=data/entreprises.csv
    .venv/bin/python -m benchmarks.imports.readers data/entreprises.csv

On the configured database, in which FILE was loaded before. The production server answers lists, companies and searches
for 20 s; then again while FILE is imported with 1 % of its addresses changed. At the end FILE is imported as it is, so
that the directory is as before. Exits 1 where an answer was an error, an index was missing at any moment, or the 95th
percentile during the import is more than twice that before it.
"""

import http.client
import json
import random
import secrets
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from benchmarks import command
from benchmarks.command import FOLDER, manage
from benchmarks.database import Connect, configured
from benchmarks.files import change_addresses
from benchmarks.server import server
from foxreviews.core.errors import UsageError

TABLE = "enterprise_entreprise"
PAUSE = 0.02  # seconds between two requests: a reader, not a flood
MAX_RATIO = 2.0
IMPORT = "import_entreprises_bulk"
SAMPLE = 500


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
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        try:
            connection.request("GET", url)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except OSError as error:
            return repr(error)
        finally:
            connection.close()
        return "" if answer.status == 200 else f"{answer.status} {text[:200]}"


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


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="plain CSV, loaded before")
    parser.add_argument("--seconds", type=float, default=20, help="how long the baseline takes (default 20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    environment, connect = configured()
    sirens, words = sampled(connect)
    if not sirens:
        raise UsageError(f"There are no companies to read. First: manage.py {IMPORT} {options.file}")
    changed = FOLDER / f"readers-{secrets.token_hex(4)}.csv"
    try:
        change_addresses(options.file, changed)
        with server(environment) as port, watched_indexes(connect) as missing:
            readers = Readers(port, sirens, words)
            with readers.asking():
                time.sleep(3)  # caches are warm, workers are up
            with readers.asking() as before:
                time.sleep(options.seconds)
            with readers.asking() as during:
                seconds = manage(environment, IMPORT, changed)
    finally:
        changed.unlink(missing_ok=True)
    manage(environment, IMPORT, options.file.resolve())
    figures = _figures(before, during) | {"import seconds": seconds, "missing indexes": sorted(missing)}
    _show(figures, before, during, seconds, missing)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0 if not (before.errors or during.errors or missing or figures["ratio"] > MAX_RATIO) else 1


def _percentiles(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def _figures(before: Answers, during: Answers) -> dict[str, Any]:
    lines = {
        kind: {"before": _percentiles(before.times[kind]), "during": _percentiles(during.times[kind])}
        for kind in before.times
    }
    lines["all"] = {"before": _percentiles(before.all), "during": _percentiles(during.all)}
    ratio = lines["all"]["during"][1] / lines["all"]["before"][1]
    errors = {"before": before.errors[:20], "during": during.errors[:20]}
    return {"milliseconds (p50, p95)": lines, "ratio": ratio, "errors": errors}


def _show(
    figures: dict[str, Any], before: Answers, during: Answers, seconds: float, missing: set[str]
) -> None:
    print(f"\n{len(before.all):,} pages before, {len(during.all):,} during an import of {seconds:.1f} s\n")
    print(f"{'milliseconds':14}{'p50 before':>11}{'during':>9}{'p95 before':>13}{'during':>9}{'ratio':>8}")
    for kind, line in figures["milliseconds (p50, p95)"].items():
        (p50, p95), (p50_during, p95_during) = line["before"], line["during"]
        ratio = p95_during / p95
        print(f"{kind:14}{p50:11.1f}{p50_during:9.1f}{p95:13.1f}{p95_during:9.1f}{ratio:8.2f}")
    print(f"\np95 during / before: {figures['ratio']:.2f} (limit {MAX_RATIO:.0f})")
    print(f"errors: {len(before.errors)} before, {len(during.errors)} during")
    for error in [*before.errors, *during.errors][:5]:
        print(f"  {error}")
    print(f"indexes missing at any moment: {', '.join(sorted(missing)) or 'none'}")


if __name__ == "__main__":
    command.run(main)
