"""What an engine that ranks by tiers understands of what people type, and in what order it answers."""

import string
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from foxreviews.core.keyset import Ordering, Window
from foxreviews.enterprise.filters import Filters
from foxreviews.enterprise.models import AncienNom
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE, Tier

Add = Callable[..., Any]
Find = Callable[..., list[str]]
Directory = Callable[..., Find]

LYON_3 = {"ville_nom": "Lyon", "ville_id": "69383", "code_postal": "69003", "departement": "69"}
LYON_8 = {"ville_nom": "Lyon", "ville_id": "69388", "code_postal": "69008", "departement": "69"}
SAINT_ETIENNE = {
    "ville_nom": "Saint-Étienne", "ville_id": "42218", "code_postal": "42000", "departement": "42"
}  # fmt: skip
PARIS_15 = {"ville_nom": "Paris", "ville_id": "75115", "code_postal": "75015", "departement": "75"}
BAKER, PLUMBER, PROGRAMMER = "10.71C", "43.22A", "62.01Z"
ELSEWHERE = {"ville_nom": "Nantes", "ville_id": "44109", "code_postal": "44000", "departement": "44"}


@pytest.fixture
def directory(company: Add, over_everything: Callable[[], Any]) -> Directory:
    """directory("ALPHA", ("BETA", {"departement": "69"})): these companies alone, and what finds them, best first."""

    def made(*companies: str | tuple[str, dict[str, Any]]) -> Find:
        for each in companies:
            nom, fields = each if isinstance(each, tuple) else (each, {})
            company(nom, **fields)
        engine = over_everything()

        def find(typed: str, **filters: Any) -> list[str]:
            hits = engine.search(interpret(typed), Filters(**filters), Window(RELEVANCE, 100))
            assert hits.engine == engine.name
            assert hits.total == len(hits.page.rows)
            return [row["nom"] for row in hits.page.rows]

        return find

    return made


@pytest.mark.parametrize(
    "typed",
    ["732829320", "732 829 320", "73 28 29 320", "732.829.320", "732-829-320", "\u00a0732\u202f829 320 "],
)
def test_a_siren_in_any_spacing_is_its_company(directory: Directory, typed: str) -> None:
    assert directory(("FOX", {"siren": "732829320"}), "732829320 SARL")(typed) == ["FOX"]


@pytest.mark.parametrize(
    "typed", ["73282932000074", "732 829 320 00074", "732829320 00082", "732-829-320-00074"]
)
def test_a_siret_of_any_establishment_in_any_spacing_is_its_company(directory: Directory, typed: str) -> None:
    assert directory(("FOX", {"siren": "732829320"}), "AUTRE")(typed) == ["FOX"]


def test_a_postal_code_is_a_place(directory: Directory) -> None:
    find = directory(("DUPONT", LYON_3), ("DUPONT ET FILS", LYON_8), ("DURAND", LYON_3))
    assert find("dupont 69003") == find("69003 dupont") == ["DUPONT"]
    assert find("69003") == ["DUPONT", "DURAND"]


def test_a_part_of_a_town_finds_the_companies_whose_address_says_so(directory: Directory) -> None:
    antibes = {"ville_nom": "Antibes", "ville_id": "06004", "departement": "06"}
    find = directory(
        ("BOULANGERIE DU PORT", {"adresse": "1 rue du Port, Juan-les-Pins"} | antibes),
        ("BOULANGERIE DES REMPARTS", {"adresse": "1 rue des Remparts"} | antibes),
    )
    assert find("boulangerie juan les pins") == ["BOULANGERIE DU PORT"]


@pytest.mark.parametrize(
    "typed",
    ["boulangerie lyon 3e", "boulangerie lyon 3", "lyon 3eme boulangerie", "boulangerie 69003",
     "boulangerie lyon 3ème", "boulangerie lyon 03", "boulangerie Lyon 3e arrondissement"],
)  # fmt: skip
def test_a_district_is_a_place(directory: Directory, typed: str) -> None:
    find = directory(
        ("BOULANGERIE DU PARC", LYON_3), ("BOULANGERIE DU PONT", LYON_8), ("GARAGE 3E", LYON_3),
        ("BOULANGERIE 3", ELSEWHERE),
    )  # fmt: skip
    assert find(typed)[:1] == ["BOULANGERIE DU PARC"]


