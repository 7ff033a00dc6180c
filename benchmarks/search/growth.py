"""How the search's times, build and index grow with the directory.

    .venv/bin/python -m benchmarks.search.speed --rows 1000000 --json 1m.json     and for 4,000,000 and 10,000,000
    .venv/bin/python -m benchmarks.search.growth 1m.json 4m.json 10m.json

The slope is that of a straight line through the logarithms: 0 does not grow, 1 grows as the number of companies does.
"""

import json
import math
from pathlib import Path
from typing import Any

from benchmarks import command

ENGINE = "tantivy engine"


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="what benchmarks.search.speed --json wrote"
    )
    runs = sorted(
        (json.loads(file.read_text()) for file in parser.parse_args().files), key=lambda run: run["rows"]
    )
    rows = [run["rows"] for run in runs]
    print(f"{'':28}" + "".join(f"{count:>14,}" for count in rows) + f"{'slope':>8}")
    for name, figures in _lines(runs):
        print(
            f"{name:28}" + "".join(f"{figure:14,.1f}" for figure in figures) + f"{slope(rows, figures):8.2f}"
        )
    return 0


def _lines(runs: list[dict[str, Any]]) -> list[tuple[str, list[float]]]:
    build = [(f"build, {unit}", [run["build"][unit] for run in runs]) for unit in ("seconds", "MiB", "MB")]
    times = [
        (f"{kind}, {percent} ms", [run["mix"][ENGINE][kind][percent] for run in runs])
        for kind in runs[0]["mix"][ENGINE]
        for percent in ("p50", "p95", "p99")
    ]
    return [*build, *times]


def slope(rows: list[int], figures: list[float]) -> float:
    """By least squares; not a number where there is one size alone."""
    xs, ys = ([math.log(max(value, 1e-9)) for value in values] for values in (rows, figures))
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((each - x) ** 2 for each in xs)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / spread if spread else math.nan


if __name__ == "__main__":
    command.run(main)
