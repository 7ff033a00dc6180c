"""A company is found by the sign and the town of its establishments, and ranks below those of that name and town."""

from collections.abc import Callable
from typing import Any

import pytest

from foxreviews.core.keyset import Row, Window
from foxreviews.enterprise.filters import Filters
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.ranking import RELEVANCE, Tier
from foxreviews.search.query.types import Hits

Add = Callable[..., Any]
SIREN, OTHER = "732829320", "552100554"
LYON = {"ville_nom": "Lyon", "ville_id": "69383", "code_postal": "69003", "departement": "69"}
NANTES = {"ville_nom": "Nantes", "ville_id": "44109", "code_postal": "44000", "departement": "44"}
SAINT_ETIENNE = {"ville_nom": "Saint-Étienne", "ville_id": "42218", "code_postal": "42000"}
BAKER = "10.71C"


@pytest.fixture
def hits(over_everything: Callable[[], Any]) -> Callable[[str], Hits]:
    """hits("fournil nantes"): over what the database has then."""
    return lambda typed: over_everything().search(interpret(typed), Filters(), Window(RELEVANCE, 100))  # type: ignore[no-any-return]


@pytest.fixture
def found(hits: Callable[[str], Hits]) -> Callable[[str], list[tuple[str, str, str]]]:
    """What is found: the company's name, its tier, and the SIRET of the establishment."""

    def pairs(typed: str) -> list[tuple[str, str, str]]:
        result = hits(typed)
        assert result.total == len(result.page.rows)
        return [(row["nom"], Tier(row["score"]).label, siret_of(row)) for row in result.page.rows]

    return pairs


def siret_of(row: Row) -> str:
    return str(row["etablissement"]["siret"]) if "etablissement" in row else ""


@pytest.fixture
def baker(company: Add, etablissement: Add) -> None:
    """DURAND, of Lyon, has LE FOURNIL DORÉ in Nantes, and shops without a sign in Saint-Étienne and Saint-Nazaire."""
    company("DURAND", siren=SIREN, naf_code=BAKER, **LYON)
    etablissement(SIREN, 2, **SAINT_ETIENNE)
    etablissement(SIREN, 3, "Le Fournil doré", **NANTES)
    etablissement(SIREN, 4, ville_nom="Saint-Nazaire")


@pytest.mark.parametrize(
    "typed",
    ["fournil dore nantes", "Le Fournil Doré, Nantes", "nantes fournil", "fournil 44000", "fournil 44000 nantes",
     "fournil durand nantes", "boulangerie dore nantes"],
)  # fmt: skip
def test_a_sign_in_its_town_finds_the_company_and_says_where(baker: None, found: Any, typed: str) -> None:
    assert found(typed) == [("DURAND", "branch", f"{SIREN}00003")]


@pytest.mark.parametrize("typed", ["fournil", "fournil doré", "durand fournil"])
def test_a_sign_alone_finds_the_company(baker: None, found: Any, typed: str) -> None:
    assert found(typed) == [("DURAND", "branch", f"{SIREN}00003")]


@pytest.mark.parametrize(
    "typed", ["fournil saint etienne", "fournil lyon", "fournil 42000", "fournil st-nazaire"]
)
def test_a_sign_in_the_town_of_another_establishment_is_no_sign_there(
    baker: None, company: Add, found: Any, typed: str
) -> None:
    """But without its town it is found, which is said."""
    company("AUTRE", **SAINT_ETIENNE)
    assert found(typed) == [("DURAND", "elsewhere", f"{SIREN}00003")] or found(typed) == [
        ("DURAND", "nearby", f"{SIREN}00003")
    ]


@pytest.mark.parametrize(
    ("typed", "number"), [("durand nantes", 3), ("durand saint etienne", 2), ("durand 44000", 3)]
)
def test_a_name_in_the_town_of_a_branch_is_found(baker: None, found: Any, typed: str, number: int) -> None:
    assert found(typed) == [("DURAND", "branch", f"{SIREN}{number:05}")]


def test_who_has_the_name_and_its_head_office_there_stands_before(
    baker: None, company: Add, found: Any
) -> None:
    company("DURAND ET FILS", is_active=False, **NANTES)
    company("FOURNIL", is_active=False, siren=OTHER, **LYON)
    assert [(nom, tier) for nom, tier, _ in found("durand nantes")] == [
        ("DURAND ET FILS", "place"),
        ("DURAND", "branch"),
    ]
    assert [nom for nom, *_ in found("fournil")] == ["FOURNIL", "DURAND"]


@pytest.mark.parametrize(
    "fields",
    [{"is_active": False}, {"statut_diffusion": "P"}, {"est_siege": True}],
    ids=["closed", "not public", "the head office, which its company's row has"],
)
def test_only_open_public_establishments_count(
    company: Add, etablissement: Add, found: Any, fields: dict[str, Any]
) -> None:
    company("DURAND", siren=SIREN, **LYON)
    etablissement(SIREN, 3, "LE FOURNIL", **NANTES, **fields)
    assert found("fournil nantes") == found("fournil") == []
    assert [tier for _, tier, _ in found("durand nantes")] in ([], ["elsewhere"])


