"""What a row of a first load costs in a small and in a large file: seconds a million rows, and memory.

    benchmarks/import_growth.py                       1,000,000 and 10,000,000 rows: 25 GB of disk
    benchmarks/import_growth.py --rows 100000 1000000

Each file is loaded by the real command into a database of its own, which is dropped at the end. Exits 1 where a row of
the largest file costs over 1.2 times a row of the smallest.
"""

import argparse
import sys

from import_sirene import watched
from import_speed import CHECKOUT, FOLDER, manage, scratch_database

MOST = 1.2  # times


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], metavar="N")
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    sys.path.insert(0, str(CHECKOUT))
    FOLDER.mkdir(parents=True, exist_ok=True)
    figures = {rows: _load(rows, asked.seed) for rows in sorted(asked.rows)}
    print(f"{'rows':>12}{'seconds':>10}{'s a million':>13}{'MiB':>8}")
    for rows, (seconds, memory) in figures.items():
        print(f"{rows:12,}{seconds:10.1f}{seconds / rows * 1e6:13.1f}{memory:8,.0f}")
    costs = [seconds / rows for rows, (seconds, _) in figures.items()]
    ratio = costs[-1] / costs[0]
    print(f"A row of the largest file costs {ratio:.2f} times a row of the smallest (limit {MOST}).")
    return 0 if ratio <= MOST else 1


def _load(rows: int, seed: int) -> tuple[float, float]:
    """Seconds and MiB of a first load of so many rows."""
    file, villes, population = (
        FOLDER / name for name in (f"entreprises-{rows}-{seed}.csv", "villes.csv", "population.csv")
    )
    if not file.exists():
        manage({}, "generate_entreprises", file, "--rows", rows, "--seed", seed)
    if not villes.exists():
        manage({}, "generate_villes", villes, "--population", population)
    with scratch_database("bench_growth") as database:
        manage(database, "import_villes", villes, "--population", population)
        return watched(database, "import_entreprises_bulk", file)


if __name__ == "__main__":
    sys.exit(main())
