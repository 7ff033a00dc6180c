"""How many rows a second an export writes, in each format, how long its start takes, and the memory that it holds.

    .venv/bin/python -m benchmarks.exports                4,000,000 fictional companies in a database of its own
    .venv/bin/python -m benchmarks.exports --loaded       those of the configured database

Exits 1 where a format writes fewer rows a second than it must, or holds more memory.
"""

import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import command
from benchmarks.command import FOLDER, watched
from benchmarks.database import loaded_database
from foxreviews.api.exports.params import MAX_SHEET
from foxreviews.core.commands import row_count
from foxreviews.core.files import format_bytes

FILES = ("csv", "csv.gz", "csv.zst", "ndjson", "parquet", "xlsx")
LEAST = {"csv": 100_000, "parquet": 150_000}  # rows a second
MOST_MEMORY = 600.0  # MiB, of any number of rows


@dataclass(frozen=True)
class Measured:
    """One export."""

    ending: str
    rows: int
    rows_per_second: int
    start: float  # seconds before its first block
    size: int
    memory: float  # MiB

    @property
    def holds(self) -> bool:
        return self.rows_per_second >= LEAST.get(self.ending, 0) and self.memory <= MOST_MEMORY

    def line(self) -> str:
        least = f"{LEAST[self.ending]:,}" if self.ending in LEAST else ""
        shown = f"{self.rows:,} | {self.rows_per_second:,} | {least} | {self.start:.1f} | {format_bytes(self.size)}"
        return (
            f"| {self.ending} | {shown} | {self.memory:,.0f} | {'holds' if self.holds else 'DOES NOT HOLD'} |"
        )


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=row_count, default=4_000_000, help="companies (default: 4,000,000)")
    parser.add_argument("--seed", type=int, default=1, help="which companies (default: 1)")
    parser.add_argument("--loaded", action="store_true", help="those of the configured database, not --rows")
    options = parser.parse_args()
    own = loaded_database("foxreviews_exports", options.rows, options.seed)
    measured: AbstractContextManager[dict[str, str]] = nullcontext({}) if options.loaded else own
    with measured as environment, TemporaryDirectory(dir=FOLDER) as folder:
        found = [_measure(environment, Path(folder), ending) for ending in FILES]
    print(
        "| format | rows | rows a second | at least | start, s | size | memory, MiB | |\n" + "|---" * 8 + "|"
    )
    print("\n".join(each.line() for each in found))
    return 0 if all(each.holds for each in found) else 1


def _measure(environment: dict[str, str], folder: Path, ending: str) -> Measured:
    out, report = folder / f"companies.{ending}", folder / "report.json"
    where = ("--where", f"rows={MAX_SHEET}") if ending == "xlsx" else ()
    seconds, memory = watched(environment, "export", "entreprises", out, *where, "--report", report)
    said = json.loads(report.read_text())
    size = out.stat().st_size
    out.unlink()
    start = seconds - said["seconds"]
    return Measured(ending, said["rows"], said["rows_per_second"], start, size, memory)


if __name__ == "__main__":
    command.run(main)
