"""What the fictional file of companies promises."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from foxreviews.demo.generator.entreprises import blocks, csv_lines
from foxreviews.demo.generator.towns import la_poste_lines
from foxreviews.demo.generator.trades import trades
from foxreviews.reference.identifiers import LA_POSTE, is_siren, is_siret
from foxreviews.reference.naf import NAF
from foxreviews.reference.register import BANDS, LEGAL_FORMS
from tests.unit.demo.conftest import BLOCK

ROWS = 20_000

SCALING_PLAN_COLUMNS = (
    "siren,siret,nom,nom_commercial,adresse,code_postal,ville_nom,naf_code,naf_libelle,telephone,email,site_web,"
    "latitude,longitude,date_creation,tranche_effectif,categorie_juridique,is_active"
)
RESERVED_FOR_FICTION = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")


def lines(rows: int, seed: int) -> bytes:
    return b"".join(csv_lines(block) for block in blocks(rows, seed))


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file that the command writes."""
    out = tmp_path_factory.mktemp("generated") / "entreprises.csv"
    call_command("generate_entreprises", str(out), rows=ROWS, seed=7, stdout=io.StringIO())
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def companies(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), strict=True))


@pytest.fixture(scope="module")
def share(companies: list[dict[str, str]]) -> Callable[[Callable[[dict[str, str]], object]], float]:
    """The share of companies for which something holds."""
    return lambda holds: sum(bool(holds(company)) for company in companies) / len(companies)


def test_the_header_is_that_of_the_scaling_plan(text: str) -> None:
    assert text.splitlines()[0] == SCALING_PLAN_COLUMNS


def test_there_are_as_many_companies_as_asked_for(companies: list[dict[str, str]]) -> None:
    assert len(companies) == ROWS


def test_every_siren_and_siret_is_valid_and_given_once(companies: list[dict[str, str]]) -> None:
    assert all(is_siren(company["siren"]) and is_siret(company["siret"]) for company in companies)
    assert all(company["siret"].startswith(company["siren"]) for company in companies)
    assert len({company["siren"] for company in companies}) == ROWS
    assert LA_POSTE not in {company["siren"] for company in companies}


def test_every_code_is_in_its_nomenclature(companies: list[dict[str, str]]) -> None:
    assert all(NAF[company["naf_code"]] == company["naf_libelle"] for company in companies)
    assert {company["categorie_juridique"] for company in companies} <= LEGAL_FORMS.keys()
    assert {company["tranche_effectif"] for company in companies} <= BANDS.keys()
    assert {company["is_active"] for company in companies} == {"true", "false"}
    assert {trade.naf_code for trade in trades()} == NAF.keys()


def test_every_company_is_in_a_town_of_generate_villes(companies: list[dict[str, str]]) -> None:
    fields = [line.split(";") for line in la_poste_lines()]
    known = {(name, code) for _, name, code, *_ in fields} | {
        (delivery, code) for _, _, code, delivery, *_ in fields
    }
    assert {(company["ville_nom"], company["code_postal"]) for company in companies} <= known


def test_companies_of_a_large_city_have_the_postal_code_of_a_district(
    companies: list[dict[str, str]],
) -> None:
    parisian = [company for company in companies if company["ville_nom"].startswith("PARIS")]
    assert 0.02 < len(parisian) / ROWS < 0.05
    assert {company["code_postal"][:2] for company in parisian} == {"75"}
    assert {"PARIS", "PARIS 15"} <= {company["ville_nom"] for company in parisian}


def test_companies_are_near_their_town(companies: list[dict[str, str]]) -> None:
    lyon = [
        company for company in companies if company["ville_nom"].startswith("LYON") and company["latitude"]
    ]
    assert len(lyon) > 50
    assert all(abs(float(company["latitude"]) - 45.76) < 0.25 for company in lyon)
    assert all(abs(float(company["longitude"]) - 4.83) < 0.25 for company in lyon)


def test_names_say_what_companies_do(share: Callable[[Callable[[dict[str, str]], object]], float]) -> None:
    assert 0.008 < share(lambda company: "RESTAURANT" in company["nom"].upper()) < 0.02
    bakeries = share(lambda company: company["naf_code"] == "10.71C")
    named = share(lambda company: company["naf_code"] == "10.71C" and "boulangerie" in company["nom"].lower())
    assert named > bakeries / 4


