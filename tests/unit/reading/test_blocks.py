"""The text of a file becomes records: each accounted for, a broken one costing itself alone."""

import csv
import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reading import blocks
from foxreviews.reading.blocks import LINE_END, Block, read_blocks
from foxreviews.reading.buffer import Buffer
from foxreviews.reading.csv_proof import prove
from foxreviews.reading.errors import BarrenFile, UnbalancedReading
from foxreviews.reading.header import Columns
from foxreviews.reading.resync import Malformed
from foxreviews.reading.transcoder import Transcoder

COLUMNS = Columns(",", ("siren", "nom", "adresse"), ())


def read(data: bytes, chunk: int = 7, most: int | None = None) -> list[Block]:
    stream = io.BytesIO(data)
    return list(read_blocks(Buffer(lambda: stream.read(chunk)), COLUMNS, most))


def rows(found: list[Block]) -> list[tuple[str, ...]]:
    return [row for block in found for row in block.frame.iter_rows()]


def broken(found: list[Block]) -> list[Malformed]:
    return [each for block in found for each in block.malformed]


FIELD = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8) | st.sampled_from(
    ["", '"', '""', ",", "\n", "\r\n", "é", 'a"b', " x "]
)
TABLE = st.lists(st.tuples(FIELD, FIELD, FIELD), max_size=12)


@given(TABLE, st.sampled_from(["\n", "\r\n"]), st.integers(1, 50), st.booleans())
def test_what_a_csv_writer_wrote_is_read_back(
    table: list[tuple[str, str, str]], line_end: str, chunk: int, ends: bool
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(table)
    data = text.getvalue().encode()
    found = read(data if ends else data.removesuffix(line_end.encode()), chunk)
    same = [tuple(field.replace("\r\n", "\n") for field in row) for row in table if "".join(row).strip()]
    kept = [
        tuple(field.replace("\r\n", "\n") for field in row) for row in rows(found) if "".join(row).strip()
    ]
    assert kept == same
    assert sum(block.records for block in found) == len(table)
    assert broken(found) == []


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_at_all_are_records_that_add_up_to_the_bytes(data: bytes, chunk: int) -> None:
    text = b"".join(iter(Transcoder(iter([data, b""]).__next__).read, b""))
    stream = io.BytesIO(text)
    buffer = Buffer(lambda: stream.read(chunk))
    for block in read_blocks(buffer, COLUMNS):
        assert block.records > 0
    assert buffer.data == b""
    assert buffer.offset in {len(text), len(text) + 1}  # a missing line end at the end of the file is added


@given(st.lists(st.sampled_from([b'"', b",", b"\n", b"\r\n", b"\r", b"a", b"bc", b"\0"]), max_size=40))
def test_what_is_proven_is_what_a_strict_parser_reads(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    ends = prove(data, ",", 3)
    start = 0
    for end in ends:
        parsed = list(csv.reader(io.StringIO(data[start:end].decode(), newline=""), strict=True))
        assert len(parsed) == 1
        assert len(parsed[0]) == 3
        start = int(end)


def test_an_unterminated_quote_costs_its_own_line_and_none_of_the_ten_thousand_after_it() -> None:
    good = b"".join(b'%d,"NOM %d",RUE\n' % (number, number) for number in range(10_000))
    found = read(b'1,"SANS FIN,RUE\n' + good, chunk=1 << 16)
    assert len(rows(found)) == 10_000
    assert [(each.line, each.reason, each.raw) for each in broken(found)] == [
        (1, "broken-quotes", b'1,"SANS FIN,RUE\n')
    ]


def test_an_unterminated_quote_in_a_file_without_other_quotes_costs_its_own_line() -> None:
    good = b"".join(b"%d,NOM,RUE\n" % number for number in range(10_000))
    found = read(good + b'1,"SANS FIN,RUE\n' + good, chunk=1 << 16)
    assert len(rows(found)) == 20_000
    assert [each.line for each in broken(found)] == [10_001]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1,a\n", "too-few-fields"),
        (b"1,a,b,c\n", "too-many-fields"),
        (b'1,"a"b,c\n', "broken-quotes"),
        (b'1,a,"b\n', "broken-quotes"),
    ],
)
def test_a_broken_record_is_reported_with_its_line_its_offset_and_its_text(line: bytes, reason: str) -> None:
    before = b"1,a,b\n" * 3
    found = read(before + line + b"2,c,d\n" * 3, chunk=1000)
    assert len(rows(found)) == 6
    assert broken(found) == [Malformed(4, len(before), reason, line)]


