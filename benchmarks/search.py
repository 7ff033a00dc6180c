"""How fast the search is, engine by engine and class by class of question, beside its targets.

    make bench-search                    4,000,000 fictional companies in a database of its own; ROWS=1000000 for fewer
    benchmarks/search.py --loaded        the companies of the configured database, with an index of its own

The index is built by the real command, which is watched. Then, one question after the other:

* the engine's time, in this process: the question interpreted, companies searched, rows read;
* HTTP: the whole answer of the production server on loopback, over one connection;
* the same of PostgreSQL's engine, as many questions as it answers in --postgres-seconds for each class; it knows no
  typos, so a misspelt name is also looked for by the similarity of its trigrams;
* towns and suggestions, as they are typed.

How it grows: the same with --json, at ROWS=1000000 and 10000000 too; then benchmarks/search_growth.py 1.json 4.json …
Exits 1 where a target is missed.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from import_readers import server
from import_sirene import watched
from import_speed import CHECKOUT, FOLDER, manage, scratch_database
from search_figures import (
    ENGINE,
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

INDEX = FOLDER / "search"
WARM = 20  # questions of each class before any is measured
SUGGESTIONS = "/api/suggestions/"
WITHOUT_LIMIT = float("inf")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=TARGET_ROWS)
    parser.add_argument(
        "--loaded", action="store_true", help="what the configured database holds, not --rows"
    )
    parser.add_argument(
        "--each", type=int, default=250, metavar="N", help="questions of a class (default 250)"
    )
    parser.add_argument(
        "--postgres-seconds", type=float, default=15, metavar="S", help="for a class (default 15)"
    )
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    asked = parser.parse_args()
    sys.path.insert(0, str(CHECKOUT))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _configured() if asked.loaded else _loaded(asked.rows, asked.seed) as environment:
        figures = measured(environment, asked)
    show(figures)
    if asked.json:
        asked.json.write_text(json.dumps(facts(figures), indent=2) + "\n")
    return 0 if all(verdict.holds for verdict in judged(figures)) else 1


@contextmanager
def _loaded(rows: int, seed: int) -> Iterator[dict[str, str]]:
    """The environment of a database of its own with so many fictional companies, dropped at the end."""
    names = (f"entreprises-{rows}-{seed}.csv", "villes.csv", "population.csv")
    file, villes, population = (FOLDER / name for name in names)
    if not file.exists():
        manage({}, "generate_entreprises", file, "--rows", rows, "--seed", seed)
    if not villes.exists():
        manage({}, "generate_villes", villes, "--population", population)
    with scratch_database("bench_search") as environment:
        manage(environment, "import_villes", villes, "--population", population)
        manage(environment, "import_entreprises_bulk", file)
        yield environment


@contextmanager
def _configured() -> Iterator[dict[str, str]]:
    if not os.environ.get("DATABASE_URL"):
        from foxreviews.localdb import ensure_running

        ensure_running()
    yield {}


def measured(environment: dict[str, str], asked: argparse.Namespace) -> Figures:
    """Everything, on the environment's database and an index beside the configured one, removed at the end."""
    environment |= {"SEARCH_INDEX_DIR": str(INDEX)}
    shutil.rmtree(INDEX, ignore_errors=True)
    try:
        seconds, memory = watched(environment, "search_rebuild")
        _prepare_django(environment)
        import search_mix

        mix = search_mix.mix(asked.each, asked.seed)
        figures = Figures(search_mix.count(), {"seconds": seconds, "MiB": memory, "MB": _on_disk() / 1e6})
        for engine, limit in ((TANTIVY, WITHOUT_LIMIT), (POSTGRES, asked.postgres_seconds)):
            figures.mix[engine, ENGINE] = _timed(mix, _engine(engine), limit)
            with server(os.environ | {"SEARCH_ENGINE": engine}) as port:
                figures.mix[engine, HTTP] = _timed(mix, Browser(port, engine).page, limit)
                if engine == TANTIVY:
                    _beside(figures, Browser(port, engine), asked)
        figures.beside[SIMILAR, ENGINE] = _times(mix[TYPO], _similar, 2 * asked.postgres_seconds)
        _forget()
    finally:
        shutil.rmtree(INDEX, ignore_errors=True)
    return figures


def _prepare_django(environment: dict[str, str]) -> None:
    os.environ.update(environment)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def _on_disk() -> int:
    return sum(file.stat().st_size for file in INDEX.rglob("*") if file.is_file() and not file.is_symlink())


def _timed(mix: dict[str, list[Any]], ask: Callable[[Any], object], limit: float) -> Classes:
    """Every class asked, each for `limit` seconds at most; the first questions warm the caches."""
    for queries in mix.values():
        _times(queries[-WARM:], ask, limit / 4)
    return {kind: _times(queries, ask, limit) for kind, queries in mix.items()}


