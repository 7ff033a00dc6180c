"""Importing a register of a few companies, as INSEE would write it to two files."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.reference.identifiers import luhn, siren_with_key
from foxreviews.reference.register import ESTABLISHMENT_COLUMNS, LEGAL_UNIT_COLUMNS

Row = dict[str, Any]
Register = Callable[..., dict[str, Any]]

A, B, C, D = (siren_with_key(number) for number in (73282932, 55208114, 12345678, 44306184))


def siret(siren: str, number: int = 1) -> str:
    """The SIRET of a company's establishment."""
    begin = f"{siren}{number:04d}"
    return next(f"{begin}{key}" for key in range(10) if luhn(f"{begin}{key}"))


def unit(siren: str = A, **columns: Any) -> Row:
    """A row of StockUniteLegale: an active public company called ACME, but for the given columns."""
    return {
        "siren": siren,
        "statutDiffusionUniteLegale": "O",
        "dateCreationUniteLegale": "2012-03-04",
        "trancheEffectifsUniteLegale": "11",
        "etatAdministratifUniteLegale": "A",
        "denominationUniteLegale": "ACME",
        "categorieJuridiqueUniteLegale": "5710",
        "activitePrincipaleUniteLegale": "62.01Z",
        "nomenclatureActivitePrincipaleUniteLegale": "NAFRev2",
        "nicSiegeUniteLegale": siret(siren)[9:],
        "activitePrincipaleNAF25UniteLegale": "62.10Y",
    } | columns


def person(siren: str = A, **columns: Any) -> Row:
    """A row of StockUniteLegale: Marie Dupont, who trades alone."""
    return unit(
        siren,
        **{
            "denominationUniteLegale": "",
            "categorieJuridiqueUniteLegale": "1000",
            "prenom1UniteLegale": "MARIE",
            "prenomUsuelUniteLegale": "MARIE",
            "nomUniteLegale": "DUPONT",
        }
        | columns,
    )


def establishment(siren: str = A, number: int = 1, **columns: Any) -> Row:
    """A row of StockEtablissement: a head office in the rue du Port of Saint-Étienne."""
    return {
        "siren": siren,
        "nic": siret(siren, number)[9:],
        "siret": siret(siren, number),
        "statutDiffusionEtablissement": "O",
        "etablissementSiege": "true",
        "numeroVoieEtablissement": "12",
        "typeVoieEtablissement": "RUE",
        "libelleVoieEtablissement": "DU PORT",
        "codePostalEtablissement": "42000",
        "libelleCommuneEtablissement": "SAINT-ETIENNE",
        "codeCommuneEtablissement": "42218",
        "etatAdministratifEtablissement": "A",
    } | columns


def as_csv(rows: Sequence[Row], columns: Sequence[str]) -> bytes:
    """The file that INSEE would publish."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def towns(db: None) -> None:
    """Saint-Étienne, Paris with its 15th district, and Saint-Denis de La Réunion."""
    paris = add_town("75056", "Paris", "PARIS")
    add_town("75115", "Paris 15e Arrondissement", "PARIS 15", ["75015"], commune=paris)
    add_town("42218", "Saint-Étienne", "SAINT ETIENNE", ["42000", "42100"])
    add_town("97411", "Saint-Denis", "SAINT DENIS", ["97400"], departement="974")


def add_town(code: str, nom: str, key: str, codes: Sequence[str] = (), **columns: Any) -> Ville:
    columns = {"departement": code[:2], "slug": nom.lower().replace(" ", "-")} | columns
    return Ville.objects.create(
        code_insee=code, nom=nom, nom_recherche=key, codes_postaux=list(codes), **columns
    )


@pytest.fixture
def import_files(towns: None, tmp_path: Path, settings: Any) -> Register:
    """import_files(units_file, establishments_file, *flags): run the command, give its report."""
    settings.LOG_DIR = tmp_path / "logs"

    def run(units: Path, establishments: Path, *flags: object) -> dict[str, Any]:
        report = tmp_path / "report.json"
        files = ("--unites-legales", units, "--etablissements", establishments, "--report", report)
        call_command("import_sirene", *map(str, (*files, *flags)), stdout=StringIO())
        counts: dict[str, Any] = json.loads(report.read_text())
        parts = ("created", "updated", "unchanged", "duplicates", "rejected", "blank", "skipped")
        assert counts["records"] == sum(counts[part] for part in parts)
        places = counts["establishments"]
        kinds = ("head_offices", "secondary", "without_unit", "duplicates", "rejected", "blank")
        assert places["records"] == sum(places[kind] for kind in kinds)
        return counts

    return run


@pytest.fixture
def import_register(import_files: Register, tmp_path: Path) -> Register:
    """import_register([unit(…)], [establishment(…)], *flags): the same from rows."""

    def run(units: Sequence[Row], establishments: Sequence[Row] = (), *flags: object) -> dict[str, Any]:
        (tmp_path / "units.csv").write_bytes(as_csv(units, LEGAL_UNIT_COLUMNS))
        (tmp_path / "establishments.csv").write_bytes(as_csv(establishments, ESTABLISHMENT_COLUMNS))
        return import_files(tmp_path / "units.csv", tmp_path / "establishments.csv", *flags)

    return run


@pytest.fixture
def loaded(import_register: Register) -> Callable[..., Entreprise]:
    """loaded(unit(…), establishment(…)): the company that comes of one unit and its establishments."""

    def load(of: Row, *establishments: Row) -> Entreprise:
        import_register([of], establishments)
        return Entreprise.objects.get()

    return load
