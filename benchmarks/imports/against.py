"""This checkout's import compared with that of another, by turns, in one run on one server.

    make bench-import AGAINST=../before                         an older commit in a worktree with a .venv
    .venv/bin/python -m benchmarks.imports.against ../before --rows 1000000 --rounds 3

Each round both checkouts load the same fictional companies into an empty, migrated database of their own: a first load,
the same file again, and the file with 1 % of its addresses changed. Compared are the best of each, which other work on
the machine disturbs the least.
"""

import json
from collections import defaultdict
from pathlib import Path

from benchmarks import command, files
from benchmarks.command import CHECKOUT, watched
from benchmarks.database import import_towns, scratch_database

MAX_RATIO = 1.03  # of our time to theirs
IMPORT = "import_entreprises_bulk"
Seconds = dict[str, list[float]]  # of each kind of load, one a round


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("checkout", type=Path, metavar="DIR")
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    file, changed = (make(options.rows, options.seed) for make in (files.companies, files.changed_companies))
    ours: Seconds = defaultdict(list)
    theirs: Seconds = defaultdict(list)
    sides = [(CHECKOUT, ours), (options.checkout.resolve(), theirs)]
    for number in range(options.rounds):
        for checkout, seconds in sides if number % 2 else reversed(sides):
            load(checkout, file, changed, seconds)
    ratios = show(options.rows, ours, theirs)
    if options.json:
        options.json.write_text(
            json.dumps({"ours": ours, "theirs": theirs, "ratios": ratios}, indent=2) + "\n"
        )
    return int(max(ratios.values()) > MAX_RATIO)


def load(checkout: Path, file: Path, changed: Path, seconds: Seconds) -> None:
    """One round of one side."""
    with scratch_database("bench_against", checkout) as database:
        import_towns(database, checkout)
        for kind, source in (("first load", file), ("same file again", file), ("1 % changed", changed)):
            seconds[kind].append(watched(database, IMPORT, source, checkout=checkout)[0])


def show(rows: int, ours: Seconds, theirs: Seconds) -> dict[str, float]:
    """Print the best of each kind; the ratios of ours to theirs."""
    print(f"\n{rows:,} rows, seconds, the best of {len(ours['first load'])}\n")
    print(f"{'':18}{'ours':>8}{'theirs':>8}   ratio (limit {MAX_RATIO})")
    ratios = {kind: min(ours[kind]) / min(theirs[kind]) for kind in ours}
    for kind, ratio in ratios.items():
        sign = "✓" if ratio <= MAX_RATIO else "✗"
        print(f"{kind:18}{min(ours[kind]):8.1f}{min(theirs[kind]):8.1f}   {sign} {ratio:.2f} x")
    return ratios


if __name__ == "__main__":
    command.run(main)
