"""What an import pays for the change log that search indexes follow.

    benchmarks/change_log.py                 4,000,000 rows; --rows 1000000 for fewer

The same file is loaded by the real command into two databases, with the log's triggers and with them disabled, and then
again with 1 % of its rows changed. Exits 1 where the log takes more than a tenth.
"""

import argparse
import sys
import time

from import_speed import CHECKOUT, FOLDER, files, manage, psql, scratch_database

MOST = 0.10
TRIGGERS = ("search_change_insert", "search_change_update", "search_change_delete", "search_change_truncate")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    sys.path.insert(0, str(CHECKOUT))
    FOLDER.mkdir(parents=True, exist_ok=True)
    first_without, again_without = _loads(asked, logged=False)
    first, again = _loads(asked, logged=True)
    print(f"{asked.rows:,} rows{'without':>22}{'with':>9}{'more':>8}")
    held = True
    for what, before, after in (
        ("first load", first_without, first),
        ("1 % changed", again_without, again),
    ):
        more = after / before - 1
        held &= more <= MOST
        print(f"{what:20}{before:9.1f} s{after:7.1f} s{more:8.1%}")
    return 0 if held else 1


def _loads(asked: argparse.Namespace, *, logged: bool) -> list[float]:
    """Seconds of a first load, and of the same file with 1 % of its rows changed."""
    file, changed, villes, population = files(asked.rows, asked.seed)
    with scratch_database("bench_log") as database:
        manage(database, "import_villes", villes, "--population", population)
        if not logged:
            for trigger in TRIGGERS:
                psql(database, f"ALTER TABLE enterprise_entreprise DISABLE TRIGGER {trigger}")
        seconds = []
        for each in (file, changed):
            time.sleep(5)  # what the last step left to write
            seconds.append(manage(database, "import_entreprises_bulk", each))
        return seconds


if __name__ == "__main__":
    sys.exit(main())
