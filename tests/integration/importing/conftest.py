"""Importing lines as a person would write them to a file."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from foxreviews.core import sources
from foxreviews.location.models import Ville
from foxreviews.reading import blocks, buffer, header, transcoder

HEADER = "siren,nom,adresse,code_postal,ville_nom,naf_code"
Import = Callable[..., dict[str, Any]]


@pytest.fixture
def villes(db: None) -> None:
    """Paris with one of its districts, and two communes that share a postal code."""
    paris = Ville.objects.create(
        code_insee="75056", nom="Paris", slug="paris", departement="75", nom_recherche="PARIS"
    )
    Ville.objects.create(
        code_insee="75115", nom="Paris 15e Arrondissement", slug="paris-15e-arrondissement", departement="75",
        codes_postaux=["75015"], nom_recherche="PARIS 15", commune=paris,
    )  # fmt: skip
    for code, nom in (("42218", "Saint-Étienne"), ("42207", "Saint-Chamond")):
        key = nom.upper().replace("É", "E").replace("-", " ")
        Ville.objects.create(
            code_insee=code,
            nom=nom,
            slug=nom.lower(),
            departement="42",
            codes_postaux=["42000"],
            nom_recherche=key,
        )


@pytest.fixture
def printed() -> StringIO:
    """What the commands of a test have printed."""
    return StringIO()


@pytest.fixture
def import_file(db: None, tmp_path: Path, settings: Any, printed: StringIO) -> Import:
    """import_file(path_or_bytes, *flags): run the command, give its report."""
    settings.LOG_DIR = tmp_path / "logs"

    def run(source: Path | bytes | str, *flags: str) -> dict[str, Any]:
        if not isinstance(source, Path):
            data = source.encode() if isinstance(source, str) else source
            source = tmp_path / "entreprises.csv"
            source.write_bytes(data)
        report = tmp_path / "report.json"
        call_command("import_entreprises_bulk", str(source), "--report", str(report), *flags, stdout=printed)
        counts: dict[str, Any] = json.loads(report.read_text())
        parts = ("created", "updated", "unchanged", "duplicates", "rejected", "blank", "skipped")
        assert counts["records"] == sum(counts[part] for part in parts)
        return counts

    return run


@pytest.fixture
def import_rows(import_file: Import) -> Import:
    """import_rows("732829320,NOM,…", …): import lines below the usual header."""

    def run(*lines: str, header: str = HEADER, flags: tuple[str, ...] = ()) -> dict[str, Any]:
        return import_file("\n".join([header, *lines]) + "\n", *flags)

    return run


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of some 30 records, read a few bytes at a time."""
    for owner, name, value in (
        (blocks, "BLOCK_BYTES", 1_000),
        (blocks, "RECORD_BYTES", 1),
        (blocks, "RESYNC_BYTES", 200),
        (header, "MAX_HEADER_BYTES", 300),
        (buffer, "SKIP_BYTES", 5),
        (transcoder, "FIRST_BYTES", 300),
        (sources, "CHUNK", 5),
        (sources, "SNIFF", 5),
    ):
        monkeypatch.setattr(owner, name, value)
