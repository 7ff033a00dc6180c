"""Stage 1: the register's five files, as parquet, and the establishments with 1 % of the addresses changed."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from benchmarks.command import manage
from benchmarks.full.stages import Figures

ESTABLISHMENTS = "--etablissements"
FILES = {
    "--unites-legales": "StockUniteLegale_utf8.parquet",
    ESTABLISHMENTS: "StockEtablissement_utf8.parquet",
    "--successions": "options/StockEtablissementLiensSuccession_utf8.parquet",
    "--doublons": "options/StockDoublons_utf8.parquet",
    "--historique": "options/StockUniteLegaleHistorique_utf8.parquet",
}
STREET = "libelleVoieEtablissement"
ROW_GROUP = 100_000
ONE_IN = 100
GB = 1e9


def paths(folder: Path) -> Mapping[str, Path]:
    """Each file by the option of import_sirene that takes it."""
    return {option: folder / name for option, name in FILES.items()}


def changed(folder: Path) -> Path:
    """The establishments with some of their streets changed."""
    return folder / "changed.parquet"


def generate(folder: Path, rows: int, seed: int) -> Figures:
    """Write the files."""
    options = ("--format", "sirene", "--parquet", "--rows", rows, "--seed", seed)
    seconds = manage({}, "generate_entreprises", folder, *options)
    parquet = sum(path.stat().st_size for path in paths(folder).values())
    counts = {option.strip("-"): _rows(path) for option, path in paths(folder).items()}
    return {"seconds": seconds, "parquet_gb": parquet / GB, "rows": counts}


def change(folder: Path) -> Path:
    """Write the changed file, if it is not there."""
    target = changed(folder)
    written = target.with_suffix(".part")
    if not target.exists():
        street = pl.concat_str(pl.col(STREET).fill_null("RUE"), pl.lit(" BIS"))
        is_changed = pl.col("row") % ONE_IN == 0
        frame = pl.scan_parquet(paths(folder)[ESTABLISHMENTS]).with_row_index("row")
        frame = frame.with_columns(pl.when(is_changed).then(street).otherwise(pl.col(STREET)).alias(STREET))
        frame.drop("row").sink_parquet(written, row_group_size=ROW_GROUP)
        written.rename(target)
    return target


def _rows(path: Path) -> int:
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())
