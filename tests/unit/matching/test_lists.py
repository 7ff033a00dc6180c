"""The header of a list: any columns, of which some say what of a company."""

import pytest

from foxreviews.core.errors import UsageError
from foxreviews.matching.lists import SYNONYMS, ListColumns, find_header, parse_mapping
from foxreviews.matching.record import FIELDS
from foxreviews.reading.buffer import Buffer
from foxreviews.reading.errors import WrongColumns


def header(text: str, mapping: dict[str, str] | None = None) -> ListColumns:
    pieces = [text.encode()]
    return find_header(Buffer(lambda: pieces.pop() if pieces else b""), "list.csv", mapping)


def test_synonyms_are_known_and_all_other_columns_are_kept() -> None:
    columns = header("Id;Raison sociale;Adresse;CP;Ville;Tél;N° TVA;Code INSEE\n")
    assert columns.delimiter == ";"
    assert columns.titles == ("Id", "Raison sociale", "Adresse", "CP", "Ville", "Tél", "N° TVA", "Code INSEE")
    assert columns.places == {
        "nom": (1,),
        "adresse": (2,),
        "code_postal": (3,),
        "ville_nom": (4,),
        "tva": (6,),
        "code_commune": (7,),
    }
    assert columns.values(["7", "A", "B", "C", "D", "E", "F", "G"])["tva"] == "F"


def test_titles_above_the_header_are_passed_over() -> None:
    columns = header("Clients 2026\n\nnom,ville\n")
    assert (columns.line, columns.titles) == (3, ("nom", "ville"))


def test_a_street_in_several_columns_is_put_together() -> None:
    columns = header("nom,numéro voie,type voie,libellé voie,ville\n")
    assert columns.values(["A", "12", "RUE", "DE LYON", "X"])["adresse"] == "12 RUE DE LYON"


def test_one_column_with_numbers_will_do() -> None:
    assert header("TVA intracommunautaire|x\n").places == {"tva": (0,)}


def test_a_mapped_column_wins() -> None:
    columns = header("nom,client,ville\n", {"client": "nom", "ville": ""})
    assert columns.places == {"nom": (1,)}


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "ville,adresse\n", "\n\n", ""])
def test_a_list_that_names_no_company_is_refused(text: str) -> None:
    with pytest.raises(WrongColumns):
        header(text)


def test_a_mapping_of_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(WrongColumns, match="no column 'Nmo'"):
        header("nom,ville\n", {"Nmo": "nom"})


@pytest.mark.parametrize("argument", ["nom", "=nom", "A=nmo"])
def test_a_mapping_that_is_not_understood_is_refused(argument: str) -> None:
    with pytest.raises(UsageError):
        parse_mapping([argument])


def test_every_field_that_a_list_may_call_otherwise_is_one_of_a_record() -> None:
    assert {*SYNONYMS} <= {*FIELDS}
