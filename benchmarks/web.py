"""How long the server takes for each kind of page, on the loaded database.

    make bench-web
    .venv/bin/python -m benchmarks.web --json     as JSON, for programs

p50 and p95 of 20 different pages of each kind, requested in this process through every middleware, in the session of a
web worker, with the index that is there. Each is asked for once before, as a page that somebody has just read, and made
anew (Authorization): nothing is kept of it but what PostgreSQL, the index and Python keep. Then the whole sitemap is
made, file after file. Exits 0 where each kind of page is within its limit, 1 where one is not.
"""

import gzip
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db.models import Count
from django.test import Client
from rich.console import Console
from rich.table import Table

from benchmarks import command
from benchmarks.api.pages import host
from benchmarks.server import ANSWERED_ALONE
from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.enterprise.models import Entreprise, Etablissement
from foxreviews.ops.server import web_session

LIMIT = 40.0  # milliseconds of the 95th percentile
PAGES = 20  # of each kind
WORDS = (
    "restaurant", "boulangerie lyon", "boulangrie", "sci", "martin", "plombier paris", "coiffure nantes", "taxi",
    "dupont 69003", "association", "garage toulouse", "pharmacie du centre", "62.01Z", "electricite generale",
    "immobilier bordeaux", "le fournil", "transport", "maconnerie lille", "conseil", "sarl du moulin",
)  # fmt: skip
# A feed has the latest of 10,000 companies at most: frequent words alone have none.
OF_FEEDS = ("boulangerie lyon", "coiffure nantes", "dupont 69003", "garage toulouse", "maconnerie lille")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")
    options = parser.parse_args(arguments)
    command.start_configured_database()
    companies = Entreprise.objects.count()
    if not companies:
        raise UsageError(
            "There are no companies to measure on. Load some: manage.py import_entreprises_bulk FILE"
        )
    with web_session():
        lines = [_measured(kind, paths) for kind, paths in _pages() if paths]
        sitemap = _sitemap()
    if options.json:
        found = {"companies": companies, "limit": LIMIT, "lines": lines, "sitemap": sitemap}
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        _show(lines, companies)
        print(
            "The whole sitemap: {files} files with {addresses:,} addresses in {seconds} s, the longest {longest} s, "
            "{bytes:,} bytes compressed.".format_map(sitemap)
        )
    return 0 if all(line["p95"] <= LIMIT for line in lines) else 1


def _pages() -> Iterator[tuple[str, list[str]]]:
    """Each kind with its pages."""
    sirens = _some(Entreprise, "siren")
    sirets = _some(Etablissement, "siret")
    yield "home", ["/"]
    yield "results", [f"/recherche?{urlencode({'q': words})}" for words in WORDS]
    yield "results, nothing found", [f"/recherche?{urlencode({'q': f'{words} xqzwvk'})}" for words in WORDS]
    yield "results of filters", [f"/recherche?departement={code}&naf=56" for code in _frequent("departement")]
    yield "feed", [f"/recherche.atom?departement={code}" for code in _frequent("departement")]
    yield "feed of a search", [f"/recherche.atom?{urlencode({'q': words})}" for words in OF_FEEDS]
    yield "statistics", ["/statistiques"]
    yield "statistics of filters", [f"/statistiques?departement={code}" for code in _frequent("departement")]
    yield (
        "statistics of an activity",
        [f"/statistiques?naf={code}" for code in ("10", "43", "47", "56", "62", "86")],
    )
    yield "suggestions", [f"/suggestions?{urlencode({'q': words[:5]})}" for words in WORDS]
    yield "company", [f"/entreprise/{siren}" for siren in sirens]
    yield "card of a company", [f"/og/{siren}.png" for siren in sirens]
    yield "establishment", [f"/etablissement/{siret}" for siret in sirets]
    yield "town", [f"/ville/{code}" for code in _frequent("ville_id")]
    yield "département", [f"/departement/{code}" for code in _frequent("departement")]
    yield "activity", [f"/activite/{code}" for code in _frequent("naf_code")]
    yield "division", [f"/activite/{code}" for code in ("10", "43", "47", "56", "62", "86")]
    yield "activities", ["/activites"]
    yield "sitemap index", ["/sitemap.xml"]