def test_another_district_is_another_place(directory: Directory) -> None:
    find = directory(("BOULANGERIE DU PARC", LYON_3), ("BOULANGERIE DU PONT", LYON_8))
    assert find("boulangerie lyon 3e") == ["BOULANGERIE DU PARC"]


@pytest.mark.parametrize(
    "typed", ["dupont st etienne", "dupont Saint-Étienne", "dupont ST-ETIENNE", "st. étienne dupont"]
)
def test_st_in_a_town_is_saint(directory: Directory, typed: str) -> None:
    find = directory(("DUPONT", SAINT_ETIENNE), ("DUPONT", ELSEWHERE), ("ETIENNE", SAINT_ETIENNE))
    assert find(typed) == ["DUPONT"]


@pytest.mark.parametrize("typed", ["boulangerie 69", "69 boulangerie"])
def test_the_code_of_a_departement_is_a_place(directory: Directory, typed: str) -> None:
    assert directory(("BOULANGERIE A", LYON_3), ("BOULANGERIE B", ELSEWHERE))(typed) == ["BOULANGERIE A"]


@pytest.mark.parametrize(
    ("typed", "adresse"),
    [
        ("dupont 12 boulevard voltaire", "12 BD VOLTAIRE"),
        ("dupont bd voltaire", "12 BOULEVARD VOLTAIRE"),
        ("dupont av jean jaures", "3 AVENUE JEAN JAURES"),
        ("dupont avenue jean jaurès", "3 AV JEAN JAURES"),
        ("voltaire dupont", "12 BD VOLTAIRE"),
        ("dupont place de l'église", "PL DE L EGLISE"),
    ],
)
def test_an_address_is_found_abbreviated_or_not(directory: Directory, typed: str, adresse: str) -> None:
    find = directory(("DUPONT", {"adresse": adresse}), ("DUPONT", {"adresse": "1 RUE DU BAC"}), "VOLTAIRE")
    assert find(typed)[:1] == ["DUPONT"]
    assert len(find(typed)) == 1


@pytest.mark.parametrize(
    "typed", ["62.01Z", "6201z", "62.01z lyon", "programmation informatique", "développeur"]
)
def test_a_trade_is_found_by_its_code_its_label_or_what_people_say(directory: Directory, typed: str) -> None:
    find = directory(
        ("ALPHA", {"naf_code": PROGRAMMER} | LYON_3), ("BETA", {"naf_code": BAKER} | LYON_3), "GAMMA"
    )
    assert find(typed) == ["ALPHA"]


@pytest.mark.parametrize(
    "typed", ["62.10Y", "6210y", "programmation informatique", "développeur", "developpeurs lyon"]
)
def test_a_trade_is_found_in_whichever_nomenclature_a_company_has_it(
    directory: Directory, typed: str
) -> None:
    newer = {"naf25_code": "62.10Y"} | LYON_3
    find = directory(
        ("ALPHA", newer), ("BETA", {"naf_code": BAKER} | newer), ("GAMMA", {"naf25_code": "47.11K"})
    )
    assert sorted(find(typed)) == ["ALPHA", "BETA"]


@pytest.mark.parametrize("typed", ["hypermarché", "supermarchés"])
def test_a_trade_of_naf_2025_that_comes_from_several_is_found_by_its_words(
    directory: Directory, typed: str
) -> None:
    code = {"hypermarché": "47.11K", "supermarchés": "47.11J"}[typed]
    assert directory(("ALPHA", {"naf25_code": code}), ("BETA", {"naf25_code": "62.10Y"}))(typed) == ["ALPHA"]


@pytest.mark.parametrize(
    "typed",
    ["boulangerie lyon", "boulanger lyon", "boulangeries lyon", "boulangers à Lyon", "Lyon boulangerie"],
)
def test_a_trade_in_a_town_needs_no_name(directory: Directory, typed: str) -> None:
    find = directory(
        ("AU BON PAIN", {"naf_code": BAKER} | LYON_3), ("AU BON PAIN", {"naf_code": BAKER} | ELSEWHERE),
        ("LYON PNEUS", LYON_3),
    )  # fmt: skip
    assert find(typed) == ["AU BON PAIN"]