def test_the_establishments_of_who_is_hidden_give_no_word(
    company: Add, etablissement: Add, found: Any
) -> None:
    company("JEANNE MYSTERE", siren=SIREN, categorie_juridique="1000", statut_diffusion="P", **LYON)
    etablissement(SIREN, 3, "CHEZ JEANNE", **NANTES)  # written afterwards, and as if it were public
    assert found("chez jeanne") == found("jeanne nantes") == found("jeanne") == []


def test_what_matched_is_explained(baker: None, hits: Callable[[str], Hits]) -> None:
    result = hits("fournil nantes")
    (row,) = result.page.rows
    assert result.explanation
    matches = [
        (each.word, each.field, each.found, each.how)
        for each in result.explanation.matches(row, row["score"])
    ]
    assert matches == [
        ("FOURNIL", "enseigne", "FOURNIL", "same"),
        ("NANTES", "ville_etablissement", "NANTES", "same"),
    ]
    assert result.explanation.matched_name(row, row["score"]) == ("Le Fournil doré", "enseigne")


def test_a_chain_is_found_in_each_of_its_towns_and_its_document_is_bounded(
    company: Add, etablissement: Add, found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from foxreviews.search.index import document

    monkeypatch.setattr(document, "MAX_WORDS", 40)
    company("CHAINE", siren=SIREN, **LYON)
    for number in range(2, 62):
        etablissement(
            SIREN, number, "RELAIS", ville_nom=f"Bourg{chr(65 + number % 26)}{chr(65 + number // 26)}x"
        )
    assert found("relais bourgcax")[0][1:] == ("branch", f"{SIREN}00002")
    assert found("relais bourgbbx")[0][1:] == ("branch", f"{SIREN}00027")
    assert found("chaine bourgjcx") == [("CHAINE", "elsewhere", "")], "the last is beyond the bound"


@pytest.mark.parametrize(
    "typed", ["fournil@nantes", "FOURNIL@NANTES", "@", "fournil @ nantes", "fournil " + "a" * 500, "fournil\x00nantes",
              "fournil AND nantes", "enseigne:fournil", "(fournil) NOT nantes", '"fournil" +nantes'],
)  # fmt: skip
def test_signs_are_text_whatever_is_typed(baker: None, over_everything: Any, typed: str) -> None:
    from foxreviews.core.errors import UsageError

    try:
        query = interpret(typed)
    except UsageError:
        return
    rows = over_everything().search(query, Filters(), Window(RELEVANCE, 100)).page.rows
    assert {row["nom"] for row in rows} <= {"DURAND"}


@pytest.mark.parametrize(
    "typed", ["durand", "durand lyon", "boulangerie lyon", "fournil nantes", "durand 44000"]
)
def test_a_walk_over_branches_meets_each_hit_once(
    baker: None, company: Add, etablissement: Add, over_everything: Any, typed: str
) -> None:
    for number in range(12):
        siren = company(f"MARTIN {number}", naf_code=BAKER, **LYON).siren
        etablissement(siren, 2, "FOURNIL DURAND", **(NANTES if number % 2 else LYON))
    engine = over_everything()
    whole = engine.search(interpret(typed), Filters(), Window(RELEVANCE, 100))
    every = [(row["score"], row["rank"]) for row in whole.page.rows]
    assert every == sorted(set(every), reverse=True)
    assert len(every) == whole.total
    met: list[tuple[int, int]] = []
    window: Window | None = Window(RELEVANCE, 5)
    while window is not None:
        page = engine.search(interpret(typed), Filters(), window).page
        met += [(row["score"], row["rank"]) for row in page.rows]
        window = page.next
    assert met == every


def test_a_former_name_finds_its_company_below_who_is_called_so_today(
    company: Add, hits: Callable[[str], Hits]
) -> None:
    from foxreviews.enterprise.models import AncienNom

    company("TOTALENERGIES", siren=SIREN)
    company("ELF", siren=OTHER, is_active=False)
    hidden = company("[ND]", categorie_juridique="1000", statut_diffusion="P")
    for siren in (SIREN, hidden.siren):
        AncienNom.objects.create(
            siren=siren, nature="denomination", nom="ELF AQUITAINE", date_fin="2003-05-06"
        )
    rows, why = hits("elf").page.rows, hits("elf").explanation
    assert [row["nom"] for row in rows] == ["ELF", "TOTALENERGIES"]
    assert why
    assert why.matched_name(rows[1], rows[1]["score"]) == ("ELF AQUITAINE", "ancien_nom")
    (found,) = hits("elf aquitaine").page.rows
    assert (found["nom"], Tier(found["score"]).label) == ("TOTALENERGIES", "place")
