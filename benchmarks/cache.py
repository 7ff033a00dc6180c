"""What the cache gives: answers a second, hit ratio, p50 and p99 of a mix of requests, with and without it.

    .venv/bin/python -m benchmarks.cache                         100,000 requests for each way of keeping answers
    .venv/bin/python -m benchmarks.cache --requests 20000

On the configured database and its index; nothing is written to them. A way that takes longer than 80 s is ended there,
and says how many requests it was.

The mix: searches by names of companies and of towns, suggestions while they are typed, lists of a trade in a town,
facets, and companies by themselves. Names are those that are loaded; which of them is asked for follows Zipf's law: the
second half as often as the first, the tenth a tenth as often. The order is the same for every way.

Ways: no cache, the memory of each process, Redis alone, both. A redis-server is started for it, where one is installed.
"""

import random
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http import HTTPStatus
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from django.conf import settings

from benchmarks import command
from benchmarks.database import configured
from benchmarks.search import queries
from benchmarks.server import Client, server
from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.location.models import Ville

CLIENTS = 8
SAMPLED = 20_000  # names, companies, places
SEED = 5
WAY_SECONDS = 80.0
# Of a hundred requests
SHARES = {"search": 35, "suggestions": 30, "town": 10, "filters": 10, "facets": 5, "company": 10}
COUNTED = re.compile(r'^foxreviews_cache_requests_total\{found="(\w+)",kind="answer"\} (\S+)$', re.MULTILINE)


def addresses() -> dict[str, list[str]]:
    """Of each kind, those that may be asked for. Raises UsageError where the directory has none of one."""
    if not Ville.objects.filter(population__gt=0).exists():
        raise UsageError("The directory has no towns with a population: load them first, by import_villes.")
    names = [name.lower() for name in queries.company_names(SAMPLED, SEED)]
    mix = queries.mix(SAMPLED // 10, SEED)
    begun = queries.beginnings(names, SAMPLED, SEED)
    found = {
        "search": [f"/api/entreprises/?q={quote(name)}" for name in names],
        "suggestions": [f"/api/suggestions/?q={quote(name)}" for name in begun],
        "town": [f"/api/entreprises/?q={quote(name)}" for name in queries.town_names(SAMPLED, SEED)],
        "filters": [query.url for query in mix["filters only"]],
        "facets": [query.url for query in mix["facets"]],
        "company": [f"/api/entreprises/{query.text}/" for query in mix["SIREN"]],
    }
    if missing := [kind for kind in found if not found[kind]]:
        raise UsageError(
            f"The directory has nothing to ask for by {', '.join(missing)}: load companies and towns."
        )
    return found


def asked(kinds: Mapping[str, list[str]], count: int) -> list[str]:
    """So many requests by SHARES, the first address of a kind the most often."""
    chance = random.Random(SEED)
    distinct = {kind: list(dict.fromkeys(those)) for kind, those in kinds.items()}
    weights = {kind: list(accumulate(1 / n for n in range(1, len(distinct[kind]) + 1))) for kind in distinct}
    drawn = chance.choices(list(SHARES), list(SHARES.values()), k=count)
    return [chance.choices(distinct[kind], cum_weights=weights[kind])[0] for kind in drawn]


@contextmanager
def redis() -> Iterator[str]:
    """A server of its own, with the memory and the policy that docs/howto/cache.md names."""
    program = shutil.which("redis-server")
    if program is None:
        raise UsageError("redis-server is not installed. Type: sudo apt-get install redis-server")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "redis.sock"
        options = [
            "--port",
            "0",
            "--unixsocket",
            str(path),
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            folder,
        ]
        options += ["--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru", "--loglevel", "warning"]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            while not path.exists():
                time.sleep(0.05)
            yield f"unix://{path}"
        finally:
            process.terminate()
            process.wait(30)


def ask(port: int, requests: list[str]) -> tuple[list[float], float]:
    """Milliseconds of each request, by as many clients as there are, and seconds of all.

    Raises FoxreviewsError where one fails; who types what is no query, or too much for PostgreSQL, is told so.
    """
    started = time.perf_counter()

    def client(number: int) -> list[float]:
        taken = []
        with closing(Client(port, cached=True)) as connection:
            for address in requests[number::CLIENTS]:
                begun = time.perf_counter()
                status = connection.status(address)
                ended = time.perf_counter()
                taken.append((ended - begun) * 1000)
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise FoxreviewsError(f"{address} is answered with {status}.")
                if ended - started > WAY_SECONDS:
                    break
        return taken

    with ThreadPoolExecutor(CLIENTS) as clients:
        taken = [each for some in clients.map(client, range(CLIENTS)) for each in some]
    return taken, time.perf_counter() - started


def found(port: int) -> dict[str, float]:
    """How many whole answers were found where, as /metrics has it."""
    with closing(Client(port)) as connection:
        text = connection.text("/metrics")
    return {where: float(count) for where, count in COUNTED.findall(text)}


def measure(environment: Mapping[str, str], requests: list[str]) -> str:
    with server(environment) as port:
        require_index(port)
        taken, seconds = ask(port, requests)
        answers = found(port)
    kept = sum(count for where, count in answers.items() if where != "computed") / len(taken)
    cuts = statistics.quantiles(taken, n=100)
    ended = "" if len(taken) == len(requests) else f"  {len(taken):,} requests"
    return f"{kept:10.1%}{cuts[49]:10.1f}{cuts[98]:10.1f}{len(taken) / seconds:12,.0f}{ended}"


def require_index(port: int) -> None:
    """Raises UsageError where PostgreSQL answers for an index that is not ready: nothing of that is kept."""
    with closing(Client(port)) as connection:
        engine = (connection.get("/api/entreprises/?q=sarl&page_size=1") or {}).get("engine")
    if engine != settings.SEARCH_ENGINE:
        raise UsageError("The search index is not ready. First: manage.py search_rebuild")


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument(
        "--requests", type=int, default=100_000, metavar="N", help="of each way (default 100,000)"
    )
    options = parser.parse_args()
    if options.requests < 100:
        raise UsageError("--requests is 100 or more.")
    environment, _ = configured()
    requests = asked(addresses(), options.requests)
    print(f"{len(requests):,} requests, {len(set(requests)):,} different, {CLIENTS} clients at once")
    print(f"{'':24}{'hits':>10}{'p50 ms':>10}{'p99 ms':>10}{'answers/s':>12}", flush=True)
    with redis() as url:
        ways = {
            "no cache": {"CACHE_MEMORY": "0", "CACHE_URL": ""},
            "memory": {"CACHE_MEMORY": "16", "CACHE_URL": ""},
            "Redis": {"CACHE_MEMORY": "0", "CACHE_URL": url},
            "memory and Redis": {"CACHE_MEMORY": "16", "CACHE_URL": url},
        }
        for name, way in ways.items():
            print(f"{name:24}{measure({**environment, **way}, requests)}", flush=True)
    return 0


if __name__ == "__main__":
    command.run(main)
