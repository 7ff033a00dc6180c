"""What a crawler takes from users: the p99 of searches without it and beside it.

    .venv/bin/python -m benchmarks.api.crawler                  four minutes, on the loaded companies and their index
    .venv/bin/python -m benchmarks.api.crawler --seconds 10

The crawler asks for 33,000 pages an hour (companies, towns, activities), of which nothing is kept. Users send 20
searches a second, in rounds without the crawler and beside it; p99 is that of all rounds. Exits 1 where it is more than
1.2 times that without, or an answer was an error.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from django.utils.translation import override

from benchmarks import command
from benchmarks.api.clients import Answers, ask, get
from benchmarks.api.pages import host
from benchmarks.search import queries
from benchmarks.server import ANSWERED_ALONE, running
from foxreviews.core.errors import UsageError
from foxreviews.enterprise.models import Entreprise
from foxreviews.reference.naf import label
from foxreviews.web import slugs

PAGES_AN_HOUR = 33_000
SEARCHES_A_SECOND, USERS = 20.0, 4
ROUNDS = 4
MAX_RATIO = 1.2
SEED = 5
MOST = 20_000  # different pages


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each half of a round (default 30)")
    options = parser.parse_args()
    command.start_configured_database()
    searches, pages = _searches(), _pages()
    if not searches or not pages:
        raise UsageError(
            "There are no companies to search. Load some: manage.py import_entreprises_bulk FILE"
        )
    with running(os.environ) as server:
        ask(server.port, searches, USERS, options.seconds / 3, SEARCHES_A_SECOND)
        alone, beside, crawled = Answers(), Answers(), Answers()
        for _ in range(ROUNDS):
            _add(alone, ask(server.port, searches, USERS, options.seconds, SEARCHES_A_SECOND))
            with crawling(server.port, pages, crawled):
                _add(beside, ask(server.port, searches, USERS, options.seconds, SEARCHES_A_SECOND))
    print("| searches | answered | p50, ms | p95 | p99 | errors |\n" + "|---" * 6 + "|")
    for what, each in (("without the crawler", alone), ("beside it", beside), ("its own pages", crawled)):
        times = " | ".join(f"{each.times.percentile(percent):,.1f}" for percent in (50, 95, 99))
        print(f"| {what} | {len(each.times.times):,} | {times} | {each.errors} |")
    ratio = beside.times.percentile(99) / alone.times.percentile(99)
    errors = alone.errors + beside.errors + crawled.errors
    holds = ratio <= MAX_RATIO and not errors
    print(f"\np99 beside it / without it: {ratio:.2f}, at most {MAX_RATIO}: {'holds' if holds else 'MISSED'}")
    return 0 if holds else 1


def _add(to: Answers, more: Answers) -> None:
    to.seconds += more.seconds
    to.times.times += more.times.times
    to.statuses += more.statuses


@contextmanager
def crawling(port: int, pages: Sequence[bytes], found: Answers) -> Iterator[None]:
    """While the block runs, a crawler goes on with its pages."""
    ends, at = Event(), sum(found.statuses.values()) % len(pages)

    def crawl() -> None:
        rest = [*pages[at:], *pages[:at]]
        _add(found, ask(port, rest, rate=PAGES_AN_HOUR / 3600, ends=ends))

    thread = Thread(target=crawl)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def _searches() -> list[bytes]:
    mix = queries.mix(250, SEED)
    urls = [
        query.url for kind in (*queries.TEXTS.values(), "frequent word", "rare word") for query in mix[kind]
    ]
    return [get(url, host(), ANSWERED_ALONE) for url in urls]


def _pages() -> list[bytes]:
    """Companies' pages, and those of their towns and activities: each where it is, not where it leads to it from."""
    rows = Entreprise.objects.order_by("siren").select_related("ville")
    paths = []
    with override("fr"):
        for row in rows[:MOST]:
            paths.append(slugs.entreprise(vars(row)))
            if row.ville:
                paths.append(slugs.ville(row.ville.code_insee, row.ville.slug))
            if label(row.naf_code):
                paths.append(slugs.activite(row.naf_code))
    headers = ANSWERED_ALONE | {"User-Agent": "Crawler/1.0", "Accept-Language": "fr"}
    return [get(path, host(), headers) for path in dict.fromkeys(paths)]


if __name__ == "__main__":
    command.run(main)
