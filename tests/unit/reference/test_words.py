"""What is typed and what is indexed go through the same door."""

from itertools import chain, pairwise
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foxreviews.enterprise.privacy import PUBLIC
from foxreviews.reference.text import fold
from foxreviews.reference.words import distance, joined, key, street_words, words
from foxreviews.search.index import document

# What the rules are about, and what they must leave alone
PIECES = (
    *("L", "D", "QU", "S", "M", "N", "A", "Y", "H", "3", "7E", "1ER", "03", "ST", "STE", "BD", "AV", "ET"),
    *(
        "OEUVRE",
        "ARTAGNAN",
        "MARTIN",
        "DU",
        "TOTAL",
        "ENERGIES",
        "Œuvre",
        "été",
        "ß",
        "&",
        "'",
        "’",
        ".",
        "-",
    ),
)
NAMES = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).flatmap(
    lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces), ".".join(pieces)])
)
MANY, FEW = st.lists(NAMES, min_size=10, max_size=10), settings(max_examples=10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L'Œuvre de St-Étienne", "OEUVRE DE SAINT ETIENNE"),
        ("l oeuvre de saint etienne", "OEUVRE DE SAINT ETIENNE"),
        ("d'Artagnan", "ARTAGNAN"),
        ("S.N.C.F.", "SNCF"),
        ("H&M", "HM"),
        ("H & M HENNES & MAURITZ", "HM HENNES MAURITZ"),
        ("S.A.S ANDRIEUX", "SAS ANDRIEUX"),
        ("C.M.N. Industrie", "CMN INDUSTRIE"),
        ("J.L. IMMOBILIER", "JL IMMOBILIER"),
        ("EARL dans le 7 n'oeufs", "EARL DANS LE 7 OEUFS"),
        ("3 M", "3M"),
        ("Lyon 3ème", "LYON 3"),
        ("LE 1ER ETAGE", "LE 1 ETAGE"),
    ],
)
def test_words_are_distinguished_as_people_hear_them(text: str, expected: str) -> None:
    assert " ".join(words(text)) == expected


def test_the_kind_of_way_is_written_in_full() -> None:
    assert street_words("12 bd de l'Hôpital") == ["12", "BOULEVARD", "DE", "HOPITAL"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 … 14 B RUE DES LILAS", "10 14 B RUE DES LILAS 11 12 13"),
        ("BATIMENT 12, 4 B … 6 AV FOCH", "BATIMENT 12 4B 6 AVENUE FOCH 5"),
        ("7 … 9", "7 9 8"),
        ("9 … 7 RUE", "9 7 RUE"),
        ("1 … 9999 RUE", " ".join(["1 9999 RUE", *map(str, range(2, 102))])),
    ],
)
def test_an_address_from_one_number_to_another_has_those_between(text: str, expected: str) -> None:
    assert street_words(text) == expected.split() == indexed(adresse=text)["adresse"].split()


def test_each_other_name_is_indexed_by_its_kind() -> None:
    """A doubtful name has words, and no key by which its company would stand before others."""
    made = indexed(
        nom="COMITE COMMUN",
        nom_commercial="CANTINE COMMUNE",
        autres_noms="enseigne:CANTINE COMMUNE\tsigle:C.C.F.\tdenomination_usuelle:Petit Comité",
    )
    assert made["key"] == "COMITECOMMUN CANTINECOMMUNE CCF"
    assert made["nom"] == "COMITE COMMUN CANTINE COMMUNE CCF PETIT COMITE"
    assert made["autre"] == "CANTINE COMMUNE CCF"
    assert sorted(made["hors_nom"].split()) == ["CANTINE", "CCF", "COMMUNE", "PETIT"]
    assert "PETITCOMITE" in made["joined"].split()


def test_a_commercial_name_that_is_listed_has_the_kind_that_it_is_listed_under() -> None:
    made = indexed(nom="A", nom_commercial="CHEZ B", autres_noms="denomination_usuelle:CHEZ B")
    assert (made["key"], made["nom"], made["autre"], made["hors_nom"]) == ("A", "A CHEZ B", "", "CHEZ B")
    assert indexed(nom="A", nom_commercial="a")["autre"] == ""


def test_neighbours_are_joined() -> None:
    assert joined("CLIN D OEIL") == ["CLIND", "DOEIL", "CLINDOEIL"]
    assert key("S.N.C.F.") == key("sncf") == "SNCF"


def indexed(**texts: str) -> dict[str, str]:
    """The document of a company with these texts."""
    (made,) = all_indexed([texts])
    return made


def all_indexed(companies: list[dict[str, str]]) -> list[dict[str, str]]:
    """The documents of companies with these texts: one frame for all."""
    row: dict[str, Any] = dict.fromkeys(document.COLUMNS, "")
    row |= {"siren": "732829320", "statut_diffusion": PUBLIC, "is_active": True, "latitude": None}
    types = {"is_active": pl.Boolean, "latitude": pl.Float64}
    schema = {name: types.get(name, pl.String) for name in document.COLUMNS}
    frame = pl.DataFrame([row | texts for texts in companies], schema)
    empty = dict.fromkeys(chain.from_iterable(document.OFTEN_EMPTY), "")
    return [empty | orjson.loads(each) for each in document.documents(frame)]


@FEW
@given(noms=MANY)
def test_a_name_is_indexed_as_it_is_looked_for(noms: list[str]) -> None:
    for nom, made in zip(noms, all_indexed([{"nom": nom} for nom in noms]), strict=True):
        assert made["nom"].split() == words(nom)
        assert made["key"].split() == ([key(nom)] if key(nom) else [])
        folded = fold(nom).split()
        neighbours = {a + b for a, b in pairwise(folded)} if len(folded) > 2 else set()
        assert neighbours <= set(made["joined"].split()) <= set(joined(nom))


@FEW
@given(adresses=MANY)
def test_an_address_is_indexed_as_it_is_looked_for(adresses: list[str]) -> None:
    found = all_indexed([{"adresse": adresse} for adresse in adresses])
    assert [made["adresse"].split() for made in found] == [*map(street_words, adresses)]


@FEW
@given(noms=MANY)
def test_a_town_is_indexed_as_it_is_looked_for(noms: list[str]) -> None:
    found = all_indexed([{"ville_nom": nom} for nom in noms])
    assert [made["lieu"].split() for made in found] == [*map(words, noms)]


LETTERS = st.text(alphabet="ABC", max_size=8)


@given(LETTERS, LETTERS, st.integers(0, 3))
def test_a_distance_is_the_number_of_changes_or_one_more_than_the_limit(
    one: str, other: str, limit: int
) -> None:
    assert distance(one, other, limit) == min(_changes(one, other), limit + 1)


def _changes(one: str, other: str) -> int:
    """As the definition has it: the whole table."""
    table = [[i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            swapped = i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]
            table[i][j] = min(
                table[i - 1][j] + 1,
                table[i][j - 1] + 1,
                table[i - 1][j - 1] + (one[i - 1] != other[j - 1]),
                table[i - 2][j - 2] + 1 if swapped else table[i - 1][j] + 1,
            )
    return table[-1][-1]
