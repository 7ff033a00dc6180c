"""How long the official register takes to load, compared with the scaling plan's CSV of as many companies.

    .venv/bin/python -m benchmarks.imports.sirene --rows 500000        default 4,000,000 rows

On databases of its own that are dropped at the end, with fictional companies in the fictional towns: the CSV into an
empty directory, both stock files into another empty one, and the stock files again. Memory is that of the command.
"""

import json
from pathlib import Path

from benchmarks import command, files
from benchmarks.command import watched
from benchmarks.database import import_towns, psql, scratch_database
from foxreviews.core.errors import FoxreviewsError

LIMIT = 2.0  # times the CSV
LIMIT_MEMORY = 1024  # MiB
SCALING_PLAN = "the scaling plan's CSV"


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    units, establishments = files.stock(options.rows, options.seed)
    register = ("import_sirene", "--unites-legales", units, "--etablissements", establishments)
    figures: dict[str, tuple[float, float]] = {}
    with scratch_database("bench_sirene_plan") as database:
        import_towns(database)
        companies_csv = files.companies(options.rows, options.seed)
        figures[SCALING_PLAN] = watched(database, "import_entreprises_bulk", companies_csv)
    with scratch_database("bench_sirene") as database:
        import_towns(database)
        figures["the register"] = watched(database, *register)
        companies = int(psql(database, "SELECT count(*) FROM enterprise_entreprise"))
        figures["the register again"] = watched(database, *register)
    if companies != options.rows:
        raise FoxreviewsError(f"The register gave {companies:,} companies, not {options.rows:,}.")
    show(figures, options.rows)
    if options.json:
        options.json.write_text(json.dumps({"rows": options.rows, **figures}, indent=2) + "\n")
    return 0


def show(figures: dict[str, tuple[float, float]], rows: int) -> None:
    csv_seconds, _ = figures[SCALING_PLAN]
    print(f"\n{rows:,} companies\n\n{'':24}{'seconds':>9}{'rows/s':>10}{'MiB':>7}   ratio")
    for name, (seconds, memory) in figures.items():
        print(f"{name:24}{seconds:9.1f}{rows / seconds:10,.0f}{memory:7,.0f}   {seconds / csv_seconds:.2f}")
    print(f"\nlimits: the register {LIMIT} x the CSV, {LIMIT_MEMORY:,} MiB")


if __name__ == "__main__":
    command.run(main)
