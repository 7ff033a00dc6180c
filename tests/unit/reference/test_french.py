"""French as sentences need it: each département and région with its preposition, each label with its article."""

import datetime as dt
import re

import pytest

from foxreviews.reference import french, rows
from foxreviews.reference.geography import DEPARTEMENTS, REGIONS
from foxreviews.reference.naf import NAF, NAF25
from foxreviews.reference.register import FORM_PHRASES, LEGAL_FORMS

SHAPE = re.compile(r"(?:à|en|dans (?:le|la|les)) (?P<plain>.+)|dans l'(?P<elided>.+)")


@pytest.mark.parametrize("code", DEPARTEMENTS)
def test_every_departement_has_its_preposition(code: str) -> None:
    said = SHAPE.fullmatch(french.in_departement(code))
    assert said
    assert (said["plain"] or said["elided"]) == DEPARTEMENTS[code].nom
    assert bool(said["elided"]) <= (french.is_elided(DEPARTEMENTS[code].nom) or code == "89")  # l'Yonne
    if DEPARTEMENTS[code].nom.startswith(("Hautes-", "Hauts-", "Côtes-", "Deux-", "Alpes-")):
        assert said[0].startswith("dans les ")
    if "-et-" in DEPARTEMENTS[code].nom and DEPARTEMENTS[code].region:
        assert said[0].startswith("en "), "the names of two rivers"


def test_there_are_101_departements_and_18_regions() -> None:
    in_a_region = [each for each in DEPARTEMENTS.values() if each.region]
    assert (len(in_a_region), len(REGIONS)) == (101, 18)


@pytest.mark.parametrize("code", REGIONS)
def test_every_region_has_its_preposition(code: str) -> None:
    said = SHAPE.fullmatch(french.in_region(code))
    assert said
    assert said["plain"] == REGIONS[code]


def test_the_table_of_areas_names_nothing_that_there_is_not() -> None:
    known = {"departement": DEPARTEMENTS, "region": REGIONS}
    assert all(row["code"] in known[row["kind"]] for row in rows("area_phrases"))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("69", "dans le Rhône"), ("77", "en Seine-et-Marne"), ("75", "à Paris"), ("2A", "en Corse-du-Sud"),
        ("01", "dans l'Ain"), ("22", "dans les Côtes-d'Armor"), ("974", "à La Réunion"), ("976", "à Mayotte"),
        ("971", "en Guadeloupe"), ("90", "dans le Territoire de Belfort"), ("50", "dans la Manche"), ("99", ""),
    ],
)  # fmt: skip
def test_departements_as_they_are_said(code: str, said: str) -> None:
    assert french.in_departement(code) == said


@pytest.mark.parametrize(
    ("nom", "said"),
    [
        ("Lyon", "à Lyon"), ("Le Havre", "au Havre"), ("Les Sables-d'Olonne", "aux Sables-d'Olonne"),
        ("La Rochelle", "à La Rochelle"), ("L'Haÿ-les-Roses", "à L'Haÿ-les-Roses"), ("Lesneven", "à Lesneven"),
        ("Le", "à Le"), ("Abbeville", "à Abbeville"), ("Saint-Pierre-le-Moûtier", "à Saint-Pierre-le-Moûtier"),
    ],
)  # fmt: skip
def test_towns_as_they_are_said(nom: str, said: str) -> None:
    assert french.in_town(nom) == said


def test_numbers_and_dates() -> None:
    assert french.number(999) == "999"
    assert french.number(2_103_778) == "2\u202f103\u202f778"
    assert french.date(dt.date(2020, 1, 1)) == "1er janvier 2020"
    assert french.date(dt.date(1999, 8, 31)) == "31 août 1999"
    assert french.listed([]) == ""
    assert french.listed(["a"]) == "a"
    assert french.listed(["a", "b", "c"]) == "a, b et c"


LABELS = sorted({*NAF.values(), *NAF25.values()})


@pytest.mark.parametrize("label", LABELS)
def test_every_activity_has_an_article_or_cannot_have_one(label: str) -> None:
    said, plain = french.activity(label), french.lowered(label)
    assert "n.c.a" not in said + plain
    if said:
        article = re.fullmatch(r"(l'|le |la |les )(.*)", said)
        assert article
        assert article[2] == plain
        assert (article[1] == "l'") is (french.is_elided(plain) and article[1] != "les ")
        return
    first = plain.split(" ", 1)[0]
    assert first in {"autre", "autres", "tous", "toutes"} or re.match(r"\S+,|\S+ (?:et|ou) |.*;", plain)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Programmation informatique", "la programmation informatique"),
        ("Élevage de vaches laitières", "l'élevage de vaches laitières"),
        ("Hébergement social pour personnes âgées", "l'hébergement social pour personnes âgées"),
        ("Travaux de démolition", "les travaux de démolition"),
        ("Édition de logiciels système et de réseau", "l'édition de logiciels système et de réseau"),
        ("Action sociale sans hébergement n.c.a.", "l'action sociale sans hébergement"),
        ("Achat et vente de biens propres", ""),
        ("Autres activités de nettoyage n.c.a.", ""),
    ],
)
def test_activities_as_they_are_said(label: str, said: str) -> None:
    assert french.activity(label) == said


@pytest.mark.parametrize("code", LEGAL_FORMS)
def test_every_legal_form_is_one_thing_with_its_article(code: str) -> None:
    said = FORM_PHRASES[code]
    assert re.match(r"(?:un|une) \w|l'institution Banque de France", said)
    assert not re.search(r"autre|s\.a\.i|sans autre indication|Société|Autre|\(Autre", said)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1000", "une entreprise individuelle"), ("5710", "une société par actions simplifiée"),
        ("6220", "un groupement d'intérêt économique (GIE)"), ("9220", "une association déclarée"),
        ("7344", "une métropole"), ("5499", "une société à responsabilité limitée"), ("7220", "un département"),
        ("6561", "une SCP d'avocats"), ("8210", "une mutuelle"), ("9110", "un syndicat de copropriété"),
    ],
)  # fmt: skip
def test_legal_forms_as_they_are_said(code: str, said: str) -> None:
    assert FORM_PHRASES[code] == said
