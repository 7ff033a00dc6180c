"""What so many companies will take: bytes a row as this database has them, seconds a row as its imports had."""

from dataclasses import dataclass

from django.conf import settings

from foxreviews.core.files import bytes_in
from foxreviews.core.sources import open_source
from foxreviews.importing.models import ImportRun
from foxreviews.ops import sizes
from foxreviews.search.index.storage import IndexStorage, State

# Where the directory is empty: 200,000 fictional companies, as manage.py verify and import_history show them.
BYTES = {"table": 285.0, "B-tree indexes": 305.0, "trigram index": 63.0, "search index": 90.0}
SECONDS = 69 / 4_000_000  # a first load with all indexes: make bench-import
ENOUGH_ROWS = 10_000  # of an import whose time says something
SAMPLE = 8_000_000  # bytes of a file


@dataclass(frozen=True)
class Forecast:
    """`rows` companies: bytes by part, seconds of a first import; `measured_on` companies, 0 where documented."""

    rows: int
    parts: dict[str, int]
    seconds: float
    measured_on: int
    timed_on: int  # records of the import that the seconds are from, 0 where documented

    @property
    def database(self) -> int:
        """Bytes of the table and its indexes."""
        return sum(size for part, size in self.parts.items() if part in sizes.PLAN)

    def least_disk(self, written: float = 1.0) -> int:
        """What must be free for an import that writes so much of them: the staged rows, and a second search index."""
        return self.parts["table"] + round(written * self.database) + 2 * self.parts["search index"]


def forecast(rows: int) -> Forecast:
    """For so many companies."""
    a_row, measured_on = _bytes_a_row()
    seconds, timed_on = _seconds_a_row()
    parts = {part: round(size * rows) for part, size in a_row.items()}
    return Forecast(rows, parts, seconds * rows, measured_on, timed_on)


def _bytes_a_row() -> tuple[dict[str, float], int]:
    now = sizes.read_sizes()
    if not now.is_enough:
        return BYTES, 0
    measured = {part: size / now.rows for part, size in now.parts.items()}
    return BYTES | measured | _search_index(), now.rows


def _search_index() -> dict[str, float]:
    generation = IndexStorage(settings.SEARCH_INDEX_DIR).current()
    if generation is None or not generation.exists():
        return {}
    documents = State.read(generation).documents
    return {"search index": bytes_in(generation) / documents} if documents >= ENOUGH_ROWS else {}


def _seconds_a_row() -> tuple[float, int]:
    """Of the last import that filled an empty directory; one that only compares is faster."""
    for run in ImportRun.objects.filter(status=ImportRun.Status.DONE):
        records, created = run.report.get("records", 0), run.report.get("created", 0)
        if created >= max(ENOUGH_ROWS, records / 2) and run.report.get("seconds"):
            return run.report["seconds"] / records, records
    return SECONDS, 0


def records_in(file: str) -> int:
    """About how many records a file has, from its first megabytes. Raises UnreadableSource."""
    with open_source(file) as source:
        lines = read = 0
        while read < SAMPLE and (text := source.read()):
            read += len(text)
            lines += text.count(b"\n")
        if not source.size or read < SAMPLE:
            return max(lines - 1, 0)
        return round(lines * source.size / max(source.position(), 1))