def test_a_line_break_inside_quotes_belongs_to_its_record() -> None:
    found = read(b'1,a,"ZAC\n 800 RUE"\r\n2,b,c\n', chunk=3)
    assert rows(found) == [("1", "a", "ZAC\n 800 RUE"), ("2", "b", "c")]


def test_a_lone_carriage_return_ends_a_record() -> None:
    assert rows(read(b"1,a,b\r2,c,d\r3,e,f\n")) == [("1", "a", "b"), ("2", "c", "d"), ("3", "e", "f")]


def test_a_blank_line_is_counted_and_is_no_reject() -> None:
    found = read(b"1,a,b\n\n  \n2,c,d\n\n")
    assert (len(rows(found)), sum(block.blank for block in found), broken(found)) == (2, 3, [])


def test_only_as_many_records_are_read_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"1,a,b\n" * 5 + b"broken\n" + b"2,c,d\n" * 5
    for most in range(12):
        assert sum(block.records for block in read(data, most=most)) == min(most, 11)


def test_a_line_longer_than_any_record_is_given_up_without_being_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1000)
    found = read(b"1,a,b\n" + b"x" * 50_000 + b"\n2,c,d\n", chunk=500)
    assert rows(found) == [("1", "a", "b"), ("2", "c", "d")]
    assert [(each.line, each.reason) for each in broken(found)] == [(2, "line-too-long")]


def test_a_row_knows_its_line_and_its_text() -> None:
    (block,) = read(b'1,a,"x\ny"\n2,c,d\r\n', chunk=1000)
    assert (block.line(1), block.raw(1)) == (3, b"2,c,d\r\n")


@pytest.mark.parametrize("chunk", range(1, 12))
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_end_of_a_line_that_is_given_up_is_one_line_end(
    monkeypatch: pytest.MonkeyPatch, end: bytes, chunk: int
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 10)
    found = read(b"x" * 53 + end + b"2,c,d\n", chunk=chunk)
    assert [block.records for block in found] == [1, 1]
    assert found[-1].line(0) == 2


def test_a_short_record_above_an_endless_line_keeps_its_own_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1000)
    found = read(b"1,a\n" + b"x" * 50_000 + b"\n2,c,d\n", chunk=500)
    assert [(each.line, each.reason) for each in broken(found)] == [
        (1, "too-few-fields"),
        (2, "line-too-long"),
    ]


def test_what_is_not_well_formed_is_looked_at_a_few_times_whatever_its_number_of_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proven: list[int] = []

    def counted(data: bytes, *others: Any) -> Any:
        proven.append(len(data))
        return prove(data, *others)

    monkeypatch.setattr(blocks, "prove", counted)
    monkeypatch.setattr(blocks, "RESYNC_BYTES", 50_000)
    text = b"\n" * 100_000 + b"1,a\n" * 20_000
    assert sum(block.records for block in read(text, chunk=1 << 20)) == 120_000
    assert sum(proven) < 4 * len(text)


def test_the_lines_of_many_rows_are_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bytes] = []

    class LineEnd:
        @staticmethod
        def finditer(text: bytes) -> Any:
            looks.append(text)
            return LINE_END.finditer(text)

    (block,) = read(b'1,a,"x\ny"\n2,c,d\r\n' * 2_000, chunk=1 << 20)
    monkeypatch.setattr(blocks, "LINE_END", LineEnd)
    assert [block.line(row) for row in range(block.frame.height)] == [
        line for start in range(1, 6_001, 3) for line in (start, start + 2)
    ]
    assert len(looks) == 1, "counted again for each row, 40,000 rejects took two minutes"


