"""What is written for a spreadsheet runs nothing there, and nothing of it is lost."""

import csv
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.core.errors import UnwritableOutput
from foxreviews.core.spreadsheet import neutralise, open_writer, restore

PIECES = st.sampled_from(
    ["=", "+", "-", "@", "\t", "\r", "\n", "'", '"', ",", ";", "|", " ", "\u00a0", "A", "1", "＝"]
)


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        ("=1+1", "'=1+1"),
        ("+33 1", "'+33 1"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("  =1", "'  =1"),
        ('"=1"', '\'"=1"'),
        ("'=1", "''=1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("＝1+1", "'＝1+1"),
        ("－1", "'－1"),
        ("＠A", "'＠A"),
        ("a;=1", "a;'=1"),
        ('a,"=1"', 'a,\'"=1"'),
        ("a\n=1", "a\n'=1"),
        ("CAFÉ", "CAFÉ"),
        ("a=b+c", "a=b+c"),
        ("12-14 RUE", "12-14 RUE"),
        ("", ""),
    ],
)
def test_an_apostrophe_stands_where_a_formula_would_begin_and_nowhere_else(text: str, neutral: str) -> None:
    assert neutralise(text) == neutral
    assert restore(neutral) == text


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=20))
def test_every_text_comes_back_and_no_cell_of_it_begins_a_formula(text: str) -> None:
    neutral = neutralise(text)
    assert restore(neutral) == text
    for separator in ",;|\t\n\r":
        for cell in neutral.split(separator):
            assert not cell.strip(' \u00a0"').startswith(("=", "+", "-", "@", "＝"))


def test_for_excel_it_is_written_with_semicolons_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    with open_writer(path, ["a", "b"], excel=True) as writer:
        writer.write([["é;", "=1", 5, None]])
    assert path.read_bytes() == b"\xef\xbb\xbfa;b\r\n" + '"é;";\'=1;5;\r\n'.encode()
    with open_writer(path, ["a", "b"]) as writer:
        writer.write([["é", "=1"]])
        writer.write(iter([["è", 2]]))
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [["a", "b"], ["é", "'=1"], ["è", "2"]]


def test_what_is_there_stays_until_there_is_something_to_write(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("of before")
    with suppress(KeyboardInterrupt), open_writer(path, ["a"]) as writer:
        writer.write([])
        raise KeyboardInterrupt
    assert path.read_text() == "of before"
    with open_writer(path, ["a"]):
        pass
    assert path.read_text().split() == ["a"]
    with pytest.raises(UnwritableOutput), open_writer(tmp_path / "none" / "x.csv", ["a"]):
        pass