@pytest.mark.parametrize(
    ("nom", "typed"),
    [
        ("CAFE DE L'OEUVRE", "Café de l'Œuvre"),
        ("Café de l'Œuvre", "cafe de l oeuvre"),
        ("CAFE DE L'OEUVRE", "oeuvre café"),
        ("CAFE DE L'OEUVRE", "l’œuvre"),
        ("D'ARTAGNAN", "dartagnan"),
        ("D'ARTAGNAN", "d artagnan"),
        ("D'ARTAGNAN", "artagnan"),
        ("DARTAGNAN", "d'artagnan"),
        ("L'ETE INDIEN", "été indien"),
        ("L ETE INDIEN", "l'été"),
        ("LETE INDIEN", "l'été indien"),
        ("QU'IL FAIT BEAU", "quil fait beau"),
        ("JEAN-PIERRE DUPONT", "jean pierre dupont"),
        ("JEAN PIERRE DUPONT", "jean-pierre dupont"),
        ("JEANPIERRE DUPONT", "jean-pierre dupont"),
        ("JEAN-PIERRE DUPONT", "jeanpierre dupont"),
        ("S.N.C.F.", "sncf"),
        ("SNCF", "S.N.C.F."),
        ("S N C F", "sncf"),
        ("SNCF RESEAU", "s.n.c.f. réseau"),
        ("H&M HENNES & MAURITZ", "h&m"),
        ("H ET M", "h et m"),
        ("H&M HENNES & MAURITZ", "h & m"),
        ("H&M HENNES & MAURITZ", "hm"),
        ("H & M", "H&M"),
        ("3M FRANCE", "3m"),
        ("3M FRANCE", "3 m"),
        ("3 M FRANCE", "3M"),
        ("C&A", "c&a"),
        ("C ET A", "c et a"),
        ("M6", "m 6"),
        ("L.V.M.H.", "lvmh"),
        ("DUPONT & FILS", "dupont et fils"),
        ("DUPONT ET FILS", "dupont & fils"),
        ("DUPONT FILS", "dupont & fils"),
        ("SAINT GOBAIN", "st gobain"),
        ("ST GOBAIN", "saint-gobain"),
        ("STE MARIE", "Sainte Marie"),
        ("GARÇON COIFFEUR", "garcon coiffeur"),
        ("GROSSE STRASSE", "große straße"),
        ("1ER ETAGE", "1er étage"),
        ("LES 3 BRASSEURS", "les 3 brasseurs"),
        ("TOTAL ENERGIES", "totalenergies"),
        ("TOTALENERGIES", "total energies"),
        ("TOTALENERGIES SE", "total energies"),
        ("TOTAL ENERGIES MARKETING", "totalenergies marketing"),
        ("CLINDOEIL", "clin d'oeil"),
        ("CLIN D'OEIL", "clindoeil"),
        ("CLIN D OEIL COIFFURE", "clindoeil coiffure"),
        ("CLINDOEIL COIFFURE", "clin d oeil coiffure"),
        ("COIFFURE CLINDOEIL", "coiffure clin d'œil"),
        ("BIOCOOP", "bio coop"),
        ("BIO COOP", "biocoop"),
        ("LA VIE CLAIRE", "lavie claire"),
        ("AUTO ECOLE DU CENTRE", "autoecole du centre"),
        ("AUTOECOLE DU CENTRE", "auto-école du centre"),
        ("DUPONT MACONNERIE GENERALE", "générale dupont maçonnerie"),
        ("BOULANGERIE DU PORT", "port boulangerie"),
    ],
)
def test_a_name_is_found_however_it_is_spelt(directory: Directory, nom: str, typed: str) -> None:
    find = directory(nom, "ZYGOMATIQUE", "AUTRE CHOSE")
    assert find(typed) == [nom]


@pytest.mark.parametrize(
    ("nom", "typed"),
    [
        ("BOULANGERIE DU PORT", "boulangerie du po"),
        ("BOULANGERIE DU PORT", "boul"),
        ("BOULANGERIE DU PORT", "bo"),
        ("TOTALENERGIES", "totalen"),
        ("TOTALENERGIES", "total ener"),
        ("TOTAL ENERGIES", "totalener"),
        ("L'OREAL", "l'or"),
        ("L'OREAL", "oré"),
        ("SAINT GOBAIN", "st gob"),
    ],
)
def test_the_word_being_typed_may_be_unfinished(directory: Directory, nom: str, typed: str) -> None:
    assert directory(nom, "ZYGOMATIQUE")(typed) == [nom]


