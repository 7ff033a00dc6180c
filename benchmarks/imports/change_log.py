"""What an import pays for the change log that search indexes follow.

    .venv/bin/python -m benchmarks.imports.change_log --rows 1000000       default 4,000,000 rows

The same file is loaded by the real command into two databases, with the log's triggers and with them disabled, and then
again with 1 % of its rows changed. Exits 1 where the log takes more than a tenth.
"""

import argparse
import time

from benchmarks import command, files
from benchmarks.command import manage
from benchmarks.database import import_towns, psql, scratch_database

MAX_COST = 0.10  # of the time without the log
TRIGGERS = ("search_change_insert", "search_change_update", "search_change_delete", "search_change_truncate")


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    first_without, again_without = _loads(options, logged=False)
    first, again = _loads(options, logged=True)
    print(f"{options.rows:,} rows{'without':>22}{'with':>9}{'more':>8}")
    held = True
    for what, before, after in (
        ("first load", first_without, first),
        ("1 % changed", again_without, again),
    ):
        more = after / before - 1
        held &= more <= MAX_COST
        print(f"{what:20}{before:9.1f} s{after:7.1f} s{more:8.1%}")
    return 0 if held else 1


def _loads(options: argparse.Namespace, *, logged: bool) -> list[float]:
    """Seconds of a first load, and of the same file with 1 % of its rows changed."""
    file, changed = (make(options.rows, options.seed) for make in (files.companies, files.changed_companies))
    with scratch_database("bench_log") as database:
        import_towns(database)
        if not logged:
            for trigger in TRIGGERS:
                psql(database, f"ALTER TABLE enterprise_entreprise DISABLE TRIGGER {trigger}")
        seconds = []
        for each in (file, changed):
            time.sleep(5)  # what the last step left to write
            seconds.append(manage(database, "import_entreprises_bulk", each))
        return seconds


if __name__ == "__main__":
    command.run(main)
