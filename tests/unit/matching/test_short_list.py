"""A short list in memory: any usual encoding and separator, and what cannot be read is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.matching.errors import ListRefusedError, Refusal
from foxreviews.matching.short_list import MAX_BYTES, MAX_COLUMNS, MAX_LINES, Line, read_list
from foxreviews.reading.transcoder import Transcoder

TEXT = "nom;ville\nCrêperie de l'été;Orléans\nHÔTEL DU CHÂTEAU;Nîmes\n"


def lines(data: bytes) -> list[tuple[str, ...]]:
    return [line.cells for line in read_list(data).lines]


def refusal(data: bytes) -> ListRefusedError:
    with pytest.raises(ListRefusedError) as caught:
        read_list(data)
    return caught.value


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso8859-15", "mac_roman", "cp850"]
)
def test_a_list_in_any_usual_encoding_is_read(encoding: str) -> None:
    assert lines(TEXT.encode(encoding)) == [
        ("Crêperie de l'été", "Orléans"),
        ("HÔTEL DU CHÂTEAU", "Nîmes"),
    ]


def test_lines_of_two_encodings_are_read_each_in_its_own() -> None:
    mixed = "nom\nÉpicerie\n".encode() + "Pâtisserie de la Forêt\n".encode("cp1252")
    assert lines(mixed) == [("Épicerie",), ("Pâtisserie de la Forêt",)]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_a_short_list_is_read_as_a_file_of_any_size_is(encoding: str) -> None:
    data = TEXT.encode(encoding)
    pieces = iter([data])
    read = Transcoder(lambda: next(pieces, b"")).read
    assert b"".join(iter(read, b"")).decode() == TEXT
    assert lines(data)[0][0] == "Crêperie de l'été"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_and_line_end_will_do(separator: str, end: str) -> None:
    rows = [["Raison sociale", "CP"], ['"Le Fournil"', "69003"], ["Novergie", "82000"]]
    data = end.join(separator.join(row) for row in rows).encode()
    read = read_list(data)
    assert [line.cells for line in read.lines] == [("Le Fournil", "69003"), ("Novergie", "82000")]
    assert read.columns.places == {"nom": (0,), "code_postal": (1,)}


def test_lines_have_the_numbers_that_an_editor_shows() -> None:
    text = 'Clients 2026\n\nnom;ville\n"Deux\nlignes";Lyon\n\n;\nTrop;de;cellules\nCourte\nVides;Lyon;;\n'
    read = read_list(text.encode())
    assert read.lines == (
        Line(4, ("Deux\nlignes", "Lyon")),
        Line(9, ("Courte", "")),
        Line(10, ("Vides", "Lyon")),
    )
    assert read.unread == (8,)


def test_what_is_above_a_line_end_of_unicode_is_one_line() -> None:
    assert lines("nom;ville\nA\u2028B\x0bC;Lyon\n".encode()) == [("A\u2028B\x0bC", "Lyon")]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Refusal.EMPTY),
        (b" \r\n;;\n", Refusal.EMPTY),
        (b"\x1c\x0b;\x0c", Refusal.EMPTY),
        (b"nom;ville\n\n;\n", Refusal.EMPTY),
        (b"\xef\xbb\xbf", Refusal.EMPTY),
        (b"Le Fournil;Lyon\nNovergie;Montauban\n", Refusal.NO_NAMES),
        (b"ville;code_postal\nLyon;69003\n", Refusal.NO_NAMES),
        (b"PK\x03\x04\x14\x00", Refusal.WORKBOOK),
        (b"\x1f\x8b\x08", Refusal.WORKBOOK),
        (b"%PDF-1.7", Refusal.WORKBOOK),
        ("nom\nΑρτοποιείο Αθήνας\n".encode("iso8859-7"), Refusal.ENCODING),
        ("nom\nПекарня у моста\n".encode("cp1251"), Refusal.ENCODING),
        ("nom\nÉté\n".encode("utf-16-le"), Refusal.ENCODING),
        ("nom\nÉté\n".encode("utf-16")[:-1], Refusal.ENCODING),
        (b"nom\nA\0B\n", Refusal.ENCODING),
        (b'nom;ville\nA;Lyon\n"B;Lyon\nC;Lyon\n', Refusal.OPEN_QUOTE),
        (b"nom\n" + b"A\n" * (MAX_LINES + 1), Refusal.TOO_MANY_LINES),
        (b"nom\n" + b"A" * MAX_BYTES, Refusal.TOO_LARGE),
        (b"nom" + b";x" * MAX_COLUMNS + b"\nA\n", Refusal.TOO_WIDE),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, why: Refusal) -> None:
    assert refusal(data).refusal is why


def test_a_refusal_has_the_figures_of_its_sentence() -> None:
    assert refusal(b'nom;ville\nA;Lyon\n"B;Lyon\nC;Lyon\n').figures == {"line": 3}
    assert refusal(b"nom\n" + b"A\n" * (MAX_LINES + 1)).figures == {"lines": MAX_LINES + 1}
    assert refusal("Prix, Ville, Été\nA,B,C".encode()).figures == {"first": "Prix, Ville, Été"}


def test_one_cell_may_be_the_whole_list() -> None:
    assert lines(b"nom\n" + b"A" * (MAX_BYTES - 4)) == [("A" * (MAX_BYTES - 4),)]


def test_a_thousand_lines_are_read() -> None:
    assert len(lines(b"nom\n" + b"A\n" * MAX_LINES)) == MAX_LINES


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(data: bytes) -> None:
    for given_ in (data, b"nom;ville\n" + data):
        try:
            read = read_list(given_)
        except ListRefusedError:
            continue
        assert all(len(line.cells) == len(read.columns.titles) for line in read.lines)
