"""What is proven well-formed, and where the proof stops."""

import pytest

from foxreviews.reading.csv_proof import MAX_LINES, prove


def proven(data: bytes, width: int = 3) -> int:
    """How many records are proven."""
    return int(prove(data, ",", width).size)


def test_each_position_is_behind_the_line_end_of_its_record() -> None:
    assert prove(b'a,b,c\n"d\n",e,f\r\n', ",", 3).tolist() == [6, 16]


@pytest.mark.parametrize(
    "record",
    [
        b"a,b\n",
        b"a,b,c,d\n",
        b'a"b,c,d\n',
        b'"a"b,c,d\n',
        b'a,b,"c\n',
        b"a,b\0,c\n",
        b"a,b\rx,c\n",
        b"a,b,c",
    ],
)
def test_the_proof_stops_before_the_first_record_that_is_not_well_formed(record: bytes) -> None:
    assert proven(b"a,b,c\n" + record + b"d,e,f\n" * 2) == 1 or record == b"a,b,c"
    assert proven(record) == 0


def test_doubled_quotes_and_separators_inside_quotes_are_part_of_their_field() -> None:
    assert proven(b'"a ""b""",",",""\n"""",b,c\n') == 2


def test_a_record_has_at_most_so_many_lines() -> None:
    assert proven(b'a,"' + b"\n" * (MAX_LINES - 1) + b'",c\n') == 1
    assert proven(b'a,"' + b"\n" * MAX_LINES + b'",c\n') == 0


def test_a_record_of_several_lines_with_the_separators_of_two_records_is_not_proven() -> None:
    assert proven(b'a,"x,\ny",c\n') == 1
    assert proven(b'a,"x,,\ny",c\n') == 0
    assert proven(b'a,"x,,y",c\n') == 1, "on one line it cannot be two records"