def _some(model: type[Entreprise] | type[Etablissement], column: str) -> list[str]:
    """Values of rows from all parts of a table, by its key."""
    first, last = (
        model.objects.order_by(f"{way}{column}").values_list(column, flat=True).first() for way in ("", "-")
    )
    if first is None or last is None:
        return []
    step = (int(last) - int(first)) // PAGES or 1
    width = len(first)
    starts = (f"{int(first) + number * step:0{width}}" for number in range(PAGES))
    found = (
        model.objects.filter(**{f"{column}__gte": start})
        .order_by(column)
        .values_list(column, flat=True)
        .first()
        for start in starts
    )
    return list(dict.fromkeys(filter(None, found)))


def _frequent(column: str) -> list[str]:
    """The values that most companies have."""
    counted = Entreprise.objects.order_by().values_list(column).annotate(count=Count("*")).order_by("-count")
    return [value for value, _ in counted[: PAGES + 1] if value][:PAGES]


def _client() -> Client:
    proxied = {"X-Forwarded-Proto": "https"} if settings.HTTPS else {}
    return Client(HTTP_HOST=host(), headers=proxied | ANSWERED_ALONE)


def _sitemap() -> dict[str, Any]:
    """All of its files as a search engine asks for them: how many, how much, and seconds."""
    client = _client()
    index = client.get("/sitemap.xml", secure=settings.HTTPS)
    paths = [urlsplit(place).path for place in re.findall("<loc>(.*?)</loc>", index.content.decode())]
    times, addresses, size = [], 0, 0
    for path in paths:
        started = time.perf_counter()
        answer = client.get(path, secure=settings.HTTPS)
        times.append(time.perf_counter() - started)
        addresses += gzip.decompress(answer.content).count(b"<url>")
        size += len(answer.content)
    seconds, longest = round(sum(times), 1), round(max(times), 2)
    return {
        "files": len(paths), "addresses": addresses, "seconds": seconds, "longest": longest, "bytes": size,
    }  # fmt: skip


def _measured(kind: str, paths: list[str]) -> dict[str, Any]:
    """Milliseconds, and the bytes of the largest page."""
    client = _client()
    canonical = [_canonical(client, path) for path in paths]
    times, sizes = [], []
    for path, _ in zip(cycle(canonical), range(max(PAGES, len(canonical))), strict=False):
        started = time.perf_counter()
        answer = client.get(path, secure=settings.HTTPS)
        times.append((time.perf_counter() - started) * 1000)
        sizes.append(len(answer.getvalue()))
    times.sort()
    return {
        "kind": kind,
        "pages": len(paths),
        "p50": round(median(times), 1),
        "p95": round(times[int(len(times) * 0.95) - 1], 1),
        "bytes": max(sizes),
    }


def _canonical(client: Client, path: str) -> str:
    """Where the path leads; it is asked for, so that it is warm."""
    answer = client.get(path, follow=True, secure=settings.HTTPS)
    if answer.status_code != 200:
        raise FoxreviewsError(f"{path} answers {answer.status_code}: there is nothing to measure.")
    return answer.redirect_chain[-1][0] if answer.redirect_chain else path


def _show(lines: list[dict[str, Any]], companies: int) -> None:
    table = Table(
        title=f"Pages over {companies:,} companies, ms of the server; the limit of p95 is {LIMIT:.0f}"
    )
    for name in ("page", "different", "p50", "p95", "bytes"):
        table.add_column(name, justify="left" if name == "page" else "right")
    for line in lines:
        within = line["p95"] <= LIMIT
        p95 = f"{line['p95']}" if within else f"[bold red]{line['p95']}[/]"
        table.add_row(str(line["kind"]), str(line["pages"]), f"{line['p50']}", p95, f"{line['bytes']:,}")
    Console(file=sys.stdout, highlight=False).print(table)


if __name__ == "__main__":
    command.run(main)
