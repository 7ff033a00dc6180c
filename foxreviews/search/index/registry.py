"""The indexes that follow the log, on whatever machines: how far each has come, so that the log is kept for them."""

import socket
from pathlib import Path

from django.db import connection, transaction

FOLDER = Path(__file__).parent / "sql"
REPORT = (FOLDER / "report.sql").read_text()
PRUNE = (FOLDER / "prune.sql").read_text()
DAYS = 3  # an index that nobody has heard of for so long is built anew when it returns


def register(generation: Path, position: str) -> None:
    """Keep the log from that position on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_index (generation, place, position) VALUES (%s, %s, %s)",
            [generation.name, f"{socket.gethostname()}:{generation}", position],
        )


def report(generation: str, position: str) -> bool:
    """The index has come to that position; False where the log is no longer kept for it, and it must be built anew."""
    with connection.cursor() as cursor:
        cursor.execute(REPORT, {"generation": generation, "position": position})
        return bool(cursor.rowcount)


def forget(generations: list[str]) -> None:
    """They are no more."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_index WHERE generation = ANY(%s)", [generations])


def prune() -> int:
    """Remove the entries that no index needs any more; how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_index WHERE seen_at < now() - make_interval(days => %s)", [DAYS])
        cursor.execute(PRUNE)
        return int(cursor.rowcount)
