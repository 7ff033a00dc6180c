"""Public tables are read whatever their vintage, and whatever happened to some of their lines."""

from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.location.sources.insee import CENSUS, COG
from foxreviews.location.sources.laposte import LAYOUT, PostalPlace
from foxreviews.location.sources.table import Reading, WrongTableError, lines_of, read

HEADER = "Code_commune_INSEE;Nom_commune;Code_postal;Libelle_acheminement;Ligne_5;coordonnees_gps"
AMIENS = "80021;AMIENS;80000;AMIENS;;49.9, 2.29"


def read_post(*lines: str) -> Reading[PostalPlace]:
    return read(lines, "villes.csv", LAYOUT)


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        "#Code_commune_INSEE;Nom_de_la_commune;Code_postal;Libellé_d_acheminement;Ligne_5;_geopoint",
        "code commune insee;NOM COMMUNE;code postal;libellé acheminement;ligne 5;Coordonnées GPS",
    ],
)
def test_every_vintage_of_the_header_is_understood(header: str) -> None:
    assert read_post(header, AMIENS).rows == [
        PostalPlace("80021", "AMIENS", "80000", "AMIENS", "", (49.9, 2.29))
    ]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_the_columns_may_be_separated_by_semicolons_commas_or_tabs(separator: str) -> None:
    line = separator.join(["80021", "AMIENS", "80000", "AMIENS", "", '"49.9, 2.29"'])
    assert read_post(HEADER.replace(";", separator), line).rows[0].position == (49.9, 2.29)


def test_a_file_without_labels_and_positions_is_enough() -> None:
    rows = read_post("Code_postal;Nom_commune;Code_commune_INSEE", "80000;AMIENS;80021").rows
    assert rows == [PostalPlace("80021", "AMIENS", "80000", "", "", None)]


def test_the_zero_that_a_spreadsheet_dropped_is_put_back() -> None:
    delivery = read_post(HEADER, "1004;AMBERIEU EN BUGEY;1500;;;").rows[0]
    assert (delivery.code_insee, delivery.code_postal) == ("01004", "01500")


def test_corsica_is_known_in_small_letters() -> None:
    assert read_post(HEADER, "2a004;AJACCIO;20000;;;").rows[0].code_insee == "2A004"


@pytest.mark.parametrize("position", ["", "here", "48.8", "148.8, 2.3", "48.8, 1e400", "nan, nan"])
def test_a_position_that_is_none_does_not_cost_the_town(position: str) -> None:
    assert read_post(HEADER, f'80021;AMIENS;80000;;;"{position}"').rows[0].position is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("XX021;AMIENS;80000;;;", "code-insee"),
        ("00000;AMIENS;80000;;;", "code-insee"),
        ("2C004;AMIENS;80000;;;", "code-insee"),
        ("٨٠٠٢١;AMIENS;80000;;;", "code-insee"),
        ("80021;;80000;;;", "nom"),
        ("80021;!!!;80000;;;", "nom"),
        (f"80021;{'A' * 49};80000;;;", "nom"),
        ("80021;AMI\x00ENS;80000;;;", "nom"),
        ("80021;AMIENS;8000A;;;", "code-postal"),
        ("80021;AMIENS;00120;;;", "code-postal"),
        ("80021;AMIENS", "too-few-fields"),
        ("80021;AMIENS;80000;;;;more", "too-many-fields"),
        ('80021;"AMIENS;80000;;;', "broken-quotes"),
    ],
)
def test_a_bad_line_is_set_aside_with_its_number_and_reason(line: str, reason: str) -> None:
    reading = read_post(HEADER, AMIENS, line, AMIENS)
    assert len(reading.rows) == 2
    assert [(reject.line, reject.reason) for reject in reading.rejects] == [(3, reason)]
    assert reading.rejects_by_reason == {reason: 1}


def test_lines_without_a_value_are_blank() -> None:
    reading = read_post("", HEADER, "", ";;;;;", "  \t", AMIENS)
    assert (reading.records, reading.blank, len(reading.rows)) == (4, 3, 1)


def test_the_wrong_file_is_reported_with_what_it_lacks_and_what_it_has() -> None:
    with pytest.raises(WrongTableError) as error:
        read_post("siren,nom,code_postal", "732829320,FOX,75001")
    assert "villes.csv has no column Code_commune_INSEE, Nom_commune" in str(error.value)
    assert "siren, nom, code_postal" in str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize("lines", [[], ["", "  "]])
def test_an_empty_file_is_reported(lines: list[str]) -> None:
    with pytest.raises(WrongTableError, match=r"villes\.csv is empty"):
        read_post(*lines)


def test_the_populations_and_the_geographic_code_are_not_taken_for_each_other() -> None:
    with pytest.raises(WrongTableError, match="no column Commune, PMUN"):
        read(["TYPECOM,COM,REG,LIBELLE,COMPARENT"], "cog.csv", CENSUS)
    with pytest.raises(WrongTableError, match="no column TYPECOM"):
        read(["COM;Commune;PMUN"], "population.csv", COG)


def test_a_population_may_have_spaces_and_must_be_a_number() -> None:
    reading = read(["COM;Commune;PMUN", "80021;Amiens;136 449", "80001;Abbeville;n.d."], "p.csv", CENSUS)
    assert [row.population for row in reading.rows] == [136_449]
    assert reading.rejects_by_reason == {"pmun": 1}


@given(st.lists(st.text(max_size=60)))
def test_every_line_is_used_or_set_aside_or_blank_whatever_it_holds(lines: list[str]) -> None:
    reading = read_post(HEADER, *lines)
    assert reading.records == len(lines) == len(reading.rows) + len(reading.rejects) + reading.blank


@given(st.lists(st.text("\r\né;\"'8AMIENS0", max_size=40)), st.integers(1, 20))
def test_lines_are_the_same_however_the_bytes_come(texts: list[str], size: int) -> None:
    data = "\r\n".join(texts).encode()
    assert list(lines_of(in_chunks(data, size))) == list(lines_of(BytesIO(data).read))
    assert "".join(lines_of(in_chunks(data, size))).encode() == data


def in_chunks(data: bytes, size: int) -> Callable[[], bytes]:
    source = BytesIO(data)
    return lambda: source.read(size)


def test_a_line_that_is_not_utf_8_is_read_as_cp1252() -> None:
    data = "Éragny\n".encode() + "Éragny\n".encode("cp1252") + b"\x81\n"
    assert list(lines_of(BytesIO(data).read)) == ["Éragny\n", "Éragny\n", "\x81\n"]
