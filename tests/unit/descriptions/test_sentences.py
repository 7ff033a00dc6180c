"""The description by rule: right French, whatever the facts are."""

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foxreviews.descriptions.checker import plain_text
from foxreviews.descriptions.facts import Company, Facts, Town, Trade
from foxreviews.descriptions.sentences import describe
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import NAF, NAF25
from foxreviews.reference.register import BANDS, LEGAL_FORMS

ROW: dict[str, Any] = {
    "siren": "732829320", "nom": "NOVERGIE", "nom_commercial": "", "autres_noms": "", "adresse": "1 RUE HAUTE",
    "telephone": "", "email": "", "site_web": "", "latitude": 45.7, "longitude": 4.8, "ville_nom": "Lyon",
    "ville_id": "69123", "departement": "69", "naf_code": "62.01Z", "naf25_code": "62.10Y",
    "categorie_juridique": "5710", "tranche_effectif": "11", "date_creation": dt.date(2020, 1, 1),
    "is_active": True, "statut_diffusion": "O",
}  # fmt: skip
TOWN: dict[str, Any] = {
    "code_insee": "69123", "nom": "Lyon", "departement": "69", "region": "84", "population": 519_127,
    "codes_postaux": ["69001", "69002", "69003", "69004", "69005"],
}  # fmt: skip


def said(facts: Facts | None) -> str:
    """With plain spaces, to be compared."""
    assert facts
    return plain_text(describe(facts))


def company(**fields: Any) -> str:
    return said(Company.of(ROW | fields))


def town(**fields: Any) -> str:
    return said(Town.of(TOWN | fields))


def test_a_company() -> None:
    assert company() == (
        "NOVERGIE est une société par actions simplifiée créée le 1er janvier 2020 et établie à Lyon, dans le Rhône. "
        "Elle a pour activité principale la programmation informatique. Elle emploie de 10 à 19 salariés."
    )


def test_the_legal_form_decides_the_gender() -> None:
    text = company(categorie_juridique="6220", tranche_effectif="NN")
    assert "un groupement d'intérêt économique (GIE) créé le 1er janvier 2020 et établi à Lyon" in text
    assert text.endswith(
        "Il a pour activité principale la programmation informatique. Il n'emploie aucun salarié."
    )