def test_sole_traders_are_called_by_surname_and_first_name(companies: list[dict[str, str]]) -> None:
    sole_traders = [company["nom"] for company in companies if company["categorie_juridique"] == "1000"]
    assert 0.4 < len(sole_traders) / ROWS < 0.5
    assert all(name == name.upper() and name.isascii() for name in sole_traders)
    counts = Counter(sole_traders)
    assert counts["MARTIN JEAN"] > 1
    assert len([name for name, count in counts.items() if count == 1]) > len(sole_traders) / 2


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("a shop name that many bear", r"^LE PETIT BISTROT$"),
        ("another", r"^AU BON PAIN$"),
        ("an innkeeper's", r"^CHEZ [A-Z]"),
        ("trade and surname", r"^BOULANGERIE MARTIN$|^GARAGE [A-Z]+$"),
        ("trade and place", r"^RESTAURANT (DU|DE LA|DES) "),
        ("a family business", r"^SARL [A-Z]+ ET FILS$"),
        ("an acronym with dots", r"^([A-Z]\.){3,4}$"),
        ("an elision", r"^L'ATELIER D'[A-Z]"),
        ("an accent in capitals", r"[A-Z] [A-Z]*[ÉÈÊ][A-Z]"),
        ("an accent in small letters", r"[a-z][éèê]"),
        ("a hyphen", r"[A-Z]-[A-Z]"),
        ("an initial", r" [A-Z]\. ?[A-Z]"),
        ("an ampersand", r" & "),
        ("a number", r"^[0-9]+[A-Z] [A-Z]"),
        ("a quotation", r'"[A-Z]'),
        ("a comma", r", "),
    ],
)
def test_names_of_every_kind_appear(companies: list[dict[str, str]], kind: str, pattern: str) -> None:
    assert any(re.search(pattern, company["nom"]) for company in companies), kind


def test_rare_words_keep_coming(companies: list[dict[str, str]]) -> None:
    words = Counter(word for company in companies for word in company["nom"].split())
    assert len([word for word, count in words.items() if count == 1]) > ROWS / 3


def test_some_shops_have_a_name_of_their_own(companies: list[dict[str, str]]) -> None:
    signs = [company["nom_commercial"] for company in companies if company["nom_commercial"]]
    assert 0.1 < len(signs) / ROWS < 0.3
    assert any(re.search("[a-zéè]", sign) for sign in signs)


def test_a_sixth_has_ceased_and_most_employ_no_one(
    share: Callable[[Callable[[dict[str, str]], object]], float],
) -> None:
    assert 0.15 < share(lambda company: company["is_active"] == "false") < 0.2
    assert 0.7 < share(lambda company: company["tranche_effectif"] == "NN") < 0.9


def test_most_companies_are_young(share: Callable[[Callable[[dict[str, str]], object]], float]) -> None:
    assert share(lambda company: "2015" <= company["date_creation"] < "2027") > 0.6
    assert 0 < share(lambda company: company["date_creation"] < "1985") < 0.05


def test_no_contact_reaches_a_real_person(companies: list[dict[str, str]]) -> None:
    telephones = {company["telephone"] for company in companies if company["telephone"]}
    assert all(re.fullmatch(r"(\d\d ){4}\d\d", number) for number in telephones)
    assert {number[:8] for number in telephones} == set(RESERVED_FOR_FICTION)
    assert all(company["email"].endswith(".example") for company in companies if company["email"])
    sites = [company["site_web"] for company in companies if company["site_web"]]
    assert all(re.fullmatch(r"https://www\.[a-z0-9][a-z0-9-]*[a-z0-9]?\.example", site) for site in sites)


def test_the_same_seed_gives_the_same_bytes(text: str) -> None:
    assert text.endswith(lines(ROWS, 7).decode())


def test_another_seed_gives_other_companies(companies: list[dict[str, str]]) -> None:
    one, other = companies[:500], next(blocks(500, 4))
    assert not {company["siren"] for company in one} & set(other["siren"])
    assert len({company["nom"] for company in one} & set(other["nom"])) < 50


def test_a_longer_file_begins_like_a_shorter_one(text: str) -> None:
    _header, rows = text.split("\n", 1)
    assert rows.startswith(lines(500, 7).decode())


def test_blocks_join_without_a_seam() -> None:
    frames = list(blocks(BLOCK + 1, 3))
    assert [len(frame) for frame in frames] == [BLOCK, 1]
    assert frames[1]["siren"][0] not in set(frames[0]["siren"])
    assert frames[1]["nom"][0] != frames[0]["nom"][0]


def test_no_rows_is_a_header_alone(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    call_command("generate_entreprises", "-", rows=0)
    assert capsysbinary.readouterr().out == f"{SCALING_PLAN_COLUMNS}\n".encode()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": -1}, "--rows and --seed are 0 or more."),
        ({"seed": -1}, "--rows and --seed are 0 or more."),
        ({"rows": 90_000_000}, "There are 89,999,999 SIREN to give, so no more rows than that."),
    ],
)
def test_an_impossible_request_is_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(CommandError, match=re.escape(message)) as refused:
        call_command("generate_entreprises", "-", **options)
    assert refused.value.returncode == 2
