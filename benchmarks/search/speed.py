"""How fast the search is, by engine and class of query, within its targets; or compared with another checkout.

    make bench-search                    4,000,000 fictional companies in a database of its own; ROWS=1000000 for fewer
    .venv/bin/python -m benchmarks.search.speed --loaded                the companies of the configured database
    .venv/bin/python -m benchmarks.search.speed --against ../before     an older commit in a worktree with a .venv

The index is built by the real command, which is watched. Then, one query after the other:

* the engine's time, in this process: the query parsed, companies searched, rows read;
* HTTP: the whole answer of the production server on loopback, over one connection;
* the same of PostgreSQL's engine, as many queries as it answers in --postgres-seconds for each class; it knows no
  typos, so a misspelt name is also looked for by the similarity of its trigrams;
* towns and suggestions, as they are typed;
* the first answer of a server that has just started, and the answers a second to four clients at once.

With --against, see benchmarks/search/against.py. How it grows with the directory: the same with --json, at
ROWS=1000000 and 10000000 too, then benchmarks.search.growth. Exits 1 where a target is missed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

from benchmarks import command
from benchmarks.command import CHECKOUT, FOLDER
from benchmarks.database import loaded_database
from benchmarks.search import queries
from benchmarks.search.against import compare
from benchmarks.search.clients import answers_a_second
from benchmarks.search.figures import (
    ENGINE,
    FIRST,
    HTTP,
    POSTGRES,
    SIMILAR,
    TANTIVY,
    TARGET_ROWS,
    TYPO,
    Classes,
    Figures,
    Times,
    facts,
    judged,
    show,
)
from benchmarks.search.index import own_index
from benchmarks.search.queries import Query
from benchmarks.server import Client, server
from foxreviews.api.entreprises import facets
from foxreviews.api.entreprises.views import EnterpriseCursorPagination as Pages
from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.keyset import Window, read
from foxreviews.enterprise.filters import passing
from foxreviews.search.engine import search_engine
from foxreviews.search.engines.tantivy import TantivyIndex
from foxreviews.search.errors import SearchTimeoutError
from foxreviews.search.index.schema import open_index
from foxreviews.search.index.storage import PLACES, IndexStorage
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.places import VILLE, Places
from foxreviews.search.query.ranking import RELEVANCE

INDEX = FOLDER / "search"
WARM = 20  # queries of each class before any is measured
UNLIMITED = float("inf")
Typed = TypeVar("Typed", Query, str)


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=TARGET_ROWS)
    parser.add_argument(
        "--loaded", action="store_true", help="what the configured database holds, not --rows"
    )
    parser.add_argument("--against", type=Path, metavar="DIR", help="compare with the checkout in DIR")
    parser.add_argument("--each", type=int, default=250, metavar="N", help="queries of a class (default 250)")
    parser.add_argument(
        "--rounds", type=int, default=3, metavar="N", help="with --against: over all queries (default 3)"
    )
    parser.add_argument(
        "--postgres-seconds", type=float, default=15, metavar="S", help="for a class (default 15)"
    )
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    if not options.loaded:
        return _on_a_database_of_its_own(options)
    command.start_configured_database()
    if options.against:
        mix = queries.mix(options.each, options.seed) | queries.plain_reads(options.each, options.seed)
        asked = [query for each in mix.values() for query in each]
        return compare(options.against.resolve(), asked, options.rounds, options.json)
    figures = measured(options)
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(facts(figures), indent=2) + "\n")
    return 0 if all(verdict.holds for verdict in judged(figures)) else 1


def _on_a_database_of_its_own(options: argparse.Namespace) -> int:
    """Load one and run the same with --loaded: settings name their database once in a process."""
    with loaded_database("bench_search", options.rows, options.seed) as environment:
        again = [sys.executable, "-m", "benchmarks.search.speed", *sys.argv[1:], "--loaded"]
        return subprocess.run(again, cwd=CHECKOUT, env=os.environ | environment, check=False).returncode


def measured(options: argparse.Namespace) -> Figures:
    """Everything, on the configured database and an index of its own."""
    settings.SEARCH_INDEX_DIR = INDEX
    with own_index(INDEX) as (environment, seconds, memory):
        mix = queries.mix(options.each, options.seed)
        figures = Figures(queries.count(), {"seconds": seconds, "MiB": memory, "MB": _on_disk() / 1e6})
        for engine, limit in ((TANTIVY, UNLIMITED), (POSTGRES, options.postgres_seconds)):
            figures.mix[engine, ENGINE] = _timed(mix, _engine(engine), limit)
            with server(os.environ | environment | {"SEARCH_ENGINE": engine}) as port:
                client = Client(port)
                if engine == TANTIVY:
                    first = partial(_page, client, engine)
                    figures.others[FIRST, HTTP] = _times(mix["exact name"][:1], first)
                figures.mix[engine, HTTP] = _timed(mix, partial(_page, client, engine), limit)
                if engine == TANTIVY:
                    _towns_and_suggestions(figures, client, options)
                    figures.rate = answers_a_second(port, _shuffled(mix, options.seed))
        figures.others[SIMILAR, ENGINE] = _times(mix[TYPO], _similar, 2 * options.postgres_seconds)
    return figures


def _shuffled(mix: dict[str, list[Query]], seed: int) -> list[str]:
    urls = [query.url for each in mix.values() for query in each]
    random.Random(seed).shuffle(urls)
    return urls


def _on_disk() -> int:
    return sum(file.stat().st_size for file in INDEX.rglob("*") if file.is_file() and not file.is_symlink())


def _timed(mix: dict[str, list[Query]], ask: Callable[[Query], object], limit: float) -> Classes:
    """Every class, each for `limit` seconds at most; its last queries warm the caches."""
    for each in mix.values():
        _times(each[-WARM:], ask, limit / 4)
    return {kind: _times(each, ask, limit) for kind, each in mix.items()}


def _times(queries: list[Typed], ask: Callable[[Typed], object], limit: float = UNLIMITED) -> Times:
    taken, end = Times(), time.monotonic() + limit
    for each in queries:
        started = time.perf_counter()
        ask(each)
        taken.times.append((time.perf_counter() - started) * 1000)
        if time.monotonic() > end:
            break
    return taken


def _engine(name: str) -> Callable[[Query], object]:
    """What searches an engine as the API does; filters without words are always a list of PostgreSQL's."""
    settings.SEARCH_ENGINE = name
    by_date, by_relevance = (
        Window(each, Pages.page_size) for each in (Pages.orderings[Pages.default], RELEVANCE)
    )

    def ask(query: Query) -> None:
        names = facets.indexed(facets.FACETS) if query.facets else ()
        try:
            if query.text:
                hits = search_engine().search(interpret(query.text), query.filters, by_relevance, names)
                _check_engine(name, hits.engine, query.text)
            else:
                read(passing(query.filters), by_date)
                if names:
                    search_engine().count(query.filters, names)
        except SearchTimeoutError:  # the time that it took counts
            return

    return ask