def test_a_reader_that_finds_another_number_of_records_than_the_proof_stops_the_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "prove", lambda *_: np.array([6, 18], np.int64))
    with pytest.raises(UnbalancedReading, match="2 records from line 1 on were read as 3"):
        read(b"1,A,B\n2,C,D\n3,E,F\n")


@pytest.mark.parametrize(("block_records", "size"), [(0, 100), (10, 100), (11, 110), (20, 200), (21, 200)])
def test_a_block_is_as_large_as_asked_for_between_its_limits(
    monkeypatch: pytest.MonkeyPatch, block_records: int, size: int
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 100)
    monkeypatch.setattr(blocks, "MAX_BLOCK_BYTES", 200)
    monkeypatch.setattr(blocks, "RECORD_BYTES", 10)
    ones = iter([b"1,A,B\n"[at % 6 : at % 6 + 1] for at in range(600)])
    first = next(read_blocks(Buffer(lambda: next(ones, b"")), COLUMNS, block_records=block_records))
    assert len(first.text) == size // 6 * 6


GOOD = b"732829320,UN,Paris\n"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_a_long_stretch_of_line_ends_is_counted_and_not_looked_at(
    line_end: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, looked = 200_000, []
    real = blocks.read_records
    monkeypatch.setattr(
        blocks, "read_records", lambda some, *a, **k: looked.append(len(some)) or real(some, *a, **k)
    )
    found = read(GOOD + line_end * lines + GOOD, chunk=100_000)
    assert [row[0] for row in rows(found)] == ["732829320"] * 2
    assert sum(block.blank for block in found) == lines
    assert found[-1].line(0) == lines + 2
    assert sum(looked) < lines / 2


def test_of_a_long_stretch_of_line_ends_no_more_is_read_than_was_asked_for() -> None:
    found = read(GOOD + b"\n" * 200_000, chunk=100_000, most=101)
    assert sum(block.records for block in found) == 101


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\n", "nothing but blank lines"),
        (b"one field\n", "the lines from 1 on are too-few-fields"),
        (b'1,"UN,Paris\n', "in line 1 a quote opens that is not closed"),
    ],
)
def test_a_file_that_begins_with_a_long_stretch_without_a_record_is_refused(
    small_barren: int, line: bytes, why: str
) -> None:
    stream = io.BytesIO(line * (40 * small_barren // len(line)))
    with pytest.raises(BarrenFile, match=why):
        list(read_blocks(Buffer(lambda: stream.read(small_barren)), COLUMNS))
    assert stream.tell() <= 2 * blocks.BLOCK_BYTES  # it was not read to its end


@pytest.fixture
def small_barren(monkeypatch: pytest.MonkeyPatch) -> int:
    """All sizes are a sixteenth; how many bytes a file may begin with and have no record in."""
    for name in (
        "BLOCK_BYTES",
        "RESYNC_BYTES",
        "BARREN_BYTES",
        "MAX_BARREN_BYTES",
        "LONG_LINE_BYTES",
        "BLANK_BYTES",
    ):
        monkeypatch.setattr(blocks, name, getattr(blocks, name) // 16)
    return blocks.BARREN_BYTES


def test_broken_lines_behind_a_record_are_rejected_line_by_line_until_there_are_too_many(
    small_barren: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = b"broken\n" * (small_barren // 7 + 1)
    found = read(GOOD + lines + GOOD, chunk=1 << 20)
    assert (len(rows(found)), len(broken(found))) == (2, len(lines) // 7)
    monkeypatch.setattr(blocks, "MAX_BARREN_BYTES", len(lines) // 2)
    with pytest.raises(BarrenFile, match="the lines from 2 on are too-few-fields"):
        read(GOOD + lines + GOOD, chunk=1 << 20)
