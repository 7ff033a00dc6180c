"""Public bodies and associations of some real towns, that share an address and half of a name: fictional, as CSV.

The register has each town's commune, its centre d'action sociale, its committee and its clubs, and a list means one.
"""

import csv
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from benchmarks.matching.dirt import Truth
from foxreviews.reference.identifiers import siren_with_key

TOWNS = 400
FIRST = 21_000_000  # of their SIREN; those of real communes follow later
COLUMNS = (
    "siren", "nom", "adresse", "code_postal", "ville_nom", "naf_code", "naf_libelle", "categorie_juridique",
)  # fmt: skip
_BODIES = (
    ("COMMUNE {of}", "1 PLACE DE LA MAIRIE", "84.11Z", "Administration publique générale", "7210"),
    ("CENTRE COMMUNAL D ACTION SOCIALE {of}", "1 PLACE DE LA MAIRIE", "88.99B", "Action sociale", "7361"),
    ("COMITE DES FETES {of}", "1 PLACE DE LA MAIRIE", "94.99Z", "Organisations associatives", "9220"),
    (
        "COMMUNAUTE DE COMMUNES DU PAYS {of}",
        "3 RUE DE LA GARE",
        "84.11Z",
        "Administration publique générale",
        "7346",
    ),
    ("FOOTBALL CLUB {of}", "RUE DU STADE", "93.12Z", "Activités de clubs de sports", "9220"),
)


def write(towns: Path, file: Path, seed: int) -> None:
    """Those of some towns of the post's file."""
    with towns.open(encoding="utf-8", newline="") as read:
        rows = {row["Nom_commune"]: row for row in csv.DictReader(read, delimiter=";")}
    names = sorted(rows, key=lambda name: sha256(f"{seed} {name}".encode()).hexdigest())[:TOWNS]
    number = FIRST
    with file.open("w", encoding="utf-8", newline="") as written:
        writer = csv.writer(written)
        writer.writerow(COLUMNS)
        for name in names:
            for nom, adresse, *others in _BODIES:
                place = [adresse, rows[name]["Code_postal"], name]
                writer.writerow([siren_with_key(number), nom.format(of=_of(name)), *place, *others])
                number += 1


def truths(file: Path) -> Iterator[Truth]:
    """The same as companies that lines are made of."""
    with file.open(encoding="utf-8", newline="") as read:
        for row in csv.DictReader(read):
            yield Truth(
                siren=row["siren"],
                siret="",
                nom=row["nom"],
                signs=(),
                adresse=row["adresse"],
                code_postal=row["code_postal"],
                ville_nom=row["ville_nom"],
                naf_code=row["naf_code"],
                naf_libelle=row["naf_libelle"],
            )


def _of(town: str) -> str:
    """«DU MANS», «D AMIENS», «DE LYON»."""
    if town.startswith("LE "):
        return f"DU {town[3:]}"
    if town.startswith("LES "):
        return f"DES {town[4:]}"
    return f"D {town}" if town[0] in "AEIOUYH" else f"DE {town}"
