"""What a row of a first load costs in a small and in a large file: seconds a million rows, and memory.

    .venv/bin/python -m benchmarks.imports.growth                        1,000,000 and 10,000,000 rows: 25 GB of disk
    .venv/bin/python -m benchmarks.imports.growth --rows 100000 1000000

Each file is loaded by the real command into a database of its own, which is dropped at the end. Exits 1 where a row of
the largest file costs over 1.2 times a row of the smallest.
"""

from benchmarks import command, files
from benchmarks.command import watched
from benchmarks.database import import_towns, scratch_database

MAX_RATIO = 1.2


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], metavar="N")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    figures = {rows: _load(rows, options.seed) for rows in sorted(options.rows)}
    print(f"{'rows':>12}{'seconds':>10}{'s a million':>13}{'MiB':>8}")
    for rows, (seconds, memory) in figures.items():
        print(f"{rows:12,}{seconds:10.1f}{seconds / rows * 1e6:13.1f}{memory:8,.0f}")
    costs = [seconds / rows for rows, (seconds, _) in figures.items()]
    ratio = costs[-1] / costs[0]
    print(f"A row of the largest file costs {ratio:.2f} times a row of the smallest (limit {MAX_RATIO}).")
    return 0 if ratio <= MAX_RATIO else 1


def _load(rows: int, seed: int) -> tuple[float, float]:
    """Seconds and MiB of a first load of so many rows."""
    file = files.companies(rows, seed)
    with scratch_database("bench_growth") as database:
        import_towns(database)
        return watched(database, "import_entreprises_bulk", file)


if __name__ == "__main__":
    command.run(main)
