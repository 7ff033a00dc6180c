"""Hostile files and what must become of them: each is written by its test, and reconciled to the last record."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.management import CommandError

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportReject, ImportRun
from foxreviews.reference.identifiers import siren_with_key

from .conftest import HEADER, Import

SIRENS = [siren_with_key(number) for number in range(40_000_000, 40_020_000)]


@dataclass(frozen=True)
class Hostile:
    """A file, and what it comes to: which of SIRENS are in the table, and the count of each other fate."""

    name: str
    data: bytes
    loaded: tuple[int, ...]
    rejected: dict[str, int] = field(default_factory=dict)
    blank: int = 0
    duplicates: int = 0

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


def row(number: int, nom: str = "NOM", end: str = "\n") -> bytes:
    """A good record with the SIREN of that number."""
    return f"{SIRENS[number]},{nom},RUE,42000,X,62.01Z{end}".encode()


def rows(*numbers: int, end: str = "\n") -> bytes:
    """Good records."""
    return b"".join(row(number, end=end) for number in numbers)


def quoted(number: int, end: str = "\n") -> bytes:
    """A good record with every field in quotes."""
    return f'"{SIRENS[number]}","NOM","RUE","42000","X","62.01Z"{end}'.encode()


def file(*parts: bytes, header: str = HEADER, end: str = "\n") -> bytes:
    """The parts below the usual header."""
    return b"".join([f"{header}{end}".encode(), *parts])


def reconcile(import_file: Import, hostile: Hostile, *flags: str) -> dict[str, Any]:
    """Import the file and hold every count, the ledger and the table to what is expected.

    A file of which nothing is loaded is refused, and accounted for in the ledger.
    """
    if hostile.loaded:
        report = import_file(hostile.data, "--max-reject-rate", "1", *flags)
    else:
        with pytest.raises(CommandError, match="Nothing was loaded") as caught:
            import_file(hostile.data, "--max-reject-rate", "1", *flags)
        assert caught.value.returncode == 1
        report = ImportRun.objects.get(status="failed").report
    rejected = sum(hostile.rejected.values())
    found = {name: report[name] for name in ("created", "rejected", "blank", "duplicates", "skipped")}
    assert found == {
        "created": len(hostile.loaded),
        "rejected": rejected,
        "blank": hostile.blank,
        "duplicates": hostile.duplicates,
        "skipped": 0,
    }
    assert report["records"] == len(hostile.loaded) + rejected + hostile.blank + hostile.duplicates
    assert report["rejects_by_reason"] == hostile.rejected
    assert Counter(ImportReject.objects.values_list("reason", flat=True)) == hostile.rejected
    assert set(Entreprise.objects.values_list("siren", flat=True)) == {
        SIRENS[number] for number in hostile.loaded
    }
    return report
