"""Where the processor time of reading the register goes: each step of cleaning, in microseconds a record.

    .venv/bin/python -m benchmarks.imports.steps var/bench/full-2000000       the register's files, as parquet
    .venv/bin/python -m benchmarks.imports.steps FOLDER --rows 200000

The towns are those of the configured database: without them no place is found, and looked up again. Writing for COPY is
a step as well; what PostgreSQL does with it is not counted.
"""

import io
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from benchmarks import command
from benchmarks.full.register import FILES
from foxreviews.importing.clean.cleaning import Cleaner, Step
from foxreviews.importing.clean.places import Places
from foxreviews.importing.load.staging import BATCH_ROWS, DELIMITER
from foxreviews.location.lookup import VilleLookup
from foxreviews.location.movements import Movements
from foxreviews.reading.blocks import Records
from foxreviews.sirene import establishments, legal_units
from foxreviews.sirene.communes import Communes
from foxreviews.sirene.layout import ESTABLISHMENTS, LEGAL_UNITS
from foxreviews.sirene.stock import open_stock

STOCKS = (
    ("--unites-legales", LEGAL_UNITS, legal_units.STEPS),
    ("--etablissements", ESTABLISHMENTS, establishments.STEPS),
)


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--rows", type=int, default=500_000, help="records of each file (default: 500,000)")
    options = parser.parse_args()
    command.start_configured_database()
    places = Places(Communes.KEY, Communes(VilleLookup.load(), Movements()).find)
    for option, layout, steps in STOCKS:
        path = options.folder / FILES[option]
        for _ in range(2):  # the first has every place to look up
            with open_stock(str(path), layout) as stock:
                taken, records = _timed(stock.blocks(options.rows), steps, places)
        print(f"\n{path.name}, {records:,} records: {sum(taken.values()) / records * 1e6:.2f} µs each")
        for name, seconds in sorted(taken.items(), key=lambda each: -each[1]):
            print(f"{seconds / records * 1e6:8.2f}  {name}")
    return 0


def _timed(blocks: Iterable[Records], steps: Iterable[Step], places: Places) -> tuple[dict[str, float], int]:
    """Seconds of the processor by step, and how many records there were."""
    taken, records, started = defaultdict[str, float](float), 0, time.process_time()

    def note(name: str) -> None:
        nonlocal started
        taken[name] += time.process_time() - started
        started = time.process_time()

    for block in blocks:
        note("read")
        cleaner, frame = Cleaner(places), block.frame.with_row_index("row")
        for step in steps:
            frame = step(cleaner, frame)
            note(getattr(step, "__name__", "of_nomenclature"))
        frame.write_csv(io.BytesIO(), separator=DELIMITER, quote_style="never", batch_size=BATCH_ROWS)
        note("write for COPY")
        records += block.records
    return taken, records


if __name__ == "__main__":
    command.run(main)
