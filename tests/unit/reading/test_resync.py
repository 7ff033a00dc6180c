"""The resync reader: one broken record costs one record."""

import pytest

from foxreviews.reading.csv_proof import MAX_LINES
from foxreviews.reading.header import Columns
from foxreviews.reading.resync import Reading, read_records

COLUMNS = Columns(",", ("siren", "nom", "adresse"), ())


def read(data: bytes, limit: int = 1_000, *, final: bool = True) -> Reading:
    lines = data.splitlines(keepends=True)
    return read_records(lines, COLUMNS, limit=limit, final=final, line=2, offset=100)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b'1,"A,B\n', "broken-quotes"),
        (b'1,"A"x,B\n', "broken-quotes"),
        (b"1,A\n", "too-few-fields"),
        (b"1,A,B,C\n", "too-many-fields"),
    ],
)
def test_a_broken_record_costs_its_first_line_alone(record: bytes, reason: str) -> None:
    reading = read(b"1,A,B\n" + record + b"2,C,D\n")
    assert reading.rows == [["1", "A", "B"], ["2", "C", "D"]]
    (broken,) = reading.malformed
    assert (broken.line, broken.offset, broken.reason, broken.raw) == (3, 106, reason, record)


def test_starts_and_ends_and_length_are_bytes_of_the_text() -> None:
    reading = read('1,É,B\n\n2,"C\nD",E\r\n'.encode())
    assert (reading.starts, reading.ends, reading.length) == ([0, 8], [7, 19], 19)
    assert (reading.blank, reading.records) == (1, 3)


def test_two_stray_quotes_do_not_swallow_a_complete_record_between_them() -> None:
    reading = read(b'1,"A,B\n732829320,UN,X\n2,C",D\n')
    assert [row[0] for row in reading.rows] == ["732829320", "2"]
    assert [broken.reason for broken in reading.malformed] == ["broken-quotes"]


def test_a_record_has_at_most_so_many_lines() -> None:
    assert read(b'1,"' + b"\n" * (MAX_LINES - 1) + b'",B\n').records == 1
    assert read(b'1,"' + b"\n" * MAX_LINES + b'",B\n').malformed[0].reason == "broken-quotes"


def test_what_the_last_line_leaves_open_is_left_for_the_next_call_unless_it_is_the_last() -> None:
    assert read(b'1,A,B\n2,"C\n', final=False).length == 6
    assert read(b'1,A,B\n2,"C\n').length == 11
    tail = b'2,"C\n' + b"\n" * (MAX_LINES - 2)
    assert read(tail, final=False).length == 0
    assert read(tail + b"\n", final=False).length > 0, "too long to be only cut"


def test_no_more_records_are_read_than_the_limit() -> None:
    assert read(b"1,A,B\n" * 5, limit=3).length == 18
