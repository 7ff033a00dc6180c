"""Each filter of companies in each order: read from an index, or refused with the order that works."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foxreviews.api.entreprises.params import IN_INDEX_ORDER, EntrepriseParams
from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.api.etablissements.views import NARROW, UNINDEXED
from foxreviews.enterprise.models import Entreprise

Add = Callable[..., Any]
ORDERINGS = tuple(EnterpriseCursorPagination.orderings)
NO_FILTERS = {"q", "explain", "facets", "fields", "near", "radius_km"}
# A value of each filter, and the indexes (behind enterprise_entreprise_) by date of entry and by name
BY_DATE, BY_NAME = "created_id_idx", "nom_id_idx"
INDEXES = {
    "departement": ("69", "departement_idx", "departement_nom_idx"),
    "region": ("84", "departement_idx", "departement_nom_idx"),
    "ville": ("lyon", "commune_idx", "commune_nom_idx"),
    "code_postal": ("69003", "cp_created_idx", "cp_nom_idx"),
    "naf": ("62.01Z", "naf_idx", "naf_nom_idx"),
    "siren": ("100000017,100000009", "siren_key", "siren_key"),
    # In no index with an order: few companies are sorted, of many the order is walked
    "ville_nom": ("Lyon", "ville_naf_idx", "ville_naf_idx"),
    "naf_section": ("J", "naf_idx", BY_NAME),
    "naf25_section": ("K", "naf25_idx", BY_NAME),
    "is_active": ("true", BY_DATE, BY_NAME),
}
REFUSED = {
    "categorie_juridique": "57",
    "tranche_effectif": "11",
    "categorie_entreprise": "PME",
    "est_employeur": "true",
    "date_creation_min": "2020-01-01",
    "date_creation_max": "2020-01-01",
}


@pytest.fixture
def directory(company: Add, index: Callable[[], None]) -> list[Entreprise]:
    from foxreviews.location.models import Ville

    Ville.objects.create(code_insee="69123", nom="Lyon", slug="lyon", departement="69", nom_recherche="LYON")
    made = [
        company(
            f"N{number % 3}", departement="69", code_postal="69003", ville_nom="Lyon", ville_id="69123",
            naf_code="62.01Z", naf25_code="62.10Y", categorie_juridique=("5710", "5499", "1000", "")[number % 4],
            tranche_effectif=("11", "NN", "53")[number % 3], is_active=bool(number % 5),
            categorie_entreprise=("PME", "ETI", "PME", "", "GE")[number % 5],
            est_employeur=(True, False, None)[number % 3],
            date_creation=dt.date(1899 + 10 * number, 12, 31) if number % 6 else None,
        )
        for number in range(12)
    ]  # fmt: skip
    company(
        "HIDDEN", departement="69", categorie_juridique="1000", statut_diffusion="P", tranche_effectif="11",
        categorie_entreprise="PME", est_employeur=True,
    )  # fmt: skip
    index()
    return made


def test_every_filter_is_here() -> None:
    filters = set(map(str, EntrepriseParams._declared_fields)) - NO_FILTERS
    assert filters == {*INDEXES, *REFUSED}
    assert set(IN_INDEX_ORDER) == set(REFUSED)


def plans(path: str) -> str:
    """What PostgreSQL does for the companies of a page where it neither reads whole tables nor sorts them."""
    with CaptureQueriesContext(connection) as captured:
        answer = Client().get(path)
    assert answer.status_code == 200, answer.content
    pages = [query["sql"] for query in captured if "LIMIT 21" in query["sql"]]
    assert pages, captured.captured_queries
    with connection.cursor() as cursor:
        for setting in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
            cursor.execute(f"SET LOCAL {setting} = off")
        cursor.execute(f"EXPLAIN {pages[-1]}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("name", INDEXES)
def test_a_filter_in_an_order_is_read_from_an_index(
    directory: list[Entreprise], name: str, ordering: str
) -> None:
    value, by_date, by_name = INDEXES[name]
    plan = plans(f"/api/entreprises/?{name}={value}&ordering={ordering}")
    own, walked = (by_name, BY_NAME) if ordering.endswith("nom") else (by_date, BY_DATE)
    assert f"enterprise_entreprise_{own}" in plan or f"enterprise_entreprise_{walked}" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("name", REFUSED)
def test_a_filter_that_no_order_of_postgresql_serves_is_answered_in_that_of_the_index(
    directory: list[Entreprise], name: str
) -> None:
    for ordering in ORDERINGS:
        answer = Client().get(f"/api/entreprises/?{name}={REFUSED[name]}&ordering={ordering}")
        assert answer.status_code == 400
        assert "it is pertinence" in answer.json()["errors"]["ordering"][0]
        # of a few companies, or of a query's, any order is served
        for narrow in ("siren=100000017", "q=n1"):
            assert (
                Client()
                .get(f"/api/entreprises/?{name}={REFUSED[name]}&{narrow}&ordering={ordering}")
                .status_code
                == 200
            )
    for more in ("", "&ordering=pertinence"):
        answer = Client().get(f"/api/entreprises/?{name}={REFUSED[name]}{more}")
        assert answer.status_code == 200
        assert answer.json()["engine"] == "tantivy"


@pytest.mark.parametrize(
    ("query", "passes"),
    [
        ("categorie_juridique=57", lambda row: row.categorie_juridique == "5710"),
        ("categorie_juridique=5", lambda row: row.categorie_juridique in ("5710", "5499")),
        ("categorie_juridique=5710,1000", lambda row: row.categorie_juridique in ("5710", "1000")),
        ("tranche_effectif=11,53", lambda row: row.tranche_effectif in ("11", "53")),
        ("categorie_entreprise=PME", lambda row: row.categorie_entreprise == "PME"),
        ("categorie_entreprise=eti,GE", lambda row: row.categorie_entreprise in ("ETI", "GE")),
        ("est_employeur=true", lambda row: row.est_employeur is True),
        ("est_employeur=false", lambda row: row.est_employeur is False),
        (
            "categorie_entreprise=PME&est_employeur=true&is_active=true&region=84&naf=62&code_postal=69003",
            lambda row: row.categorie_entreprise == "PME" and row.est_employeur and row.is_active,
        ),
        ("date_creation_min=1929-12-31", lambda row: row.date_creation and row.date_creation.year >= 1929),
        ("date_creation_max=1929-12-30", lambda row: row.date_creation and row.date_creation.year < 1929),
        (
            "date_creation_min=1929-12-31&date_creation_max=1929-12-31",
            lambda row: row.date_creation == dt.date(1929, 12, 31),
        ),
        (
            "tranche_effectif=11&is_active=true&region=84",
            lambda row: row.tranche_effectif == "11" and row.is_active,
        ),
    ],
)
@pytest.mark.parametrize("engine", ["tantivy", "postgres"])
def test_pages_by_the_index_have_all_that_pass_once_and_their_number(
    directory: list[Entreprise], settings: Any, query: str, passes: Callable[[Any], bool], engine: str
) -> None:
    settings.SEARCH_ENGINE = engine
    expected = {row.siren for row in directory if passes(row)}
    url: str | None = f"/api/entreprises/?{query}&page_size=2&facets=categorie_juridique,annee_creation"
    met: list[str] = []
    masked = 0
    while url:
        answer = Client().get(url).json()
        assert answer["engine"] == engine
        met += [row["siren"] for row in answer["results"] if row["nom"] != "[ND]"]
        masked += sum(row["nom"] == "[ND]" for row in answer["results"])
        last, url = url, answer["next"]
    assert len(met) == len(set(met))
    assert set(met) == expected
    assert answer["total"] == len(expected) + masked
    counts = {each["value"]: each["count"] for each in answer["facets"]["annee_creation"]}
    assert sum(counts.values()) == sum(bool(row.date_creation) for row in directory if passes(row))
    back = Client().get(last).json()["previous"]
    assert (back is None) == (len(met) + masked <= 2)


@pytest.mark.parametrize("other", [*INDEXES, *REFUSED])
@pytest.mark.parametrize("name", ["categorie_entreprise", "est_employeur"])
def test_category_and_employer_go_with_each_other_filter_in_the_order_that_there_is(
    directory: list[Entreprise], name: str, other: str
) -> None:
    """By SIREN in any order; else in that of the index, whichever order the other filter has alone."""
    value = {**{each: found for each, (found, *_) in INDEXES.items()}, **REFUSED}
    both = f"{name}={value[name]}" + (f"&{other}={value[other]}" if other != name else "")
    for ordering in ORDERINGS:
        path = f"/api/entreprises/?{both}&ordering={ordering}"
        if other == "siren":
            plan = plans(path)
            assert any(
                f"enterprise_entreprise_{index}" in plan for index in ("siren_key", BY_DATE, BY_NAME)
            ), plan
            assert "Seq Scan" not in plan
        else:
            assert Client().get(path).status_code == 400
    answer = Client().get(f"/api/entreprises/?{both}")
    assert answer.status_code == 200
    assert answer.json().get("engine") == (None if other == "siren" else "tantivy")


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("categorie_entreprise=TPE", "PME, ETI, GE are"),
        ("categorie_entreprise=", "Give a value"),
        ("est_employeur=O", "It is true or false."),
        ("categorie=PME", "Did you mean"),
    ],
)
def test_a_category_that_is_none_is_refused_with_those_that_are(db: None, query: str, hint: str) -> None:
    answer = Client().get(f"/api/entreprises/?{query}")
    assert answer.status_code == 400
    assert hint in str(answer.json()["errors"])


def test_one_company_of_a_number_has_the_facets_of_its_year(directory: list[Entreprise]) -> None:
    siren = directory[1].siren
    facets = Client().get(f"/api/entreprises/?q={siren}&facets=annee_creation,region").json()["facets"]
    assert [each["value"] for each in facets["annee_creation"]] == ["1909"]
    assert [(each["value"], each["label"]) for each in facets["region"]] == [("84", "Auvergne-Rhône-Alpes")]


def test_a_list_has_the_columns_that_were_asked_for(directory: list[Entreprise]) -> None:
    for path in ("/api/entreprises/", "/api/entreprises/?tranche_effectif=11", "/api/entreprises/?q=n1"):
        separator = "&" if "?" in path else "?"
        rows = Client().get(f"{path}{separator}fields=siren,nom").json()["results"]
        assert rows
        assert all(set(row) == {"siren", "nom"} for row in rows)
    assert Client().get("/api/villes/?fields=nom").json()["results"] == [{"nom": "Lyon"}]
    refused = Client().get("/api/entreprises/?fields=siren,nomm")
    assert "Did you mean" in refused.json()["errors"]["fields"][0]


@pytest.mark.parametrize("name", UNINDEXED)
def test_establishments_are_filtered_by_it_next_to_what_leaves_few(
    db: None, etablissement: Add, name: str
) -> None:
    etablissement(
        "100000017",
        1,
        code_postal="69003",
        tranche_effectif="11",
        est_employeur=True,
        date_creation="2020-01-01",
    )
    etablissement(
        "100000017", 2, code_postal="69003", tranche_effectif="NN", est_employeur=False, date_creation=None
    )
    value = {"tranche_effectif": "11", "est_employeur": "true"}.get(name, "2020-01-01")
    alone = Client().get(f"/api/etablissements/?{name}={value}")
    assert alone.status_code == 400
    assert "siren, siret, code_postal, ville" in alone.json()["errors"][name][0]
    for narrow in ("siren=100000017,999999999", "siret=10000001700001,10000001700002", "code_postal=69003"):
        found = Client().get(f"/api/etablissements/?{name}={value}&{narrow}").json()["results"]
        assert [row["siret"] for row in found] == ["10000001700001"]
    assert set(NARROW) >= {"siren", "siret", "code_postal"}