@pytest.mark.parametrize("typed", ["zanzibar", "Zanzibar", "nom zanzibar"])
def test_usual_and_shop_names_are_names(directory: Directory, typed: str) -> None:
    find = directory(("NOM DU REGISTRE", {"nom_commercial": "ZANZIBAR"}), "ZYGOMATIQUE")
    assert find(typed) == ["NOM DU REGISTRE"]


@pytest.mark.parametrize(
    "typed",
    ["martin plombier lyon", "lyon martin plombier", "plombier martin 69003", "martin plomberie lyon 3",
     "MARTIN LYON", "martin 43.22A lyon", "martin lyon plombier 69003", "martn plombier lyon"],
)  # fmt: skip
def test_name_trade_and_town_go_in_one_line(directory: Directory, typed: str) -> None:
    find = directory(
        ("MARTIN", {"naf_code": PLUMBER} | LYON_3),
        ("MARTIN", {"naf_code": PLUMBER} | ELSEWHERE),
        ("BERNARD", {"naf_code": PLUMBER} | LYON_3),
    )
    assert find(typed) == ["MARTIN"]


@st.composite
def misspelt(draw: st.DrawFn, word: str) -> str:
    """The word with one typo of the four kinds: a letter too much, too few, another, or two that changed places."""
    kind = draw(st.sampled_from(["insertion", "deletion", "substitution", "transposition"]))
    letter = draw(st.sampled_from(string.ascii_lowercase))
    at = draw(st.integers(0, len(word) - (2 if kind == "transposition" else 1)))
    before, here, after = word[:at], word[at], word[at + 1 :]
    return {
        "insertion": before + letter + here + after,
        "deletion": before + after,
        "substitution": before + letter + after,
        "transposition": before + after[:1] + here + after[1:],
    }[kind]


@pytest.mark.parametrize("nom", ["dupo", "vinci", "renaud", "michelo"])
def test_one_typo_of_any_kind_is_forgiven_in_four_to_seven_letters(directory: Directory, nom: str) -> None:
    find = directory(f"{nom.upper()} TRANSPORTS", "ZYGOMATIQUE")

    @settings(max_examples=60)
    @given(typed=misspelt(nom))
    def forgiven(typed: str) -> None:
        assert find(f"{typed} transports") == find(typed) == [f"{nom.upper()} TRANSPORTS"]

    forgiven()


@pytest.mark.parametrize("halves", [("deca", "thlo"), ("saint", "gobin"), ("compagn", "oniere")])
def test_two_typos_of_any_kind_are_forgiven_from_eight_letters(
    directory: Directory, halves: tuple[str, str]
) -> None:
    nom = "".join(halves).upper()
    find = directory(f"{nom} TRANSPORTS", "ZYGOMATIQUE")

    @settings(max_examples=60)
    @given(begin=misspelt(halves[0]), end=misspelt(halves[1]))
    def forgiven(begin: str, end: str) -> None:
        assume(len(begin + end) >= 8)
        assert find(f"{begin}{end} transports") == find(begin + end) == [f"{nom} TRANSPORTS"]

    forgiven()


@pytest.mark.parametrize(
    ("nom", "typed"),
    [
        ("BP", "bq"),
        ("3M", "4m"),
        ("MARTIN", "mratyn"),
        ("DECATHLON", "dekatlomm"),
        ("75011CLUB", "75012club"),
    ],
)
def test_what_is_too_far_is_another_word(directory: Directory, nom: str, typed: str) -> None:
    assert directory(nom, "ZYGOMATIQUE")(typed) == []


def test_a_misspelt_town_is_understood(directory: Directory) -> None:
    find = directory(("DUPONT", SAINT_ETIENNE), ("DUPONT", ELSEWHERE))
    assert find("dupont saint etiene") == find("dupont st etinene") == ["DUPONT"]


def test_each_word_may_have_its_typo(directory: Directory) -> None:
    assert directory("GARAGE MARTIN FRERES", "GARAGE MARTEL")("garrage matrin frere") == [
        "GARAGE MARTIN FRERES"
    ]


