"""Bytes that are not clean UTF-8 lines: line ends, NUL, encodings, blank and endless lines."""

import codecs

import pytest

from foxreviews.core import sources
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportReject
from foxreviews.reading import blocks

from .conftest import HEADER, Import
from .hostile import SIRENS, Hostile, file, quoted, reconcile, row, rows

FEW, MANY = {"too-few-fields": 1}, {"too-many-fields": 1}
LOST = {"nom-letters-lost": 1}
LONE_CR = row(0, "A\rB")  # two lines, neither of which has all fields

LINE_ENDS = [
    Hostile("lone CR ends every line", file(rows(1, 2, 3, end="\r"), end="\r"), (1, 2, 3)),
    Hostile("lone CR in a value", file(rows(1), LONE_CR, rows(2)), (1, 2), {"too-few-fields": 2}),
    Hostile("lone CR at the end of the file", file(rows(1, 2, end="\r\n"), b"\r"), (1, 2), blank=1),
    Hostile("lone CR instead of the last line end", file(rows(1, 2), row(3, end="\r")), (1, 2, 3)),
    Hostile("CR CR LF ends every line", file(rows(1, 2, 3, end="\r\r\n")), (1, 2, 3), blank=3),
    Hostile("LF CR ends every line", file(rows(1, 2, 3, end="\n\r")), (1, 2, 3), blank=3),
    Hostile("all line ends mixed", file(row(1), row(2, end="\r\n"), row(3, end="\r"), quoted(4), quoted(5, "\r\n"),
            quoted(6, "\r"), row(7)), (1, 2, 3, 4, 5, 6, 7)),
    Hostile("header with CR LF above lines with LF", file(rows(1, 2), end="\r\n"), (1, 2)),
    Hostile("no final newline", file(rows(1), row(2, end="")), (1, 2)),
    Hostile("no final newline behind quotes", file(rows(1), quoted(2, end="")), (1, 2)),
    Hostile("no final newline behind CR", file(rows(1), row(2, end="\r")), (1, 2)),
    Hostile("vertical tab, form feed and U+2028 end no line",
            file(row(1, "A\x0bB\x0cC\u2028D\u0085E"), rows(2)), (1, 2)),
    Hostile("ten thousand blank lines", file(rows(1), b"\n" * 10_000, rows(2)), (1, 2), blank=10_000),
    Hostile("a blank line behind every line", file(rows(*range(3000), end="\n\n")), tuple(range(3000)), blank=3000),
    Hostile("blank lines of spaces, tabs and no-break spaces", file(b"  \n\t\n", "\u00a0\n".encode(), rows(1)), (1,),
            blank=3),
    Hostile("empty rows of a spreadsheet", file(rows(1), b",,,,,\r\n" * 500, b'"","","","","",""\n'), (1,), blank=501),
    Hostile("control-Z at the end, as DOS wrote it", file(rows(1), b"\x1a"), (1,), FEW),
]  # fmt: skip