def _times(queries: list[Any], ask: Callable[[Any], object], limit: float = WITHOUT_LIMIT) -> Times:
    taken, end = Times(), time.monotonic() + limit
    for query in queries:
        started = time.perf_counter()
        ask(query)
        taken.times.append((time.perf_counter() - started) * 1000)
        if time.monotonic() > end:
            break
    return taken


def _engine(name: str) -> Callable[[Any], object]:
    """What asks an engine as the API does; filters without words are a list of PostgreSQL's, whatever the engine."""
    from django.conf import settings

    from foxreviews.api.entreprises import facets
    from foxreviews.api.entreprises.views import EnterpriseCursorPagination as Pages
    from foxreviews.core.keyset import Window, read
    from foxreviews.search.engine import search_engine
    from foxreviews.search.errors import SearchTimeoutError
    from foxreviews.search.query.parse import interpret
    from foxreviews.search.query.ranking import RELEVANCE
    from foxreviews.search.query.rows import rows

    settings.SEARCH_ENGINE = name
    by_date, by_relevance = (
        Window(each, Pages.page_size) for each in (Pages.orderings[Pages.default], RELEVANCE)
    )

    def ask(query: Any) -> object:
        names = facets.indexed(facets.FACETS) if query.facets else ()
        try:
            if query.text:
                hits = search_engine().search(interpret(query.text), query.filters, by_relevance, names)
                return _by(name, hits.engine, query.text)
            read(rows(query.filters), by_date)
            return search_engine().count(query.filters, names) if names else None
        except SearchTimeoutError:  # given up: the time that it took counts
            return None

    return ask


def _by(wanted: str, engine: str, asked: str) -> None:
    """Raises SystemExit where another engine has answered, which would make the figures those of another engine."""
    if engine != wanted:
        raise SystemExit(f"{asked} is answered by {engine}, not by {wanted}.")


def _similar(query: Any) -> None:
    """A page of the companies with the most similar names, as PostgreSQL finds what is misspelt (pg_trgm)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM enterprise_entreprise WHERE nom %% %s ORDER BY similarity(nom, %s) DESC, id LIMIT 21",
            [query.text, query.text],
        )
        cursor.fetchall()


class Browser:
    """One client with one connection to the server, which answers with an engine."""

    def __init__(self, port: int, engine: str) -> None:
        self._connection, self._engine = HTTPConnection("127.0.0.1", port, timeout=60), engine

    def page(self, query: Any) -> None:
        """The page of companies of a query."""
        answer = self.get(query.url)
        if query.text and answer:
            _by(self._engine, answer["engine"], query.url)

    def get(self, url: str) -> dict[str, Any] | None:
        """The answer, None where the search was given up (503)."""
        self._connection.request("GET", url)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 503):
            raise SystemExit(f"{url} is answered with {answer.status}: {text[:300]!r}")
        return json.loads(text) if answer.status == 200 else None


def _beside(figures: Figures, browser: Browser, asked: argparse.Namespace) -> None:
    """Towns and suggestions as they are typed, letter by letter."""
    import search_mix

    names = search_mix.town_names(asked.each, asked.seed)
    towns = search_mix.beginnings(names, 2 * asked.each, asked.seed)
    mixed = search_mix.beginnings(
        names + search_mix.company_names(asked.each, asked.seed), 2 * asked.each, asked.seed
    )
    asks: list[tuple[str, str, list[str], Callable[[str], object]]] = [
        ("towns", ENGINE, towns, _gazetteer()),
        ("towns", HTTP, towns, lambda text: browser.get(f"/api/villes/?{urlencode({'q': text})}")),
        ("suggestions", HTTP, mixed, lambda text: browser.get(f"{SUGGESTIONS}?{urlencode({'q': text})}")),
    ]
    for what, where, typed, ask in asks:
        if what == "towns" or _is_served(SUGGESTIONS):
            _times(typed[-WARM:], ask)
            figures.beside[what, where] = _times(typed, ask)


def _is_served(path: str) -> bool:
    from django.urls import is_valid_path

    return bool(is_valid_path(path))


def _gazetteer() -> Callable[[str], object]:
    from foxreviews.search.index.place_documents import VILLE
    from foxreviews.search.index.schema import open_index
    from foxreviews.search.index.storage import PLACES, IndexStorage
    from foxreviews.search.query.places import Gazetteer

    gazetteer = Gazetteer(open_index(IndexStorage(INDEX).required() / PLACES))
    return lambda text: gazetteer.find(VILLE, text, 20)


def _forget() -> None:
    """The change log of the configured database need not be kept for our index."""
    from foxreviews.search.index import changes

    changes.unregister([generation.name for generation in INDEX.iterdir() if generation.is_dir()])


if __name__ == "__main__":
    sys.exit(main())