def test_better_matches_come_first(directory: Directory) -> None:
    find = directory(
        ("ALPHA", {}),
        ("ALPHA CONSEIL", {"tranche_effectif": "53"}),
        ("BETA", {"ville_nom": "Alpha", "tranche_effectif": "53"}),
        ("GAMMA", {"adresse": "1 RUE ALPHA", "tranche_effectif": "53"}),
        ("ALPHABET", {"tranche_effectif": "53"}),
        ("ALPHE", {"tranche_effectif": "53"}),
    )
    assert (
        find("alpha")
        == ["ALPHA", "ALPHA CONSEIL", "BETA", "GAMMA", "ALPHABET", "ALPHE"][: len(find("alpha"))]
    )
    assert find("alpha")[:5] == ["ALPHA", "ALPHA CONSEIL", "BETA", "GAMMA", "ALPHABET"]


def test_name_and_town_are_as_good_as_the_name_alone(directory: Directory) -> None:
    find = directory(
        ("ALPHA LYON", {"tranche_effectif": "53"}), ("ALPHA", LYON_3), ("ALPHA ET BETA", LYON_8), "ALPHA"
    )
    assert find("alpha lyon") == ["ALPHA LYON", "ALPHA", "ALPHA ET BETA"]


def test_among_equals_the_active_then_the_larger_then_companies_come_first(directory: Directory) -> None:
    person, firm = {"categorie_juridique": "1000"}, {"categorie_juridique": "5710"}
    find = directory(
        ("ALPHA 1", firm | {"is_active": False, "tranche_effectif": "53"}),
        ("ALPHA 2", person | {"tranche_effectif": "11"}),
        ("ALPHA 3", firm | {"tranche_effectif": "12"}),
        ("ALPHA 4", firm | {"tranche_effectif": "11"}),
        ("ALPHA 5", firm | {"tranche_effectif": "NN"}),
        ("ALPHA 6", person | {"tranche_effectif": ""}),
    )
    assert find("alpha") == ["ALPHA 3", "ALPHA 4", "ALPHA 2", "ALPHA 5", "ALPHA 6", "ALPHA 1"]


def test_a_known_head_office_comes_before_an_unknown_one(directory: Directory) -> None:
    find = directory("ALPHA 1", ("ALPHA 2", {"siret": "73282932000074"}))
    assert find("alpha") == ["ALPHA 2", "ALPHA 1"]


def test_ties_are_in_the_order_of_sirens_however_often_they_are_asked(directory: Directory) -> None:
    find = directory(*(("ALPHA", {"adresse": f"{n} RUE X"}) for n in range(30)), "ALPHA BIS")
    assert find("alpha") == find("Alpha") == ["ALPHA"] * 30 + ["ALPHA BIS"]


def test_every_hit_has_the_tier_that_put_it_there(company: Add, over_everything: Callable[[], Any]) -> None:
    town = {"ville_nom": "Alpha"}
    for nom, fields in (
        ("ALPHA", {}),
        ("ALPHA CONSEIL", {}),
        ("B", town),
        ("C", {"adresse": "ALPHA"}),
        ("ALPHABET", {}),
    ):
        company(nom, **fields)
    page = over_everything().search(interpret("alpha"), Filters(), Window(RELEVANCE, 10)).page
    assert [Tier(row["score"]) for row in page.rows] == [
        Tier.EXACT, Tier.NAME, Tier.PLACE, Tier.ADDRESS, Tier.START
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["yann legoff", "LEGOFF", "le goff yann", "goff"])
def test_a_person_s_particle_may_be_written_with_the_name(directory: Directory, typed: str) -> None:
    person = ("LE GOFF YANN", {"categorie_juridique": "1000"})
    assert directory(person, "GARAGE MARTIN")(typed) == ["LE GOFF YANN"]


@pytest.mark.parametrize("typed", ["h et b", "H & B", "hb", "h b"])
def test_letters_are_a_name_with_a_sign_between_them_or_a_word(directory: Directory, typed: str) -> None:
    assert directory("H & B CONSEIL", "BOULANGERIE B")(typed)[0] == "H & B CONSEIL"


@pytest.mark.parametrize(
    "typed", ["garage aulnay s/s bois", "garage aulnay ss bois", "garage aulnay sous bois"]
)
def test_sous_in_a_town_may_be_abbreviated(directory: Directory, typed: str) -> None:
    here, there = {"ville_nom": "Aulnay-sous-Bois"}, {"ville_nom": "Bois-Guillaume"}
    assert directory(("GARAGE", here), ("GARAGE DU BOIS", there))(typed)[0] == "GARAGE"