def _page(client: Client, engine: str, query: Query) -> None:
    answer = client.get(query.url)
    if query.text and answer:
        _check_engine(engine, answer["engine"], query.url)


def _check_engine(wanted: str, engine: str, query: str) -> None:
    """Raises FoxreviewsError where another engine has answered: the figures would be those of another engine."""
    if engine != wanted:
        raise FoxreviewsError(f"{query} is answered by {engine}, not by {wanted}.")


def _similar(query: Query) -> None:
    """A page of the companies with the most similar names, as PostgreSQL finds what is misspelt (pg_trgm)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM enterprise_entreprise WHERE nom %% %s ORDER BY similarity(nom, %s) DESC, id LIMIT 21",
            [query.text, query.text],
        )
        cursor.fetchall()


def _towns_and_suggestions(figures: Figures, client: Client, options: argparse.Namespace) -> None:
    """Both as they are typed, letter by letter."""
    each, seed = options.each, options.seed
    names = queries.town_names(each, seed)
    towns = queries.beginnings(names, 2 * each, seed)
    mixed = queries.beginnings(names + queries.company_names(each, seed), 2 * each, seed)
    places = Places(TantivyIndex(open_index(IndexStorage(INDEX).required() / PLACES)))
    asks: list[tuple[str, str, list[str], Callable[[str], object]]] = [
        ("towns", ENGINE, towns, lambda text: places.find(VILLE, text, 20)),
        ("towns", HTTP, towns, lambda text: client.get(f"/api/villes/?{urlencode({'q': text})}")),
        ("suggestions", HTTP, mixed, lambda text: client.get(f"/api/suggestions/?{urlencode({'q': text})}")),
    ]
    for what, where, typed, ask in asks:
        _times(typed[-WARM:], ask)
        figures.others[what, where] = _times(typed, ask)


if __name__ == "__main__":
    command.run(main)
