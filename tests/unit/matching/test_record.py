"""A line becomes a record: what is in the wrong column is moved, what is no text goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.location.lookup import Commune, VilleLookup
from foxreviews.matching.record import FIELDS, MAX_CHARACTERS, Record, address, read
from foxreviews.matching.towns import Towns

MONTAUBAN, PARIS, DISTRICT, LE_MANS, SAINT_DENIS, OTHER_SAINT_DENIS, ROISSY, AMBERIEU = (
    Commune("82121", "Montauban", "82", ["82000"], "MONTAUBAN", [], None),
    Commune("75056", "Paris", "75", ["75001", "75011"], "PARIS", [], None),
    Commune("75111", "Paris 11e Arrondissement", "75", ["75011"], "PARIS 11", [], "75056"),
    Commune("72181", "Le Mans", "72", ["72000", "72100"], "LE MANS", [], None),
    Commune("93066", "Saint-Denis", "93", ["93200"], "SAINT DENIS", [], None),
    Commune("97411", "Saint-Denis", "974", ["97400"], "SAINT DENIS", [], None),
    Commune("95527", "Roissy-en-France", "95", ["95700"], "ROISSY EN FRANCE", [], None),
    Commune("01004", "Ambérieu-en-Bugey", "01", ["01500"], "AMBERIEU EN BUGEY", [], None),
)
TOWNS = Towns(
    VilleLookup([MONTAUBAN, PARIS, DISTRICT, LE_MANS, SAINT_DENIS, OTHER_SAINT_DENIS, ROISSY, AMBERIEU]),
    {"82121": (4898.0, 103.0), "75056": (5430.0, 180.0)},
    {"MONTAUBAN": "82121", "LE MANS": "72181", "ROISSY EN FRANCE": "95527"},
)


def record(**values: str) -> Record:
    return read(values, TOWNS)


def test_a_clean_line_is_read_as_it_is() -> None:
    found = record(
        nom="NOVERGIE", adresse="786 avenue de Gasseras", code_postal="82000", ville_nom="MONTAUBAN"
    )
    assert (found.names, found.code_commune, found.departement) == (("NOVERGIE",), "82121", "82")
    assert found.address == address("786 AV DE GASSERAS")
    assert found.address.numbers == {"786"}
    assert found.address.street == ("GASSERAS",)


@pytest.mark.parametrize(
    "values",
    [
        {"code_postal": "82000 Montauban"},
        {"ville_nom": "82000 MONTAUBAN CEDEX"},
        {"code_postal": "Montauban", "ville_nom": "82000"},
        {"code_postal": "F-82000", "ville_nom": "montauban"},
        {"code_postal": "82000.0", "ville_nom": "Montauban"},
        {"adresse": "786 avenue de Gasseras, 82000 MONTAUBAN"},
        {"ville_nom": "MONTAUBAN"},
        {"code_commune": "82121"},
    ],
)
def test_the_town_is_found_wherever_it_stands(values: dict[str, str]) -> None:
    found = record(nom="NOVERGIE", **values)
    assert (found.code_commune, found.departement) == ("82121", "82")


GASSERAS = "786 avenue de Gasseras"


@pytest.mark.parametrize(
    "values",
    [
        {"adresse": f"{GASSERAS} 82000 MONTAUBAN"},
        {"adresse": f"{GASSERAS}, 82000 Montauban, France"},
        {"adresse": f"{GASSERAS} - 82000 - MONTAUBAN CEDEX 2"},
        {"adresse": f"{GASSERAS}, 82 000 Montauban"},
        {"adresse": f"{GASSERAS}, Montauban (82000)"},
        {"adresse": f"{GASSERAS} MONTAUBAN 82000"},
        {"adresse": f"{GASSERAS}, F-82000 Montauban"},
        {"adresse": f"{GASSERAS}, Montauban"},
        {"adresse": f"{GASSERAS} 82000 MONTAUBAN", "code_postal": "82000", "ville_nom": "Montauban"},
        {"adresse": GASSERAS, "ville_nom": "Montauban (82)"},
        {"adresse": GASSERAS, "code_postal": "82", "ville_nom": "Montauban"},
        {"adresse": GASSERAS, "code_postal": "82000 MONTAUBAN CEDEX 2"},
        {"adresse": GASSERAS, "departement": "Tarn-et-Garonne", "ville_nom": "MONTAUBAN"},
        {"adresse": GASSERAS, "departement": "82", "ville_nom": "MONTAUBAN, FRANCE"},
    ],
)
def test_an_address_in_one_text_is_taken_apart(values: dict[str, str]) -> None:
    found = record(nom="NOVERGIE", **values)
    assert (found.code_commune, found.departement) == ("82121", "82")
    assert found.address == address(GASSERAS)


def test_a_town_that_several_are_called_is_that_of_the_departement() -> None:
    assert record(nom="A", ville_nom="SAINT-DENIS", departement="93").code_commune == "93066"
    assert record(nom="A", ville_nom="Saint-Denis (974)").code_commune == "97411"
    assert record(nom="A", ville_nom="SAINT-DENIS").code_commune == ""


@pytest.mark.parametrize(
    ("values", "code_commune"),
    [
        ({"ville_nom": "MANS (LE)"}, "72181"),
        ({"adresse": "12 rue de Lyon, 75011 Paris 11e arrondissement"}, "75111"),
        ({"ville_nom": "Roissy en France"}, "95527"),
        ({"code_commune": "1004"}, "01004"),
    ],
)
def test_a_town_is_known_as_lists_write_it(values: dict[str, str], code_commune: str) -> None:
    assert record(nom="A", **values).code_commune == code_commune


@pytest.mark.parametrize(
    "adresse", ["12 rue de Lyon BP 82000 Ville", "12 rue de Lyon CS 82000", "3 rue du 8 mai 1945"]
)
def test_the_number_of_a_box_is_no_postal_code(adresse: str) -> None:
    found = record(nom="A", adresse=adresse)
    assert (found.code_postal, found.adresse) == ("", adresse)


def test_what_programs_write_for_nothing_is_nothing() -> None:
    found = record(
        nom="NOVERGIE",
        nom_commercial="NULL",
        adresse="-",
        ville_nom="nan",
        code_postal="N/A",
        naf_code="#N/A",
    )
    assert found == record(nom="NOVERGIE")
    assert record(nom="NC").names == ("NC",)


@pytest.mark.parametrize(
    ("nom", "read_as"),
    [
        ("DUPONT &amp; FILS", "DUPONT & FILS"),
        ("L&#039;ATELIER", "L'ATELIER"),
        ("SOCI\ufffdT\ufffd G\ufffdN\ufffdRALE", "SOCIETE GENERALE"),
        ("FOURRI?RE DU PORT", "FOURRIERE DU PORT"),
        ("SOCI?T? DE L?ATELIER", "SOCIETE DE L'ATELIER"),
        ("QUI VIENT ?", "QUI VIENT ?"),
    ],
)
def test_what_programs_made_of_letters_is_undone_or_left_out(nom: str, read_as: str) -> None:
    assert record(nom=nom).names == (read_as,)


def test_a_mayors_office_is_that_of_the_lines_town() -> None:
    assert record(nom="Mairie", ville_nom="Montauban").names == ("Mairie Montauban", "Mairie")
    assert record(nom="Mairie").names == ("Mairie",)
    assert record(nom="Mairie de Paris", ville_nom="Montauban").names == ("Mairie de Paris",)


def test_a_spreadsheet_has_taken_the_zero_of_a_postal_code() -> None:
    assert record(nom="A", code_postal="1000").code_postal == "01000"


@pytest.mark.parametrize("nom", ["12 RUE DE LYON", "145 r. DE LA REPUBLIQUE", "RUE DES ECOLES"])
def test_name_and_address_that_were_exchanged_are_put_right(nom: str) -> None:
    found = record(nom=nom, adresse="Schmidt Services")
    assert (found.names, found.adresse) == (("Schmidt Services",), nom)


def test_a_name_that_stands_in_the_address_alone_is_a_name() -> None:
    assert record(adresse="lpc produits papiers").names == ("lpc produits papiers",)
    assert record(adresse="12 rue de Lyon").names == ()


def test_a_restaurant_that_is_called_after_its_street_keeps_its_name() -> None:
    assert record(nom="RUE DE LA SOIF", adresse="12 quai du Port").names == ("RUE DE LA SOIF",)


@pytest.mark.parametrize(
    ("values", "siren", "siret"),
    [
        ({"siren": "622 012 748"}, "622012748", ""),
        ({"siren": "62201274800977"}, "622012748", "62201274800977"),
        ({"siret": "622 012 748 00977"}, "622012748", "62201274800977"),
        ({"tva": "FR 77 622012748"}, "622012748", ""),
        ({"siren": "622012749"}, "", ""),
        ({"siren": "000000000"}, "", ""),
        ({"siren": "n/a"}, "", ""),
        ({"siret": "6580195.0", "siren": ""}, "", ""),
        ({"siren": "6580195"}, "006580195", ""),
    ],
)
def test_a_number_counts_where_its_key_holds(values: dict[str, str], siren: str, siret: str) -> None:
    found = record(nom="A", **values)
    assert (found.siren, found.siret) == (siren, siret)


def test_the_trade_is_read_as_a_code_or_in_words() -> None:
    assert record(nom="A", naf_code="3811Z").naf_code == "38.11Z"
    assert "10.71C" in record(nom="A", naf_code="boulangerie").trade_codes


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=400)))
def test_whatever_stands_in_a_line_becomes_a_record(values: dict[str, str]) -> None:
    found = read(values, TOWNS)
    for text in (*found.names, found.adresse, found.ville_nom):
        assert len(text) <= MAX_CHARACTERS
        assert not any(letter in text for letter in "\0\n\r\t")
    assert found.code_postal == "" or (len(found.code_postal) == 5 and found.code_postal.isascii())
    assert found.siren == "" or len(found.siren) == 9


def test_a_megabyte_in_a_cell_is_cut() -> None:
    assert len(record(nom="A" * 1_000_000).names[0]) == MAX_CHARACTERS
