"""Stages 6 and 7: pages of every list, order and filter at three depths, and what is near, over HTTP.

Run by benchmarks.full in a process of its own, whose DATABASE_URL is the database that was loaded.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import connection
from django.db.models import Count, Model
from django.test import RequestFactory
from rest_framework.request import Request

from benchmarks import command
from benchmarks.api.pages import host
from benchmarks.full.stages import Figures
from benchmarks.server import Client, server
from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.api.etablissements.views import EtablissementPagination
from foxreviews.api.pagination import KeysetPagination
from foxreviews.core.keyset import Ordering, Slice, Window
from foxreviews.enterprise.models import Entreprise, Etablissement

RUNS = 20
DEPTHS = {"first": 0.0, "middle": 0.5, "deep": 0.99}
FILTERS = {
    "ville": "ville_id",
    "code_postal": "code_postal",
    "departement": "departement",
    "naf": "naf_code",
    "is_active": "is_active",
}
LISTS: dict[str, tuple[type[Model], type[KeysetPagination]]] = {
    "entreprises": (Entreprise, EnterpriseCursorPagination),
    "etablissements": (Etablissement, EtablissementPagination),
}
DISTANCE = "distance"
PARIS, RADIUS_KM, TRADES = "48.8566,2.3522", 10, 10
PAGE = 20
SAMPLE = 200_000  # rows of a table
WHOLE_LIST_THRESHOLD = 1_000  # of a list with fewer rows in the sample all are read


def lists() -> Iterator[tuple[str, str]]:
    """What it is, and its address: each list alone and by its most and least frequent value of each filter."""
    for name, (model, pagination) in LISTS.items():
        for ordering in pagination.orderings.values():
            if ordering.name == DISTANCE:
                continue
            for query in filters(model):
                for depth, part in DEPTHS.items():
                    if address := at_depth(name, pagination, ordering, query, part):
                        shown = " ".join(f"{key}={value}" for key, value in query.items())
                        yield f"{name} {ordering.name} {shown} {depth}".replace("  ", " "), address
    yield "villes first", "/api/villes/"


@cache
def filters(model: type[Model]) -> Sequence[dict[str, str]]:
    """No filter, then each one."""
    found: list[dict[str, str]] = [{}]
    for parameter, column in FILTERS.items():
        counted = model._default_manager.order_by().values_list(column).annotate(count=Count("*"))
        values = [value for value, _ in counted.order_by("-count", column) if value not in ("", None)]
        found += [
            {parameter: str(value).lower() if isinstance(value, bool) else str(value)}
            for value in dict.fromkeys([*values[:1], *values[-1:]])
        ]
    return found


def at_depth(
    name: str, pagination: type[KeysetPagination], ordering: Ordering, query: dict[str, str], part: float
) -> str | None:
    """The address of the page after the row that has so much of the list before it; None where that is the first."""
    address = f"/api/{name}/?{urlencode({**query, 'ordering': ordering.name})}"
    if not part:
        return address
    positions = _positions(LISTS[name][0], ordering, tuple(query.items()))
    place = int(len(positions) * part)
    if not place:
        return None
    request = Request(RequestFactory(HTTP_HOST=host()).get(address))
    window = Window(ordering, pagination.page_size, positions[place])
    link = urlsplit(pagination().answer(Slice([], previous=None, next=window), request, []).data["next"])
    return f"{link.path}?{link.query}"


@lru_cache(maxsize=1)  # the depths of one list follow each other
def _positions(
    model: type[Model], ordering: Ordering, query: tuple[tuple[str, str], ...]
) -> list[tuple[object, ...]]:
    """The ordering's values in some of the list's rows, in their order: of few rows all, of many those of a sample.

    OFFSET would walk millions of rows for each address.
    """
    table, fields = model._meta.db_table, ", ".join(ordering.fields)
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    conditions = " AND ".join(f"{columns[FILTERS[key]]} = %s" for key, _ in query) or "true"
    values = [value for _, value in query]
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 1) FROM pg_class WHERE oid = %s::regclass", [table])
        percent = min(100, 100 * SAMPLE / cursor.fetchone()[0])
        for some in (f"TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)", ""):
            cursor.execute(f"SELECT {fields} FROM {table} {some} WHERE {conditions}", values)
            rows = cursor.fetchall()
            if len(rows) >= WHOLE_LIST_THRESHOLD:
                break
    return sorted(rows, reverse=ordering.descending)


def near() -> Iterator[tuple[str, str]]:
    """The nearest of frequent and rare trades."""
    counted = (
        Etablissement.objects.order_by().exclude(naf_code="").values_list("naf_code").annotate(n=Count("*"))
    )
    codes = [code for code, _ in counted.order_by("-n", "naf_code")]
    for code in codes[:: max(1, len(codes) // TRADES)]:
        place = {"near": PARIS, "radius_km": RADIUS_KM, "ordering": DISTANCE, "page_size": PAGE}
        yield f"near {code}", f"/api/etablissements/?{urlencode(place | {'naf': code})}"


def measured(client: Client, addresses: Iterator[tuple[str, str]]) -> Figures:
    """Milliseconds of all the requests after the first of each address, and the slowest addresses."""
    times: dict[str, list[float]] = {}
    rows = {}
    for what, address in list(addresses):
        client.reconnect()
        for run in range(RUNS + 1):
            started = time.perf_counter()
            answer = client.get(address) or {}
            if run:
                times.setdefault(what, []).append((time.perf_counter() - started) * 1000)
            rows[what] = len(answer.get("results", ()))
    return summary(times) | {"rows": sum(rows.values())}


def summary(times: dict[str, list[float]]) -> Figures:
    """Percentiles of all times, and the addresses with the highest 95th percentile."""
    every = [each for times_ in times.values() for each in times_]
    worst = sorted(((percentile(each, 0.95), what) for what, each in times.items()), reverse=True)[:5]
    return {
        "addresses": len(times),
        "requests": len(every),
        **{f"p{round(part * 100)}": percentile(every, part) for part in (0.5, 0.95, 0.99)},
        "worst": [{"what": what, "p95": milliseconds} for milliseconds, what in worst],
    }


def percentile(values: list[float], part: float) -> float:
    """The smallest value that so much of all is not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * part // 1) - 1))]


def main() -> int:
    found: dict[str, Any] = {}
    with server(dict(os.environ)) as port, closing(Client(port)) as client:
        for name in sys.argv[1:]:
            found[name] = measured(client, {"pages": lists, "near": near}[name]())
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    command.run(main)
