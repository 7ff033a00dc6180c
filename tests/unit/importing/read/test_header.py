"""The first line names the columns, in any order and spelling."""

import pytest

from foxreviews.importing.errors import WrongColumns
from foxreviews.importing.read import header
from foxreviews.importing.read.buffer import Buffer
from foxreviews.importing.read.header import MAX_SHOWN, REQUIRED, first_line, printable, read_header

LINE = ",".join(REQUIRED)


def first(data: bytes) -> str:
    parts = iter([data])
    return first_line(Buffer(lambda: next(parts, b"")), "FILE")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_order_case_spaces_and_accents_do_not_matter(delimiter: str) -> None:
    names = [f" {name.upper().replace('_', ' ')} " for name in reversed(REQUIRED)]
    names[0] = names[0].replace("E", "É")
    columns = read_header(delimiter.join(names))
    assert (columns.delimiter, columns.names, columns.ignored) == (delimiter, REQUIRED[::-1], ())


def test_an_unknown_column_is_ignored_and_a_missing_one_is_named() -> None:
    assert read_header(f"{LINE},fax\0").ignored == ("fax�",)
    assert read_header(f"fax,{LINE}").names[0] is None
    with pytest.raises(WrongColumns, match="no column siren, nom"):
        read_header(LINE.replace("siren,nom,", ""))


def test_a_column_named_twice_is_refused() -> None:
    with pytest.raises(WrongColumns, match="more than one column nom"):
        read_header(f"{LINE},Nom")


@pytest.mark.parametrize("name", ["latitude", "longitude"])
def test_half_a_position_is_ignored_and_a_whole_one_is_not(name: str) -> None:
    columns = read_header(f"{LINE},{name}")
    assert (columns.known, columns.ignored) == (REQUIRED, (name,))
    assert read_header(f"{LINE},latitude,longitude").ignored == ()


def test_a_file_that_is_empty_or_begins_with_an_empty_line_is_refused() -> None:
    with pytest.raises(WrongColumns, match="FILE is empty"):
        first(b"\n \n")
    with pytest.raises(WrongColumns, match="first line is empty"):
        first(b"\nsiren\n")


def test_a_header_may_be_as_long_as_the_limit_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "MAX_HEADER_BYTES", 10)
    assert first(b"123456789\n1\n") == "123456789\n"
    parts = iter([b"1234567890", b"\n"])
    with pytest.raises(WrongColumns, match="longer than 10 bytes"):
        first_line(Buffer(lambda: next(parts, b"")), "FILE")


def test_the_name_of_an_ignored_column_can_be_printed() -> None:
    assert printable(" A\x1bB ") == "A�B"
    assert len(printable("x" * (MAX_SHOWN + 1))) == MAX_SHOWN