def test_a_legal_form_that_the_name_has_not_does_not_hide_the_name(directory: Directory) -> None:
    paris = {"ville_nom": "Paris"}
    found = directory(("H", paris), ("SOCIETE GENERALE DE PARIS", paris), ("PARIS SAS", paris))
    assert found("SAS H Paris")[0] == "H"


def test_a_trade_in_a_town_is_there_before_it_is_in_a_name_elsewhere(directory: Directory) -> None:
    bakery, paris = {"naf_code": "10.71C"}, {"ville_nom": "Paris"}
    in_lyon = bakery | {"ville_nom": "Lyon"}
    found = directory(
        ("BOULANGERIE GARE DE LYON", bakery | paris | {"tranche_effectif": "12"}),
        ("FOURNIL MARTIN", in_lyon),
        ("PAIN DORE", in_lyon),
        ("BOULANGERIE LYON EST", in_lyon),
        ("BOULANGERIE LYON", bakery | paris),
        ("GARAGE", {"ville_nom": "Lyon"}),
        *((f"COIFFURE {number}", {"ville_nom": "Lyon"}) for number in range(9)),
    )("boulangerie lyon")
    assert found[:2] == ["BOULANGERIE LYON", "BOULANGERIE LYON EST"]
    assert found[2:] == ["FOURNIL MARTIN", "PAIN DORE", "BOULANGERIE GARE DE LYON"]


@pytest.mark.parametrize(
    "typed", ["boulangrie lyon", "boullangerie lyon", "lyon bouangerie", "boulangreie Lyon"]
)
def test_a_misspelt_trade_in_a_town_is_understood(directory: Directory, typed: str) -> None:
    bakery = {"naf_code": "10.71C", "ville_nom": "Lyon"}
    found = directory(
        ("FOURNIL MARTIN", bakery),
        ("GARAGE", {"ville_nom": "Lyon"}),
        ("BOULANGERIE VICTOIRE", bakery | {"ville_nom": "Fontouse", "adresse": "196 place de Lyon"}),
        *((f"COIFFURE {number}", {"ville_nom": "Lyon"}) for number in range(9)),
    )(typed)
    assert found[0] == "FOURNIL MARTIN"


def test_a_whole_word_comes_before_one_that_is_joined(directory: Directory) -> None:
    found = directory(("MAIRIE CHEF DU PONT", {"tranche_effectif": "32"}), "SAS DUPONT LEON")
    assert found("dupont") == ["SAS DUPONT LEON", "MAIRIE CHEF DU PONT"]


def test_a_place_alone_does_not_answer_for_a_name(directory: Directory) -> None:
    clermont = {"ville_nom": "Clermont-Ferrand"}
    find = directory(
        ("MICHELIN", {"ville_nom": "Roanne"}),
        ("HOPITAL", clermont),
        *((f"GARAGE {n}", clermont) for n in range(5)),
    )
    assert find("michelin clermont ferrand") == ["MICHELIN"]
    assert find("zwyxq clermont ferrand") == []


@pytest.mark.parametrize(
    ("typed", "departement"),
    [
        ("porc finistère", "29"),
        ("porcs Finistere", "29"),
        ("élevage porc bretagne", "29"),
        ("porc ille et vilaine", "35"),
        ("porc hauts de france", "59"),
        ("porc pays de la loire", "53"),
    ],
)
def test_a_departement_or_region_is_a_place(directory: Directory, typed: str, departement: str) -> None:
    farms = [
        (f"FERME {code}", {"naf_code": "01.46Z", "departement": code})
        for code in ("29", "35", "59", "53", "63")
    ]
    found = directory(*farms, ("GARAGE", {"departement": departement}))(typed)
    assert f"FERME {departement}" in found
    assert "FERME 63" not in found
    assert "GARAGE" not in found


def test_words_of_one_name_stand_before_words_of_name_and_shop(directory: Directory) -> None:
    large = {"tranche_effectif": "53"}
    find = directory(
        ("LOMBARD CLARA", {"nom_commercial": "L'Atelier de Mathieu"} | large),
        ("CLARA COIFFURE MATHIEU", {}),
        ("GARAGE", {"nom_commercial": "Mathieu et Clara Optique"}),
        ("MATHIEU CLARA", {}),
    )
    assert find("clara mathieu") == [
        "MATHIEU CLARA", "CLARA COIFFURE MATHIEU", "GARAGE", "LOMBARD CLARA"
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["paul jean durand", "durand jean paul", "Jean-Paul Durand"])
def test_a_whole_name_in_another_order_stands_before_longer_ones(directory: Directory, typed: str) -> None:
    find = directory(("DURAND JEAN-PAUL SERVICES", {"tranche_effectif": "53"}), "DURAND JEAN-PAUL")
    assert find(typed) == ["DURAND JEAN-PAUL", "DURAND JEAN-PAUL SERVICES"]


