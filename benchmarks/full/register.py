"""Stage 1: both stock files, as parquet, and the same with 1 % of the addresses changed."""

from pathlib import Path

import polars as pl

from benchmarks.command import manage
from benchmarks.full.stages import Figures

CSV = ("StockUniteLegale_utf8.csv", "StockEtablissement_utf8.csv")
STREET = "libelleVoieEtablissement"
ROW_GROUP = 100_000
ONE_IN = 100
GB = 1e9


def paths(folder: Path) -> tuple[Path, Path]:
    """Of the companies, of the establishments."""
    units, establishments = ((folder / name).with_suffix(".parquet") for name in CSV)
    return units, establishments


def changed(folder: Path) -> Path:
    """The establishments with some of their streets changed."""
    return folder / "changed.parquet"


def generate(folder: Path, rows: int, seed: int) -> Figures:
    """Write them. The CSV files, five times as large, are removed once they are parquet."""
    seconds = manage({}, "generate_entreprises", folder, "--format", "sirene", "--rows", rows, "--seed", seed)
    size = sum((folder / name).stat().st_size for name in CSV)
    for name, target in zip(CSV, paths(folder), strict=True):
        pl.scan_csv(folder / name, infer_schema=False).sink_parquet(target, row_group_size=ROW_GROUP)
        (folder / name).unlink()
    parquet = sum(path.stat().st_size for path in paths(folder))
    return {
        "seconds": seconds,
        "companies": _rows(paths(folder)[0]),
        "establishments": _rows(paths(folder)[1]),
        "csv_gb": size / GB,
        "parquet_gb": parquet / GB,
    }


def change(folder: Path) -> Path:
    """Write the changed file, if it is not there."""
    target = changed(folder)
    written = target.with_suffix(".part")
    if not target.exists():
        street = pl.concat_str(pl.col(STREET).fill_null("RUE"), pl.lit(" BIS"))
        is_changed = pl.col("row") % ONE_IN == 0
        frame = pl.scan_parquet(paths(folder)[1]).with_row_index("row")
        frame = frame.with_columns(pl.when(is_changed).then(street).otherwise(pl.col(STREET)).alias(STREET))
        frame.drop("row").sink_parquet(written, row_group_size=ROW_GROUP)
        written.rename(target)
    return target


def _rows(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())
