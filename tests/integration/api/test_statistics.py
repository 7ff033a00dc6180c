"""/api/statistiques/ counts what the lists have."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from foxreviews.enterprise import comptages
from foxreviews.enterprise.models import Entreprise, Etablissement
from foxreviews.location.models import Ville

Add = Callable[..., Any]
TOWNS = {"69123": ("Lyon", "69"), "01053": ("Bourg", "01"), "75056": ("Paris", "75")}


@pytest.fixture
def directory(company: Add, etablissement: Add, index: Callable[[], None]) -> None:
    for code, (nom, departement) in TOWNS.items():
        Ville.objects.create(
            code_insee=code, nom=nom, slug=nom.lower(), departement=departement, nom_recherche=nom.upper()
        )
    for number in range(12):
        code = [*TOWNS][number % 3]
        where = {"ville_id": code, "departement": TOWNS[code][1], "is_active": bool(number % 4)}
        what = {
            "naf_code": ("62.01Z", "56.10A")[number % 2],
            "tranche_effectif": ("11", "NN", "")[number % 3],
        }
        made = company(
            f"N{number}", categorie_juridique=("5710", "1000")[number % 2],
            categorie_entreprise=("PME", "GE", "")[number % 3], est_employeur=(True, False, None, True)[number % 4],
            date_creation=dt.date(2010 + number % 3, 5, 1), **where, **what,
        )  # fmt: skip
        for place in (1, 2):
            closed = dt.date(2024, 1 + number % 2, 3) if place == 2 else None
            created = dt.date(2023, 1 + number % 3, 9) if number % 5 else None
            etablissement(made.siren, place, date_creation=created, date_fermeture=closed, **where, **what)
    index()
    comptages.refresh()


def get(query: str = "") -> dict[str, Any]:
    answer = Client().get(f"/api/statistiques/?{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def counts(part: dict[str, Any], name: str) -> dict[str, int]:
    return {each["value"]: each["count"] for each in part["facets"][name]}


@pytest.mark.parametrize("engine", ["tantivy", "postgres"])
@pytest.mark.parametrize(
    ("query", "lookups"),
    [
        ("", {}),
        ("region=84", {"departement__in": ["69", "01"]}),
        ("departement=75&is_active=true", {"departement": "75", "is_active": True}),
        (
            "categorie_juridique=57&tranche_effectif=11",
            {"categorie_juridique": "5710", "tranche_effectif": "11"},
        ),
        ("categorie_entreprise=PME,ETI&is_active=true", {"categorie_entreprise": "PME", "is_active": True}),
        ("est_employeur=true", {"est_employeur": True}),
        ("date_creation_min=2011-01-01&naf=62", {"date_creation__gte": "2011-01-01", "naf_code": "62.01Z"}),
    ],
)
def test_companies_are_counted_exactly_under_each_filter(
    directory: None, settings: Any, engine: str, query: str, lookups: dict[str, Any]
) -> None:
    settings.SEARCH_ENGINE = engine
    found = get(query)["entreprises"]
    rows = list(Entreprise.objects.filter(**lookups))
    assert (found["total"], found["engine"]) == (len(rows), engine)
    for name, column in (("departement", "departement"), ("ville", "ville_id"), ("naf", "naf_code"),
                         ("categorie_juridique", "categorie_juridique")):  # fmt: skip
        assert counts(found, name) == Counter(getattr(row, column) for row in rows)
    assert counts(found, "annee_creation") == Counter(str(row.date_creation.year) for row in rows)
    assert counts(found, "tranche_effectif") == Counter(
        r.tranche_effectif for r in rows if r.tranche_effectif
    )
    assert counts(found, "categorie_entreprise") == Counter(
        r.categorie_entreprise for r in rows if r.categorie_entreprise
    )
    assert counts(found, "est_employeur") == Counter(
        str(r.est_employeur).lower() for r in rows if r.est_employeur is not None
    )
    assert counts(found, "naf_section") == Counter("J" if r.naf_code[:2] == "62" else "I" for r in rows)
    assert sum(counts(found, "region").values()) == len(rows)


@pytest.mark.parametrize(
    ("query", "lookups"),
    [("", {}), ("region=84", {"departement__in": ["69", "01"]}), ("is_active=false", {"is_active": False}),
     ("departement=75&is_active=true", {"departement": "75", "is_active": True})],
)  # fmt: skip
def test_establishments_and_months_are_those_of_the_last_count(
    directory: None, query: str, lookups: dict[str, Any]
) -> None:
    answer = get(query)
    found, rows = answer["etablissements"], list(Etablissement.objects.filter(**lookups))
    assert found["total"] == len(rows)
    for name, column in (("departement", "departement"), ("ville", "ville_id"), ("naf", "naf_code")):
        assert counts(found, name) == Counter(getattr(row, column) for row in rows)
    assert counts(found, "is_active") == Counter(str(row.is_active).lower() for row in rows)
    came = Counter(f"{row.date_creation:%Y-%m}" for row in rows if row.date_creation)
    went = Counter(f"{row.date_fermeture:%Y-%m}" for row in rows if row.date_fermeture)
    assert answer["mois"] == [
        {"mois": month, "creations": came[month], "fermetures": went[month]}
        for month in sorted({*came, *went})
    ]
    assert dt.datetime.fromisoformat(found["moment"]) <= dt.datetime.now(dt.UTC)


@pytest.mark.parametrize("engine", ["tantivy", "postgres"])
@pytest.mark.parametrize(
    ("query", "lookups"),
    [
        ("", {}),
        ("departement=75&is_active=true", {"departement": "75", "is_active": True}),
        (
            "categorie_juridique=57&est_employeur=false",
            {"categorie_juridique": "5710", "est_employeur": False},
        ),
        ("date_creation_max={last}&naf=62", {"date_creation__lte": "{last}", "naf_code": "62.01Z"}),
        ("date_creation_min=1990-01-01&date_creation_max=2000-01-01", {"siren": ""}),
    ],
)
def test_companies_are_counted_by_their_month_of_creation_exactly_under_each_filter(
    directory: None,
    index: Callable[[], None],
    settings: Any,
    engine: str,
    query: str,
    lookups: dict[str, Any],
) -> None:
    settings.SEARCH_ENGINE = engine
    today = localdate()
    for number, row in enumerate(Entreprise.objects.order_by("siren")):
        row.date_creation = today - dt.timedelta(days=number * 170 if number else -10)
        row.save()
    index()
    last = str(today - dt.timedelta(days=400))
    lookups = {name: last if each == "{last}" else each for name, each in lookups.items()}
    since = dt.date(today.year - 5, today.month, 28) + dt.timedelta(
        days=4
    )  # in the month after, 59 months ago
    rows = Entreprise.objects.filter(date_creation__range=(since.replace(day=1), today)).filter(**lookups)
    expected = Counter(f"{row.date_creation:%Y-%m}" for row in rows if row.date_creation)
    found = get(query.format(last=last))["entreprises"]["mois"]
    assert found == [{"mois": month, "creations": expected[month]} for month in sorted(expected)]


def test_another_count_replaces_the_one_before(directory: None, etablissement: Add) -> None:
    before = get()["etablissements"]
    etablissement("999999999", 1, departement="75")
    assert get()["etablissements"] == before
    comptages.refresh()
    after = get()["etablissements"]
    assert after["total"] == before["total"] + 1
    assert after["moment"] > before["moment"]


def test_what_the_count_has_not_is_null(directory: None, db: None) -> None:
    answer = get("naf=62")
    assert (answer["etablissements"], answer["mois"]) == (None, None)
    assert Client().get("/api/statistiques/?siret=1").status_code == 400


def test_before_the_first_count_there_are_companies_alone(db: None) -> None:
    answer = get()
    assert answer["entreprises"]["total"] == 0
    assert (answer["etablissements"], answer["mois"]) == (None, None)
