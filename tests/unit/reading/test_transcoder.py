"""Bytes of any usual encoding become the French text that was meant, and what was done is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.reading import transcoder
from foxreviews.reading.mojibake import FRENCH, mend, suspected
from foxreviews.reading.transcoder import LOST_LETTERS, MISREAD, Lines, Transcoder

ENCODINGS = ("cp1252", "mac_roman", "cp850")
TEXTS = (
    "Crêperie de l'été à Noël",
    "CAFÉ DE L'HÔTEL N°22",
    "12 allée des Chênes, où naît le garçon",
    "Forêt, bûche, maïs et pâtisserie",
    "« Le Château » près de l'Isère",
)


def read(data: bytes, encoding: str | None = None, chunk: int = 50) -> tuple[str, dict[str, Lines]]:
    """The text, and what was found."""
    pieces = iter([data[at : at + chunk] for at in range(0, len(data), chunk)])
    text = Transcoder(lambda: next(pieces, b""), encoding)
    return b"".join(iter(text.read, b"")).decode(), text.found


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_one_line_is_enough_to_know_its_encoding(encoding: str, text: str) -> None:
    line = f"a;{text};b\r\n"
    name = "macroman" if encoding == "mac_roman" else encoding
    assert read(line.encode(encoding)) == (line, {name: Lines(1, 1)})


def test_windows_quotes_and_ligatures_are_right() -> None:
    text = "L’Œuvre & Bœuf – « 5 € » …\n"
    assert read(text.encode("cp1252")) == (text, {"cp1252": Lines(1, 1)})


def test_the_euro_and_the_ligature_of_latin_9_are_not_taken_for_those_of_cp1252() -> None:
    text = "cœur d'œuvre à 10 €\n"
    assert read(text.encode("iso8859-15")) == (text, {"iso8859-15": Lines(1, 1)})


@pytest.mark.parametrize(
    "text", ["HôTEL DE LA FORêT", "JOÃO", "L´ATELIER", "NICCOLÒ", "MÜLLER GROß", "N° 5", "2ème étage", "M²"]
)
def test_what_people_write_on_windows_stays_cp1252(text: str) -> None:
    assert read(f"a,{text},b\n".encode("cp1252"))[0] == f"a,{text},b\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_lines_with_little_evidence_follow_the_lines_near_them(encoding: str) -> None:
    clear = "".join(f"{text}\n" for text in TEXTS)
    text = clear + "CRÊPERIE\nNOËL\nVOILÀ\n" + clear
    assert read(text.encode(encoding))[0] == text
    late = clear.encode(encoding) + b"x\n" * 50_000 + "CRÊPERIE\nNOËL\n".encode(encoding)
    assert read(late, chunk=10_000)[0].endswith("CRÊPERIE\nNOËL\n")


def test_odd_bytes_that_come_late_are_found_with_their_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcoder, "FIRST_BYTES", 1_000)
    data = b"ASCII\n" * 100_000
    text, found = read(data + "allée des Chênes\n".encode("cp850") + data, chunk=4_096)
    assert text == data.decode() + "allée des Chênes\n" + data.decode()
    assert found == {"cp850": Lines(1, 100_001)}


def test_a_file_of_several_encodings_is_read_line_by_line_and_each_is_counted() -> None:
    lines = {"utf-8": "Café de l'Été", "cp1252": "L’Hôtel à l’Étang", "mac_roman": "12 allée des Chênes"}
    data = b"".join(f"{text}\n".encode(encoding) for encoding, text in lines.items())
    text, found = read(data)
    assert text.splitlines() == [*lines.values()]
    assert found == {"cp1252": Lines(1, 2), "macroman": Lines(1, 3)}


def test_a_line_of_two_encodings_is_right_in_both_halves() -> None:
    assert read("Café;".encode() + "Hôtel à l'étang\n".encode("cp1252"))[0] == "Café;Hôtel à l'étang\n"


@pytest.mark.parametrize("text", [*TEXTS, "ŒUVRE MAÏS À ÎLE", "L’ÉTÉ – 10 €", "N° 5 « cœur »"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("misread", ["cp1252", "latin-1"])
def test_what_was_misread_and_written_again_is_mended(misread: str, times: int, text: str) -> None:
    garbled = text
    for _ in range(times):
        garbled = garbled.encode().decode(misread, errors="cp1252-holes")
    assert read(f"{garbled}\n".encode()) == (f"{text}\n", {MISREAD: Lines(1, 1)})


@pytest.mark.parametrize("misread", ["mac_roman", "cp850"])
def test_so_is_what_old_computers_misread(misread: str) -> None:
    for text in TEXTS:
        assert read(text.encode().decode(misread).encode())[0] == text


def test_a_space_in_the_place_of_a_no_break_space_is_no_obstacle() -> None:
    assert mend(["PÃ¢tisserie Ã  emporter, voilÃ  10Â rue"]) == ["Pâtisserie à emporter, voilà 10 rue"]


@given(
    st.lists(
        st.sampled_from(
            ["a", "B", " ", "é", "É", "-", "â", "PÂT", ",", "Ü", "€", "Œ", "ï", "Î", "n°", "«", "»", "’"]
        )
    ).map("".join)
)
def test_right_text_stays_as_it_is(text: str) -> None:
    assert read(text.encode())[0] == text


@pytest.mark.parametrize("text", ["JOÃO SÃO", "CHÂTEAU", "PÂTÉ", "DÉÇU", "ÅSA", "BÜÖ", "«À LA»", "Ô ÇA"])
def test_letters_that_begin_such_sequences_are_letters_elsewhere(text: str) -> None:
    assert read(text.encode()) == (text, {})


def test_every_sequence_of_every_character_is_suspected() -> None:
    for encoding in ("cp1252", "latin-1", "mac_roman", "cp850"):
        for character in FRENCH:
            garbled = character.encode().decode(encoding, errors="cp1252-holes")
            if garbled[0] in "ÂÃÅ√≈┬├┼":  # letters; no file has odd signs alone
                assert suspected(f"a{garbled}b".encode()), (encoding, character)


@pytest.mark.parametrize("data", [b"a;\xc3;b", "CAFÃ?".encode(), "CAF\ufffd".encode(), "â€?".encode()])
def test_letters_that_are_lost_are_marked_and_said(data: bytes) -> None:
    text, found = read(data)
    assert "\ufffd" in text
    assert found[LOST_LETTERS] == Lines(1, 1)


def test_an_encoding_that_is_named_is_taken_for_every_line_and_nothing_is_mended() -> None:
    assert read("CRÊPERIE\n".encode("cp850"), "cp850") == ("CRÊPERIE\n", {"cp850": Lines(1, 1)})
    assert read("Ã©\n".encode(), "utf-8")[0] == "Ã©\n"


@given(st.binary(max_size=300), st.integers(1, 60))
def test_any_bytes_become_text_with_as_many_lines(data: bytes, chunk: int) -> None:
    text, _ = read(data, chunk=chunk)
    assert len(text.encode().splitlines()) == len(data.splitlines())
    assert read(data, chunk=chunk)[0] == text


@pytest.mark.parametrize("letter", ["x", "é", "€"])
def test_a_line_without_end_is_cut_between_two_letters(monkeypatch: pytest.MonkeyPatch, letter: str) -> None:
    monkeypatch.setattr(transcoder, "MAX_PENDING", 10)
    monkeypatch.setattr(transcoder, "FIRST_BYTES", 1)
    assert read((letter * 100).encode(), chunk=7) == (letter * 100, {})