def test_the_order_that_was_typed_comes_first(directory: Directory) -> None:
    find = directory(("CLEMENT THOMAS", {"tranche_effectif": "53"}), "THOMAS CLEMENT")
    assert find("thomas clement") == ["THOMAS CLEMENT", "CLEMENT THOMAS"]


def test_a_typo_in_the_name_stands_before_one_in_address_or_trade(directory: Directory) -> None:
    florist = {"naf_code": "47.76Z", "tranche_effectif": "53"}
    find = directory(
        ("ROSES ET CIE", florist | {"adresse": "1 AVENUE SIMONE LECOMTE"}),
        ("FLEURS LECOMTE ET FILS", {}),
        ("FLEURS LECOMTE", {}),
    )
    assert find("fluers lecomte")[0] == "FLEURS LECOMTE"
    find = directory(
        ("BOUQUETS", florist | {"adresse": "1 AVENUE SIMONE LEFEVRE"}), ("FLEURS LEFEVRE DU PORT", {})
    )
    assert find("fluers lefevre")[0] == "FLEURS LEFEVRE DU PORT"


def test_the_whole_name_but_for_a_typo_stands_before_parts_of_others(directory: Directory) -> None:
    find = directory(
        ("CHEN ASPART TRAITEUR", {"tranche_effectif": "53"}),
        ("CHEN CASPARD CONSEIL", {}),
        ("CHEN GASPARD", {}),
    )
    assert find("chen aspard")[0] == "CHEN GASPARD"


@pytest.mark.parametrize("typed", ["SARNL MASSET", "sral masset", "masset salr"])
def test_a_legal_form_may_be_misspelt(directory: Directory, typed: str) -> None:
    find = directory("SARL MASSET", ("MASSETTE", {"tranche_effectif": "53"}), "GARAGE SARL")
    assert find(typed)[0] == "SARL MASSET"


def test_a_word_that_is_a_name_is_no_misspelt_legal_form(directory: Directory) -> None:
    assert directory("SARA COIFFURE", "SARL COIFFURE")("sara coiffure")[0] == "SARA COIFFURE"


@pytest.mark.parametrize(
    ("nom", "typed"),
    [
        ("MACCORMICK FRANCE", "mac mormick"),
        ("MACCORMICK", "mac mormick"),
        ("ETS MACCORMICK ET FILS", "mac mormick fils"),
        ("TOTALENERGIES", "total enregies"),
    ],
)
def test_typed_words_may_be_one_word_with_a_typo(directory: Directory, nom: str, typed: str) -> None:
    assert directory(nom, "MAC DONALD", "TOTAL", "ZYGOMATIQUE")(typed) == [nom]


CLERMONT = {"ville_nom": "Clermont-Ferrand", "departement": "63"}
ELSEWHERE_IN_CLERMONT = [(f"COIFFURE {number}", CLERMONT) for number in range(8)]


def test_a_street_that_is_called_so_ends_no_search_for_a_name(directory: Directory) -> None:
    find = directory(
        ("HOTEL", CLERMONT | {"adresse": "3 RUE MICHELIN", "tranche_effectif": "53"}),
        ("MICHELIN", {"ville_nom": "Roanne", "departement": "42"}),
        *ELSEWHERE_IN_CLERMONT,
    )
    assert find("michelin clermont ferrand") == ["MICHELIN", "HOTEL"]
    assert find("3 rue michelin clermont ferrand") == ["HOTEL"]


