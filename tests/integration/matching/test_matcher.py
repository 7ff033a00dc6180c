"""Lines and the companies that they mean, through the index and the database."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from foxreviews.enterprise.models import Etablissement
from foxreviews.enterprise.privacy import PARTIAL
from foxreviews.location.models import Ville
from foxreviews.matching.errors import NoIndexError
from foxreviews.matching.matcher import Match, match
from foxreviews.matching.record import read
from foxreviews.matching.towns import Towns
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.reference.register import NATURAL_PERSON

pytestmark = pytest.mark.django_db
Add = Callable[..., Any]

LYON = {"code_postal": "69003", "ville_nom": "Lyon", "ville_id": "69123", "departement": "69"}
NANTES = {"code_postal": "44000", "ville_nom": "Nantes", "ville_id": "44109", "departement": "44"}
SIRENS = [siren_with_key(30_000_000 + number) for number in range(40)]


@pytest.fixture
def directory(company: Add, etablissement: Add, index: Callable[[], None]) -> None:
    """Some companies in Lyon and Nantes, many that are called alike, and an index of them."""
    for code, nom, codes, departement, place in (
        ("69123", "Lyon", ["69001", "69003"], "69", (45.75, 4.85)),
        ("44109", "Nantes", ["44000", "44100"], "44", (47.22, -1.55)),
        ("69266", "Villeurbanne", ["69100"], "69", (45.77, 4.89)),
    ):
        Ville.objects.create(
            code_insee=code,
            nom=nom,
            slug=nom.lower(),
            codes_postaux=codes,
            departement=departement,
            latitude=place[0],
            longitude=place[1],
        )
    company("NOVERGIE", siren=SIRENS[0], siret=f"{SIRENS[0]}00011", adresse="786 AVENUE DE GASSERAS", **LYON)
    company("BOULANGERIE MARTIN", siren=SIRENS[1], adresse="3 RUE DES LILAS", naf_code="10.71C", **LYON)
    company("BOULANGERIE MARTIN", siren=SIRENS[2], adresse="8 QUAI DU PORT", naf_code="10.71C", **NANTES)
    company("MENUISERIE FOURNIER ET FILS", siren=SIRENS[3], nom_commercial="LE COPEAU D'OR", **LYON)
    company("TRANSPORTS GARNIER", siren=SIRENS[4], adresse="12 RUE DE LA GARE", is_active=False, **LYON)
    company(
        "JEAN SECRET", siren=SIRENS[5], categorie_juridique=NATURAL_PERSON, statut_diffusion=PARTIAL, **LYON
    )
    company("CHAUSSURES DURAND", siren=SIRENS[6], **LYON)
    etablissement(
        SIRENS[6], 25, "AU PIED LEGER", numero_voie="5", type_voie="RUE", libelle_voie="CREBILLON", **NANTES
    )
    company(
        "COMMUNE DE LYON",
        siren=SIRENS[30],
        adresse="1 PLACE DE LA COMEDIE",
        categorie_juridique="7210",
        **LYON,
    )
    company(
        "CENTRE COMMUNAL D ACTION SOCIALE",
        siren=SIRENS[31],
        adresse="1 PLACE DE LA COMEDIE",
        categorie_juridique="7361",
        **LYON,
    )
    company("COMMUNE DE NANTES", siren=SIRENS[32], adresse="2 RUE DE L HOTEL DE VILLE", **NANTES)
    for number in range(7, 30):
        company(f"GARAGE DU CENTRE {number}", siren=SIRENS[number], **(LYON if number % 2 else NANTES))
    index()


def matched(*lines: dict[str, str]) -> list[Match]:
    towns = Towns.load()
    return match([read(line, towns) for line in lines], towns)


def one(**line: str) -> Match:
    return matched(line)[0]


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    ("line", "number"),
    [
        ({"nom": "Novergie SARL", "ville_nom": "Lyon", "code_postal": "69003"}, 0),
        (
            {"nom": "NOVERGI", "adresse": "786 av. de Gasseras", "code_postal": "69003", "ville_nom": "LYON"},
            0,
        ),
        ({"nom": "boulangerie martin", "code_postal": "69003", "ville_nom": "Lyon CEDEX 3"}, 1),
        ({"nom": "Boulangerie Martin", "ville_nom": "Nantes", "code_postal": "44000"}, 2),
        ({"nom": "Le copeau d'or", "code_postal": "69003", "ville_nom": "Lyon"}, 3),
        ({"nom": "FOURNIER ET FILS MENUISERIE", "code_postal": "69001", "ville_nom": "Lyon"}, 3),
        (
            {
                "nom": "Tranports Garnier",
                "adresse": "12 r. de la Gare",
                "code_postal": "69003",
                "ville_nom": "Lyon",
            },
            4,
        ),
        (
            {
                "nom": "12 rue de la Gare",
                "adresse": "Transports Garnier",
                "code_postal": "69003",
                "ville_nom": "Lyon",
            },
            4,
        ),
        ({"nom": "Chaussures Durand", "code_postal": "44000", "ville_nom": "Nantes"}, 6),
        ({"nom": "Au pied léger", "code_postal": "44000", "ville_nom": "Nantes"}, 6),
        ({"siren": SIRENS[3], "nom": "Fournier"}, 3),
        ({"nom": "NOVERGIE - Agence de Lyon", "adresse": "786 av. de Gasseras 69003 LYON, France"}, 0),
        ({"nom": 'SARL FOURNIER "Le Copeau d\'Or"', "ville_nom": "Lyon (69)"}, 3),
        ({"nom": "TRANSP0RTS GARN1ER", "code_postal": "69003 LYON"}, 4),
        ({"nom": "Mairie de Lyon", "ville_nom": "LYON", "departement": "69"}, 30),
        ({"nom": "VILLE DE LYON", "code_postal": "69001", "ville_nom": "Lyon"}, 30),
        ({"nom": "Mairie", "code_postal": "44000", "ville_nom": "Nantes"}, 32),
        ({"nom": "C.C.A.S.", "code_postal": "69003", "ville_nom": "Lyon"}, 31),
    ],
)
def test_a_dirty_line_brings_its_company_first(line: dict[str, str], number: int) -> None:
    found = one(**line)
    best = found.best or found.others[0]
    assert best.siren == SIRENS[number], found
    assert 0 <= found.confidence <= 1
    assert found.evidence


@pytest.mark.usefixtures("directory")
def test_a_sure_line_is_accepted_and_says_why() -> None:
    found = one(nom="Novergie", adresse="786 avenue de Gasseras", code_postal="69003", ville_nom="Lyon")
    assert found.decision == "accept"
    assert found.best is not None
    assert (found.best.siren, found.best.siret) == (SIRENS[0], f"{SIRENS[0]}00011")
    assert found.evidence == ("the same name", "in the same town", "at the same address")


@pytest.mark.usefixtures("directory")
def test_the_establishment_in_the_town_of_the_line_is_the_one_that_is_meant() -> None:
    found = one(nom="Chaussures Durand", adresse="5 rue Crébillon", code_postal="44000", ville_nom="Nantes")
    assert found.best is not None
    assert found.best.siret == f"{SIRENS[6]}00025"
    assert Etablissement.objects.filter(siret=found.best.siret).exists()


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    "line",
    [
        {"nom": "Boulangerie Martin"},  # two are called so
        {"nom": "Novergie", "code_postal": "44000", "ville_nom": "Nantes"},  # it is elsewhere
        {"nom": "Novergie Transports", "ville_nom": "Nantes"},
        {"nom": "Garage du Centre", "code_postal": "69003", "ville_nom": "Lyon"},
        {
            "nom": "CCAS de Nantes",
            "adresse": "2 rue de l'Hôtel de Ville",
            "code_postal": "44000",
            "ville_nom": "Nantes",
        },
        {
            "nom": "Novergie",
            "code_postal": "69003",
            "ville_nom": "Lyon",
            "siren": SIRENS[8],
        },  # another's number
    ],
)
def test_what_is_doubtful_is_not_accepted(line: dict[str, str]) -> None:
    assert one(**line).decision != "accept"


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    "line",
    [
        {},
        {"telephone": "01"},
        {"nom": "\0"},
        {"nom": "…"},
        {"nom": "Zwyxqv Inconnue", "ville_nom": "Lyon"},
        {"nom": "A" * 300},
        {"ville_nom": "Lyon"},
        {"siren": SIRENS[35]},
        {"nom": "%_'\"\\"},
        {"nom": "مخبز"},
    ],
)
def test_what_means_no_company_brings_none(line: dict[str, str]) -> None:
    found = one(**line)
    assert (found.decision, found.best) == ("none", None)


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize(
    "line", [{"nom": "Jean Secret", "ville_nom": "Lyon"}, {"siren": SIRENS[5]}, {"nom": "SECRET JEAN"}]
)
def test_who_is_hidden_is_no_candidate(line: dict[str, str]) -> None:
    assert SIRENS[5] not in str(one(**line))


@pytest.mark.django_db
def test_who_was_hidden_since_the_index_was_built_is_no_candidate(
    directory: None, django_assert_num_queries: Any
) -> None:
    from foxreviews.enterprise.models import Entreprise

    line = {"nom": "Chaussures Durand", "code_postal": "69003", "ville_nom": "Lyon"}
    assert one(**line).best is not None
    Entreprise.objects.filter(siren=SIRENS[6]).update(
        categorie_juridique=NATURAL_PERSON, statut_diffusion=PARTIAL
    )
    found = one(**line)
    assert SIRENS[6] not in str(found)
    assert "DURAND" not in str(found)


LINES: Sequence[dict[str, str]] = [
    {"nom": "Novergie", "ville_nom": "Lyon"},
    {"nom": "boulangerie martin", "code_postal": "44000"},
    {"nom": "garage centre", "code_postal": "69003"},
    {"nom": "Garage du Centre 12"},
    {},
    {"nom": "fournir", "ville_nom": "LYON"},
    {"siren": SIRENS[4]},
    {"nom": "Le copeau"},
    {"nom": "Durand", "ville_nom": "Nantes", "code_postal": "44000"},
]


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("seed", range(5))
def test_neither_order_nor_company_of_other_lines_changes_what_a_line_brings(seed: int) -> None:
    chance = random.Random(seed)
    whole = matched(*LINES)
    order = chance.sample(range(len(LINES)), len(LINES))
    cut = chance.randrange(1, len(LINES))
    shuffled = [*matched(*(LINES[n] for n in order[:cut])), *matched(*(LINES[n] for n in order[cut:]))]
    assert [shuffled[order.index(n)] for n in range(len(LINES))] == whole


@pytest.mark.usefixtures("directory")
def test_a_block_takes_as_many_statements_as_a_line(django_assert_max_num_queries: Any) -> None:
    towns = Towns.load()
    records = [read(line, towns) for line in LINES]
    with django_assert_max_num_queries(5):
        match(records, towns)


def test_without_an_index_it_says_what_is_lacking(company: Add) -> None:
    company("NOVERGIE")
    with pytest.raises(NoIndexError, match="search_rebuild"):
        one(nom="Novergie")