BAD_BYTES = [
    Hostile("NUL in a name", file(rows(1), row(0, "N\0M"), rows(2)), (1, 2), {"nul-character": 1}),
    Hostile("NUL in a SIREN", file(row(1).replace(b"4", b"\0", 1), rows(2)), (2,), {"nul-character": 1}),
    Hostile("a line of NUL", file(rows(*range(50)), bytes(50) + b"\n", rows(50)), tuple(range(51)), FEW),
    Hostile("NUL behind the last line", file(rows(*range(100)), bytes(30)), tuple(range(100)), FEW),
    Hostile("NUL in an unknown column", file(row(1, end=",x\0y\n"), row(2, end=",z\n"), header=HEADER + ",z"),
            (1, 2)),
    Hostile("byte order mark", codecs.BOM_UTF8 + file(rows(1, 2)), (1, 2)),
    Hostile("byte order mark before a quoted header",
            codecs.BOM_UTF8 + file(quoted(1), header='"' + HEADER.replace(",", '","') + '"'), (1,)),
    Hostile("byte order mark in the middle, before a second header",
            file(rows(1), codecs.BOM_UTF8, file(rows(2))), (1, 2), {"siren-malformed": 1}),
    Hostile("byte order mark before a record", file(rows(1), codecs.BOM_UTF8, rows(2)), (1, 2)),
    Hostile("UTF-16 little endian", file(rows(1, 2)).decode().encode("utf-16"), (1, 2)),
    Hostile("UTF-16 big endian", codecs.BOM_UTF16_BE + file(rows(1, 2)).decode().encode("utf-16-be"), (1, 2)),
    Hostile("UTF-16 with CR LF and half a character at the end",
            file(rows(1, 2, end="\r\n")).decode().encode("utf-16") + b"4", (1, 2), FEW),
    Hostile("UTF-16 with half of a surrogate pair",
            file(row(1, "A#B")).decode().encode("utf-16").replace(b"#\0", b"\x00\xd8"), (),
            LOST),
    Hostile("invalid UTF-8", file(row(1).replace(b"NOM", b"N\xff\xfeM\x80"), row(2).replace(b"NOM", b"\xc3"), rows(3)),
            (1, 3), LOST),
    Hostile("UTF-8 cut in a character", file(rows(1), row(2, "É").replace(b"\x89", b"")), (1,), LOST),
    Hostile("bytes that cp1252 does not have", file(row(1).replace(b"NOM", b"N\x81\x8d\x8f\x90\x9dM")), (1,)),
    Hostile("surrogates and noncharacters in UTF-8", file(row(1).replace(b"NOM", b"\xed\xa0\x80"),
            row(2, "\uffff\U0010ffff")), (1, 2)),
]  # fmt: skip


@pytest.mark.parametrize("hostile", [*LINE_ENDS, *BAD_BYTES], ids=str)
def test_every_line_is_accounted_for(import_file: Import, hostile: Hostile) -> None:
    reconcile(import_file, hostile)


def test_a_line_in_cp1252_is_read_in_a_utf8_file(import_file: Import) -> None:
    foreign = row(2).replace(b"NOM", "CAFÉ DE L’ŒIL À 5 €".encode("cp1252"))
    reconcile(import_file, Hostile("", file(row(1, "CAFÉ"), foreign, row(3, "ŒUVRE")), (1, 2, 3)))
    assert set(Entreprise.objects.values_list("nom", flat=True)) == {"CAFÉ", "CAFÉ DE L’ŒIL À 5 €", "ŒUVRE"}


def test_a_foreign_line_inside_quotes_spoils_no_other_line(import_file: Import) -> None:
    data = file(row(1, '"É'), b'SUITE \xc9"'.join([b"", row(2)[len(SIRENS[2]) + 4 :]]), row(3, "Œ"))
    reconcile(import_file, Hostile("", data, (1, 3)))
    assert set(Entreprise.objects.values_list("nom", flat=True)) >= {"Œ"}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("filling", [b"x", b'x,"', b",", b"\xc3\xa9"])
def test_a_line_of_several_blocks_costs_itself_alone(
    import_file: Import, end: bytes, filling: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 800_000)  # a line of real blocks: the next test but one
    monkeypatch.setattr(sources, "CHUNK", 100_000)
    endless = filling * (2_000_000 // len(filling))
    report = reconcile(
        import_file, Hostile("", file(rows(1), endless, end, rows(2, 3)), (1, 2, 3), {"line-too-long": 1})
    )
    assert report["records"] == 4


def test_a_field_of_7_megabytes_is_too_long_for_its_column(import_file: Import) -> None:
    data = file(rows(1), row(0, "N" * 7_000_000), rows(2))
    reconcile(import_file, Hostile("", data, (1, 2), {"value-too-long": 1}))


def test_an_endless_line_without_end_is_given_up(import_file: Import) -> None:
    reconcile(import_file, Hostile("", file(rows(1), b"x" * 20_000_000), (1,), {"line-too-long": 1}))


def test_a_long_record_is_shown_by_its_beginning_and_in_its_own_letters(import_file: Import) -> None:
    data = file(rows(*range(1, 40)), row(0, "é" * 9_990), row(0, "xé" * 9_990))
    import_file(data)
    shown = ImportReject.objects.values_list("raw", flat=True)
    assert [raw[:20] for raw in shown] == [f"{SIRENS[0]},éééééééééé", f"{SIRENS[0]},xéxéxéxéxé"]
