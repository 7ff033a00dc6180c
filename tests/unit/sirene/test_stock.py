"""Parquet, some rows at a time."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from foxreviews.core.errors import UnreadableSource
from foxreviews.reading.errors import UnbalancedReading
from foxreviews.sirene import stock
from foxreviews.sirene.layout import Layout
from foxreviews.sirene.stock import ParquetInput


def layout(*names: str) -> Layout:
    return Layout("a stock file", names, frozenset(), names)


def test_every_row_comes_once_and_in_order_whatever_the_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock, "BLOCK_ROWS", 70)
    file = tmp_path / "a.parquet"
    pl.DataFrame({"siren": [f"{number:09}" for number in range(1_000)], "x": 1}).write_parquet(
        file, row_group_size=300
    )
    table = ParquetInput(str(file), layout("siren"))
    blocks = list(table.blocks(None))
    assert [row for block in blocks for row in block.frame["siren"]] == [
        f"{number:09}" for number in range(1_000)
    ]
    assert max(block.records for block in blocks) == 70
    assert [block.line(0) for block in blocks[:2]] == [2, 72]
    assert table.position() == table.size == 1_000


def test_only_the_first_rows_are_read_where_so_many_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    pl.DataFrame({"siren": ["1", "2", "3"]}).write_parquet(file)
    (block,) = ParquetInput(str(file), layout("siren")).blocks(2)
    assert block.frame["siren"].to_list() == ["1", "2"]


def test_values_are_written_as_in_csv(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    frame = pl.DataFrame(
        {
            "siren": ["732829320", None],
            "etablissementSiege": [True, None],
            "dateCreationUniteLegale": [dt.date(1999, 1, 2), None],
            "categorieJuridiqueUniteLegale": [7, None],
        }
    )
    frame.write_parquet(file)
    (block,) = ParquetInput(str(file), layout(*frame.columns)).blocks(None)
    assert block.frame.rows() == [("732829320", "true", "1999-01-02", "0007"), ("", "", "", "")]
    assert block.raw(0) == b"732829320,true,1999-01-02,0007\n"


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1", b"PAR1\xff\xff\xff\xffPAR1"])
def test_a_file_that_only_begins_like_parquet_is_refused_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.parquet"
    file.write_bytes(data)
    assert stock.is_parquet(str(file))
    with pytest.raises(UnreadableSource, match="Nothing was loaded"):
        ParquetInput(str(file), layout("siren"))


def test_what_cannot_be_opened_is_not_parquet(tmp_path: Path) -> None:
    assert not stock.is_parquet(str(tmp_path / "nowhere"))
    assert not stock.is_parquet(str(tmp_path))


def test_a_reader_that_finds_another_number_of_rows_than_the_file_says_stops_the_import(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.parquet"
    pl.DataFrame({"siren": ["1", "2", "3"]}).write_parquet(file)
    table = ParquetInput(str(file), layout("siren"))
    table.size += 1
    with pytest.raises(UnbalancedReading, match="4 rows from row 0 on were read as 3"):
        list(table.blocks(None))