def test_a_company_that_has_ceased_is_in_the_past_and_has_no_employees() -> None:
    assert company(is_active=False) == (
        "NOVERGIE était une société par actions simplifiée créée le 1er janvier 2020 et établie à Lyon, dans le "
        "Rhône. Elle avait pour activité principale la programmation informatique. Elle a cessé son activité."
    )


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"ville_nom": "Paris", "ville_id": None, "departement": "75"}, "établie à Paris (75)."),
        ({"ville_nom": "Paris", "ville_id": "75101", "departement": "75"},
         "établie dans le 1er arrondissement de Paris (75)."),
        ({"ville_nom": "Lyon", "ville_id": "69383"}, "établie dans le 3e arrondissement de Lyon, dans le Rhône."),
        ({"ville_nom": "Le Havre", "ville_id": "76351", "departement": "76"}, "établie au Havre, en Seine-Maritime."),
        ({"ville_nom": "LES SABLES D'OLONNE", "ville_id": None, "departement": "85"},
         "établie aux Sables-d'Olonne, en Vendée."),
        ({"ville_nom": "La Rochelle", "ville_id": "17300", "departement": "17"},
         "établie à La Rochelle, en Charente-Maritime."),
        ({"ville_nom": "Ajaccio", "ville_id": "2A004", "departement": "2A"}, "établie à Ajaccio, en Corse-du-Sud."),
        ({"ville_nom": "Saint-Denis", "ville_id": "97411", "departement": "974"},
         "établie à Saint-Denis, à La Réunion."),
        ({"ville_nom": "", "ville_id": None, "departement": "77"}, "établie en Seine-et-Marne."),
        ({"ville_nom": "LONDRES", "ville_id": None, "departement": ""}, "créée le 1er janvier 2020."),
    ],
)  # fmt: skip
def test_where_a_company_is(fields: dict[str, Any], where: str) -> None:
    first = company(**fields, naf_code="", naf25_code="", tranche_effectif="")
    assert first.endswith(where)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"tranche_effectif": "01"}, "Elle emploie 1 ou 2 salariés."),
        ({"tranche_effectif": "42"}, "Elle emploie de 1 000 à 1 999 salariés."),
        ({"tranche_effectif": "53"}, "Elle emploie 10 000 salariés ou plus."),
        ({"tranche_effectif": "00"}, "Elle n'emploie aucun salarié."),
        ({"naf_code": "43.21A"}, ("Elle a pour activité principale les travaux d'installation électrique dans tous "
         "locaux.")),
        ({"naf_code": "01.41Z"}, "Elle a pour activité principale l'élevage de vaches laitières."),
        ({"naf_code": "81.29B"}, "Son activité principale : autres activités de nettoyage."),
        ({"naf_code": "", "naf25_code": "62.10Y"}, ("Elle exerce principalement les activités de "
         "programmation informatique.")),
        ({"nom_commercial": "LE RENARD"}, "Son nom commercial est « LE RENARD »."),
    ],
)  # fmt: skip
def test_what_a_company_does_and_with_how_many(fields: dict[str, Any], sentence: str) -> None:
    text = company(**fields)
    assert re.search(rf"(?:^|\. ){re.escape(sentence.rstrip('.'))}(?:\.|[ ,])", text), text


def test_thousands_have_spaces_that_break_no_line() -> None:
    assert "1\u202f000 à 1\u202f999" in describe(Company.of(ROW | {"tranche_effectif": "42"}))


def test_the_date_that_the_register_writes_for_none_is_none() -> None:
    assert "1900" not in company(date_creation=dt.date(1900, 1, 1))
    assert company(
        date_creation=None, departement="", ville_nom="", naf_code="", naf25_code="", tranche_effectif=""
    ) == ("NOVERGIE est une société par actions simplifiée.")


def test_who_is_hidden_has_a_description_without_a_name() -> None:
    hidden = ROW | {"nom": "ODETTE FLEURS", "nom_commercial": "CHEZ ODETTE", "categorie_juridique": "1000"}
    text = said(Company.of(hidden | {"statut_diffusion": "P"}))
    assert "ODETTE" not in text
    assert text.startswith(
        "Cette entreprise, dont le nom n'est pas diffusé, est une entreprise individuelle créée"
    )


