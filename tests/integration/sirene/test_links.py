"""The register's other files: successions, doubles and former names."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.test import Client

from foxreviews.api.etablissements.successions import SuccessionSerializer
from foxreviews.enterprise.models import AncienNom, Doublon, Entreprise, Succession
from foxreviews.importing.models import ImportReject
from foxreviews.reference.identifiers import siren_with_key
from foxreviews.sirene.layout import DOUBLES, HISTORY, SUCCESSIONS, Layout

from .conftest import A, B, C, Register, Row, as_csv, establishment, person, siret, unit

pytestmark = pytest.mark.django_db
FILES = {"successions": SUCCESSIONS, "doublons": DOUBLES, "historique": HISTORY}
Import = Callable[..., dict[str, Any]]
UNITS = [unit(), person(B)]


def succession(before: str = siret(A), after: str = siret(B), **columns: str) -> Row:
    return {
        "siretEtablissementPredecesseur": before,
        "siretEtablissementSuccesseur": after,
        "dateLienSuccession": "2020-03-04",
        "transfertSiege": "true",
        "continuiteEconomique": "false",
        "dateDernierTraitementLienSuccession": "2020-03-05T01:02:03",
    } | columns


def double(of: str = A, siren: str = C) -> Row:
    return {"siren": of, "sirenDoublon": siren, "dateDernierTraitementDoublon": "2020-03-05T01:02:03"}


def period(
    nom: str, debut: str = "2010-01-01", fin: str = "2011-12-31", siren: str = A, **columns: str
) -> Row:
    return {"siren": siren, "denominationUniteLegale": nom, "dateDebut": debut, "dateFin": fin} | columns


def file(path: Path, rows: Sequence[Row], layout: Layout) -> Path:
    """As CSV, or as parquet where the path ends so."""
    if path.suffix == ".parquet":
        columns = {name: [row.get(name, "") or None for row in rows] for name in layout.columns}
        pl.DataFrame(columns, dict.fromkeys(columns, pl.String)).write_parquet(path)
    else:
        path.write_bytes(as_csv(rows, layout.columns))
    return path


# INSEE's header lines as they stand in its files. Of history there are three: since 2022 with societeMission, and
# one with a column that is not known yet.
HEADERS = {
    "successions": (
        "siretEtablissementPredecesseur,siretEtablissementSuccesseur,dateLienSuccession,transfertSiege,"
        "continuiteEconomique,dateDernierTraitementLienSuccession"
    ),
    "doublons": "siren,sirenDoublon,dateDernierTraitementDoublon",
    "historique": (
        "siren,dateFin,dateDebut,etatAdministratifUniteLegale,changementEtatAdministratifUniteLegale,nomUniteLegale,"
        "changementNomUniteLegale,nomUsageUniteLegale,changementNomUsageUniteLegale,denominationUniteLegale,"
        "changementDenominationUniteLegale,denominationUsuelle1UniteLegale,denominationUsuelle2UniteLegale,"
        "denominationUsuelle3UniteLegale,changementDenominationUsuelleUniteLegale,categorieJuridiqueUniteLegale,"
        "changementCategorieJuridiqueUniteLegale,activitePrincipaleUniteLegale,"
        "nomenclatureActivitePrincipaleUniteLegale,changementActivitePrincipaleUniteLegale,nicSiegeUniteLegale,"
        "changementNicSiegeUniteLegale,economieSocialeSolidaireUniteLegale,"
        "changementEconomieSocialeSolidaireUniteLegale{},caractereEmployeurUniteLegale,"
        "changementCaractereEmployeurUniteLegale"
    ),
}
SINCE_2022 = ",societeMissionUniteLegale,changementSocieteMissionUniteLegale"
LATER = ",uneColonneNouvelleUniteLegale"


@pytest.fixture
def import_links(import_register: Register, tmp_path: Path) -> Import:
    """import_links(successions=[…], units=[…]): the report of the other files."""

    def run(
        *flags: str, units: Sequence[Row] = UNITS, kind: str = "csv", **rows: Sequence[Row]
    ) -> dict[str, Any]:
        given = [
            each
            for name, content in rows.items()
            for each in (f"--{name}", file(tmp_path / f"{name}.{kind}", content, FILES[name]))
        ]
        offices = [establishment(row["siren"]) for row in units]
        links: dict[str, Any] = import_register(units, offices, *given, *flags)["links"]
        return links

    return run


def tables() -> list[list[Any]]:
    return [sorted(map(str, model.objects.values_list())) for model in (Succession, Doublon, AncienNom)]


def versions() -> list[str]:
    with connection.cursor() as cursor:
        rows = []
        for table in ("succession", "doublon", "anciennom"):
            cursor.execute(f"SELECT ctid::text, xmin::text, xmax::text FROM enterprise_{table}")
            rows += cursor.fetchall()
    return rows


ALL: dict[str, Sequence[Row]] = {
    "successions": [succession(), succession(siret(C))],
    "doublons": [double(), double(siren_with_key(99), siren_with_key(98))],
    "historique": [
        period("OLD ACME"), period("OLD  Acmé", "2012-01-01", "2012-12-31"), period("ACME", "2013-01-01", ""),
        period("ACME", "2009-01-01", "2009-12-31"), period("[ND]"), period("ELSEWHERE", siren=C),
    ],
}  # fmt: skip


def test_all_files_fill_their_tables_and_what_the_directory_lacks_is_counted(import_links: Import) -> None:
    report = import_links(**ALL)
    assert Succession.objects.filter(predecesseur=siret(A), transfert_siege=True).count() == 1
    assert Doublon.objects.get(siren=C).doublon_de == A
    former = AncienNom.objects.get()
    assert (former.siren, former.nom, former.nature) == (A, "OLD Acmé", "denomination")
    assert (str(former.date_debut), str(former.date_fin)) == ("2010-01-01", "2012-12-31")
    assert report["succession"]["absent"] == {"predecesseur": 1, "successeur": 0}
    assert report["doublon"]["absent"] == {"doublon_de": 1}
    assert report["historique"]["without_unit"] == 1


def test_the_same_files_write_nothing_and_parquet_says_what_csv_does(import_links: Import) -> None:
    import_links(**ALL)
    before, rows = versions(), tables()
    report = import_links(kind="parquet", **ALL)
    assert {name: counts["written"] for name, counts in report.items()} == dict.fromkeys(report, 0)
    assert (versions(), tables()) == (before, rows)
    import_links()
    assert versions() == before, "a file that is not given leaves its table"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("added", "ignored"), [("", []), (SINCE_2022, []), (SINCE_2022 + LATER, [LATER[1:]])]
)
def test_the_headers_of_each_vintage_are_read(
    import_register: Register, tmp_path: Path, kind: str, added: str, ignored: list[str]
) -> None:
    arguments = []
    for name, header in HEADERS.items():
        columns = tuple(header.format(added).split(","))
        layout = Layout(name, columns, frozenset(), columns)
        arguments += [f"--{name}", file(tmp_path / f"{name}.{kind}", ALL[name], layout)]
    report = import_register(UNITS, [establishment(row["siren"]) for row in UNITS], *arguments)
    assert report["ignored_columns"] == ignored
    assert {name: counts["written"] for name, counts in report["links"].items()} == {
        "succession": 2,
        "doublon": 2,
        "historique": 1,
    }


def test_a_dry_run_counts_and_writes_nothing(import_links: Import) -> None:
    report = import_links("--dry-run", **ALL)
    assert [counts["written"] for counts in report.values()] == [2, 2, 1]
    assert tables() == [[], [], []]


def test_what_is_wrong_is_rejected_with_its_reason(import_links: Import) -> None:
    report = import_links(
        successions=[
            succession("12345678901234"), succession(dateLienSuccession="2020-02-31"), succession(after=siret(A)),
            succession(transfertSiege="maybe"), succession(), succession(),
        ],
        doublons=[double("123456789"), double(A, A), double(A, C), double(C, A), double(B, C)],
        historique=[period("X", "31/12/2010"), period("X", "2012-01-01", "2011-01-01"), period("X", siren="1")],
    )  # fmt: skip
    assert report["succession"]["rejects_by_reason"] == {
        "succession-siret-invalid": 1,
        "succession-date-malformed": 1,
        "succession-of-itself": 1,
        "succession-flag-unknown": 1,
    }
    assert report["doublon"]["rejects_by_reason"] == {"doublon-siren-invalid": 1, "doublon-of-itself": 1}
    assert Doublon.objects.get(siren=C).doublon_de == A
    assert sum(report["historique"]["rejects_by_reason"].values()) == 3
    assert Succession.objects.count() == 1


def test_the_api_shows_successions_former_names_and_where_a_double_leads(import_links: Import) -> None:
    import_links(**ALL)
    client = Client()
    detail = client.get(f"/api/entreprises/{A}/").json()
    former = {
        "nom": "OLD Acmé",
        "nature": "denomination",
        "date_debut": "2010-01-01",
        "date_fin": "2012-12-31",
    }
    assert (detail["anciens_noms"], detail["doublon_de"]) == ([former], "")
    redirect = client.get(f"/api/entreprises/{C}/")
    assert (redirect.status_code, redirect["Location"]) == (301, f"/api/entreprises/{A}/")
    Doublon.objects.create(siren=A, doublon_de=B)
    assert client.get(f"/api/entreprises/{A}/").json()["doublon_de"] == B
    of_siret = client.get(f"/api/etablissements/{siret(A)}/successions/").json()["results"]
    assert [(row["predecesseur"], row["successeur"]) for row in of_siret] == [(siret(A), siret(B))]
    assert [*of_siret[0]] == [*map(str, SuccessionSerializer().fields)]
    first = client.get(f"/api/entreprises/{B}/successions/", {"page_size": 1}).json()
    second = client.get(first["next"]).json()
    assert {row["predecesseur"] for page in (first, second) for row in page["results"]} == {
        siret(A),
        siret(C),
    }
    assert client.get("/api/entreprises/999/successions/").status_code == 404


def test_doubles_of_each_other_do_not_redirect(import_links: Import) -> None:
    one, other = siren_with_key(98), siren_with_key(99)
    import_links(doublons=[double(one, other), double(other, one)])
    assert Client().get(f"/api/entreprises/{one}/").status_code == 404


def test_no_former_name_of_fifty_partial_persons_is_kept(
    import_links: Import, caplog: pytest.LogCaptureFixture
) -> None:
    sirens = [siren_with_key(30_000_000 + number) for number in range(50)]
    history = [period("", siren=siren, nomUniteLegale="ZUGZWANG") for siren in sirens]
    public = [person(siren) for siren in sirens]
    import_links(units=public, historique=history)
    assert AncienNom.objects.count() == 50
    partial = [row | {"statutDiffusionUniteLegale": "P"} for row in public]
    import_links(units=partial)
    assert not AncienNom.objects.exists()
    wrong = period("", "2010-99-99", siren=sirens[0], nomUniteLegale="ZUGZWANG")
    import_links(units=partial, historique=[*history, wrong])
    assert not AncienNom.objects.exists()
    kept = [*ImportReject.objects.values_list("raw", flat=True)]
    assert kept
    assert "ZUGZWANG" not in f"{caplog.text} {kept}"


def test_an_import_that_fails_at_its_end_leaves_all_as_before(import_links: Import, monkeypatch: Any) -> None:
    import_links(**ALL)
    before, names = tables(), [*Entreprise.objects.values_list("nom")]

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("foxreviews.importing.ledger.Ledger.close", fail)
    with pytest.raises(KeyboardInterrupt):
        import_links(units=[unit(denominationUniteLegale="NEW")], doublons=[], successions=[], historique=[])
    assert (tables(), [*Entreprise.objects.values_list("nom")]) == (before, names)


def test_a_first_load_leaves_no_table_without_statistics(import_links: Import) -> None:
    import_links(successions=[succession()], doublons=[double()], historique=[period("OLD")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = current_schema()")
        analyzed = {name for (name,) in cursor.fetchall()}
    filled = ("entreprise", "etablissement", "succession", "doublon", "anciennom")
    assert {*(f"enterprise_{name}" for name in filled), "register_block"} <= analyzed