def test_a_name_in_the_departement_of_the_town_stands_before_the_same_elsewhere(directory: Directory) -> None:
    far = {"ville_nom": "Brest", "departement": "29", "code_postal": "29200", "tranche_effectif": "53"}
    find = directory(
        ("GARAGE RENAULT FAR", far),
        ("GARAGE RENAULT NEAR", {"ville_nom": "Riom", "departement": "63", "code_postal": "63200"}),
        *ELSEWHERE_IN_CLERMONT,
    )
    assert find("garage renault clermont ferrand") == ["GARAGE RENAULT NEAR", "GARAGE RENAULT FAR"]
    assert find("garage renault 63000") == ["GARAGE RENAULT NEAR", "GARAGE RENAULT FAR"]
    assert find("renault 63000") == ["GARAGE RENAULT NEAR", "GARAGE RENAULT FAR"]
    assert find("renault 29200") == ["GARAGE RENAULT FAR"]


def test_what_was_left_out_of_the_query_is_told(company: Add, over_everything: Callable[[], Any]) -> None:
    for nom, fields in (("GARAGE RENAULT", ELSEWHERE), *ELSEWHERE_IN_CLERMONT):
        company(nom, **fields)
    engine = over_everything()
    for typed, expected in (
        ("renault clermont ferrand", ["CLERMONT", "FERRAND"]),
        ("garage renault 63000", ["63000"]),
        ("garage renault zanzibar", ["ZANZIBAR"]),
        ("garage renault", []),
    ):
        hits = engine.search(interpret(typed), Filters(), Window(RELEVANCE, 10))
        assert [hits.explanation.dropped(row, row["score"]) for row in hits.page.rows] == [expected]


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("cantine bidule", "enseigne"),
        ("traiteur machin", "enseigne"),
        ("traitor machin", "enseigne"),
        ("ccafpx", "sigle"),
        ("petits fictifs", "denomination_usuelle"),
        ("petitsfictifs", "denomination_usuelle"),
        ("jeanne abracadabrante", "nom_naissance"),
    ],
)
def test_a_company_is_found_by_every_name_it_has(
    company: Add, over_everything: Callable[[], Any], typed: str, kind: str
) -> None:
    company(
        "COMITE COMMUN",
        nom_commercial="CANTINE BIDULE",
        autres_noms="enseigne:CANTINE BIDULE\tenseigne:TRAITEUR MACHIN\tsigle:CCAFPX\t"
        "denomination_usuelle:LES PETITS FICTIFS\tnom_naissance:JEANNE ABRACADABRANTE",
    )
    company("CLAAS TRACTOR", naf_code="28.30Z")  # a maker of machines
    hits = over_everything().search(interpret(typed), Filters(), Window(RELEVANCE, 10))
    (row,) = hits.page.rows
    assert hits.explanation.matched_name(row, row["score"]).kind == kind


def test_a_former_name_finds_a_company_behind_those_of_that_name_and_is_said_in_any_order(
    company: Add, over_everything: Callable[[], Any]
) -> None:
    now, before = company("ALBATROS"), company("MOUETTE")
    AncienNom.objects.create(siren=before.siren, nature="nom", nom="Albatros", date_fin=date(2020, 1, 2))
    for window in (Window(RELEVANCE, 10), Window(Ordering("nom", ("nom", "id")), 10)):
        hits = over_everything().search(interpret("albatros"), Filters(), window)
        kinds = [
            (row["siren"], hits.explanation.matched_name(row, row["score"]).kind) for row in hits.page.rows
        ]
        assert kinds == [(now.siren, "nom"), (before.siren, "ancien_nom")]


def test_a_doubtful_name_stands_behind_a_sign(directory: Directory) -> None:
    usual = {"nom_commercial": "LE MOULIN", "autres_noms": "denomination_usuelle:LE MOULIN"}
    find = directory(
        ("ALPHA", usual | {"tranche_effectif": "53"}),
        ("BETA", {"nom_commercial": "LE MOULIN", "autres_noms": "enseigne:LE MOULIN"}),
        ("GAMMA", {"nom_commercial": "LE MOULIN DU PORT"}),
    )
    assert find("le moulin") == ["BETA", "GAMMA", "ALPHA"]
    assert find("moulin") == ["BETA", "GAMMA", "ALPHA"]


@pytest.mark.parametrize(
    "typed", ["fournil 10 rue des lilas", "fournil 12 rue lilas", "14 b rue des lilas fournil"]
)
def test_an_address_from_one_number_to_another_is_found_by_each(directory: Directory, typed: str) -> None:
    find = directory(
        ("FOURNIL", {"adresse": "10 … 14 B RUE DES LILAS"}), ("FOURNIL", {"adresse": "7 RUE DES LILAS"})
    )
    assert len(find(typed)) == 1