def test_of_a_sole_trader_nothing_says_he_or_she() -> None:
    assert company(nom="ODETTE FLEURS", categorie_juridique="1000").startswith(
        "ODETTE FLEURS est une entreprise individuelle créée le 1er janvier 2020"
    )


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, ("Lyon est une commune située dans le Rhône, en Auvergne-Rhône-Alpes. Elle compte 519 127 habitants. Elle "
         "a 5 codes postaux.")),
        ({"code_insee": "76351", "nom": "Le Havre", "departement": "76", "region": "28", "population": 165_830,
          "codes_postaux": ["76600", "76610"]},
         ("Le Havre est une commune située en Seine-Maritime, en Normandie. Elle compte 165 830 habitants. Ses codes "
         "postaux sont 76600 et 76610.")),
        ({"code_insee": "75056", "nom": "Paris", "departement": "75", "region": "11", "population": 2_103_778,
          "codes_postaux": []}, "Paris est une commune située en Île-de-France. Elle compte 2 103 778 habitants."),
        ({"code_insee": "75115", "nom": "Paris 15e Arrondissement", "departement": "75", "region": "11",
          "population": None, "codes_postaux": ["75015"]},
         ("Le 15e arrondissement de Paris est un arrondissement municipal situé en Île-de-France. Son code postal est "
         "75015.")),
        ({"code_insee": "97411", "nom": "Saint-Denis", "departement": "974", "region": "04", "population": 1,
          "codes_postaux": ["97400"]},
         "Saint-Denis est une commune située à La Réunion. Elle compte un habitant. Son code postal est 97400."),
        ({"code_insee": "55039", "nom": "Beaumont-en-Verdunois", "departement": "55", "region": "44", "population": 0,
          "codes_postaux": ["55100"]},
         ("Beaumont-en-Verdunois est une commune située dans la Meuse, dans le Grand Est. Elle ne compte aucun "
         "habitant. Son code postal est 55100.")),
        ({"code_insee": "99138", "nom": "Monaco", "departement": "", "region": "", "population": None,
          "codes_postaux": ["98000"]}, "Monaco est une commune. Son code postal est 98000."),
    ],
)  # fmt: skip
def test_a_town(fields: dict[str, Any], text: str) -> None:
    assert town(**fields) == text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("43.22A", ("Les travaux d'installation d'eau et de gaz en tous locaux relèvent de la section « Construction » "
         "de la NAF rév. 2, sous le code 43.22A. Leur code est 43.22G dans la NAF 2025. Noms courants : plomberie et "
         "plombier.")),
        ("62.01Z", ("La programmation informatique relève de la section « Information et communication » de la NAF "
         "rév. 2, sous le code 62.01Z. Son code est 62.10Y dans la NAF 2025. Nom courant : développeur.")),
        ("81.29B", None),
    ],
)  # fmt: skip
def test_a_trade(code: str, text: str | None) -> None:
    shown = said(Trade.of(code))
    if text is None:
        assert "cette activité relève de la section" in shown
    else:
        assert shown == text


def test_a_code_that_no_nomenclature_has_is_no_trade() -> None:
    assert Trade.of("00.00Z") is None


COMPANIES = st.fixed_dictionaries({
    "nom": st.sampled_from(["NOVERGIE", "3M", "L'ŒUVRE", "DEUX", "12", "C++ (FRANCE)", "[ND]", "LYON"]),
    "nom_commercial": st.sampled_from(["", "LE RENARD", "24 H", "NOVERGIE"]),
    "categorie_juridique": st.sampled_from(["", "9999", *LEGAL_FORMS]),
    "naf_code": st.sampled_from(["", "00.00Z", *NAF]),
    "naf25_code": st.sampled_from(["", *NAF25]),
    "tranche_effectif": st.sampled_from(["", "NN", *BANDS]),
    "date_creation": st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2027, 1, 1)),
    "is_active": st.booleans(),
    "statut_diffusion": st.sampled_from("OP"),
    "departement": st.sampled_from(["", *DEPARTEMENTS]),
    "ville_nom": st.sampled_from(["", "Lyon", "Le Havre", "PARIS", "L'Haÿ-les-Roses"]),
    "ville_id": st.sampled_from([None, "69123", "75115"]),
})  # fmt: skip


@given(COMPANIES)
def test_whatever_is_known_the_sentences_are_well_formed(fields: dict[str, Any]) -> None:
    text = describe(Company.of(ROW | fields))
    assert text.endswith(".")
    assert not re.search(r"  |\.\.| ,| \.|\bNone\b|\bde (?:le|les) |\bà (?:le|les) |n\.c\.a|\[ND\]", text), (
        text
    )


@given(COMPANIES)
def test_only_public_legal_persons_may_be_sent(fields: dict[str, Any]) -> None:
    facts = Company.of(ROW | fields)
    form = fields["categorie_juridique"]
    is_person = not re.fullmatch(r"[03-9]\d{3}|2[04-9]\d\d", form)
    assert facts.may_leave is (
        fields["statut_diffusion"] == "O" and not is_person and fields["nom"] != "[ND]"
    )
