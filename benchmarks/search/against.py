"""This checkout's searches, lists and companies compared with those of another, over HTTP, in one run on one database.

Each side builds its own index of the loaded companies and runs its own production server; one client sends both the
same queries, in blocks by turns, so that what else the machine does meets both. Nothing but HTTP is shared: the other
checkout may have another index format and other modules. Its migrations must be those of the database or older.
"""

import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.command import CHECKOUT, FOLDER
from benchmarks.search.figures import ALL, PERCENTILES, TANTIVY, Times
from benchmarks.search.index import own_index
from benchmarks.search.queries import Query
from benchmarks.server import Client, server
from foxreviews.core.errors import FoxreviewsError

MAX_RATIO = {"p50": 1.02, "p99": 1.05}  # of our time to theirs
BLOCK = 25  # queries in a row to one side: of 200, one side met other neighbours than the other


@dataclass
class Side:
    """A checkout, and what its server answered: milliseconds by class, the first page of each URL."""

    name: str
    checkout: Path
    times: dict[str, Times] = field(default_factory=lambda: defaultdict(Times))
    pages: dict[str, list[str]] = field(default_factory=dict)

    def ask(self, client: Client, query: Query) -> None:
        """Ask and measure. Raises FoxreviewsError where the search index has not answered."""
        started = time.perf_counter()
        answer = client.get(query.url)
        milliseconds = (time.perf_counter() - started) * 1000
        if answer and query.text and answer["engine"] != TANTIVY:
            raise FoxreviewsError(f"{self.name}: {query.url} is answered by {answer['engine']}.")
        self.times[query.kind].times.append(milliseconds)
        self.times[ALL].times.append(milliseconds)
        companies = answer.get("results", [answer]) if answer else []
        self.pages[query.url] = [company["siren"] for company in companies]


def compare(other: Path, mix: Sequence[Query], rounds: int, file: Path | None) -> int:
    """Measure, print and, where wanted, write as JSON; 1 where ours takes more than MAX_RATIO times theirs."""
    ours, theirs = Side("ours", CHECKOUT), Side("theirs", other)
    with ExitStack() as running:
        clients = [(side, Client(running.enter_context(_served(side)))) for side in (theirs, ours)]
        for query in mix:  # caches are warm, workers are up
            for side, client in clients:
                side.ask(client, query)
        for side, _ in clients:
            side.times.clear()
        for number, block in enumerate(_blocks(mix, rounds)):
            for side, client in clients if number % 2 else reversed(clients):
                client.reconnect()
                for query in block:
                    side.ask(client, query)
    figures = _figures(ours, theirs)
    _show(figures, ours, theirs)
    if file:
        file.write_text(json.dumps(figures, indent=2) + "\n")
    return int(any(figures[ALL][name][2] > limit for name, limit in MAX_RATIO.items()))


@contextmanager
def _served(side: Side) -> Iterator[int]:
    """The port of the side's server over an index of its own."""
    with (
        own_index(FOLDER / f"search-{side.name}", side.checkout) as (environment, _, _),
        server(os.environ | environment | {"SEARCH_ENGINE": TANTIVY}, side.checkout) as port,
    ):
        yield port


def _blocks(mix: Sequence[Query], rounds: int) -> Iterator[Sequence[Query]]:
    """All queries once a round, each round in another order."""
    chance = random.Random(1)
    for _ in range(rounds):
        shuffled = chance.sample(mix, len(mix))
        yield from (shuffled[first : first + BLOCK] for first in range(0, len(shuffled), BLOCK))


def _figures(ours: Side, theirs: Side) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Ours, theirs and the ratio of each percentile of each class, and of all together as the last."""
    figures: dict[str, dict[str, tuple[float, float, float]]] = {}
    for kind in [*(kind for kind in ours.times if kind != ALL), ALL]:
        figures[kind] = {}
        for percent in PERCENTILES:
            new, old = (side.times[kind].percentile(percent) for side in (ours, theirs))
            figures[kind][f"p{percent}"] = new, old, new / old
    return figures


def _show(figures: dict[str, dict[str, tuple[float, float, float]]], ours: Side, theirs: Side) -> None:
    print(f"\nmilliseconds over HTTP: {ours.checkout} (ours), {theirs.checkout} (theirs)\n")
    print(
        f"{'class':16}{'n':>7}"
        + "".join(f"{f'p{each} ours':>12}{'theirs':>9}{'ratio':>7}" for each in PERCENTILES)
    )
    for kind, line in figures.items():
        cells = "".join(f"{new:12.2f}{old:9.2f}{ratio:7.2f}" for new, old, ratio in line.values())
        print(f"{kind:16}{len(ours.times[kind].times):7,}{cells}")
    differing = [url for url, page in ours.pages.items() if page != theirs.pages[url]]
    print(f"\nfirst pages that differ: {len(differing):,} of {len(ours.pages):,}", *differing[:5], sep="\n  ")
    for name, limit in MAX_RATIO.items():
        ratio = figures[ALL][name][2]
        print(f"{'✓' if ratio <= limit else '✗'} all, {name}: {ratio:.2f} x theirs (limit {limit})")
