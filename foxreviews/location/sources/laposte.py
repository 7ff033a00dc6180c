"""La Poste's «base officielle des codes postaux» (hexasmal): every commune with every postal code it has.

Vintages differ in the names of the columns and in whether they give the position.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from foxreviews.location.sources.table import BadLineError, Column, Layout
from foxreviews.reference.geography import INSEE_CODE
from foxreviews.reference.text import fold

POSTAL = re.compile(r"(?!00)\d{5}", re.ASCII)
WITHOUT_ZERO = re.compile(r"[1-9]\d{3}", re.ASCII)
POSITION = re.compile(r"(-?\d+(?:\.\d+)?)\s*[,;]\s*(-?\d+(?:\.\d+)?)", re.ASCII)
MAX_NAME_LENGTH = 48  # folded; the post allows 38 characters, the longest official name has 45


@dataclass(frozen=True, slots=True)
class PostalPlace:
    """One line: the post delivers to this commune under this postal code, and under these names."""

    code_insee: str
    nom: str
    code_postal: str
    libelle: str  # the routing label, where the post's name is not the commune's
    ligne_5: str  # a former commune or a locality
    position: tuple[float, float] | None  # latitude, longitude: degrees, WGS 84


def insee_code(text: str) -> str:
    """The code of a commune. Raises BadLineError("code-insee")."""
    code = _with_zero(text.upper())
    if not INSEE_CODE.fullmatch(code):
        raise BadLineError("code-insee")
    return code


def town_name(text: str) -> str:
    """A name that has letters and is no longer than names are. Raises BadLineError("nom")."""
    name = " ".join(text.split())
    if (
        not 0 < len(fold(name)) <= MAX_NAME_LENGTH
        or len(name) > 2 * MAX_NAME_LENGTH
        or not name.isprintable()
    ):
        raise BadLineError("nom")
    return name


def _parse(row: Mapping[str, str]) -> PostalPlace:
    code_insee = insee_code(row["code_insee"])
    code_postal = _with_zero(row["code_postal"])
    if not POSTAL.fullmatch(code_postal):
        raise BadLineError("code-postal")
    return PostalPlace(
        code_insee=code_insee,
        nom=town_name(row["nom"]),
        code_postal=code_postal,
        libelle=row.get("libelle", ""),
        ligne_5=row.get("ligne_5", ""),
        position=_position(row.get("position", "")),
    )


def _with_zero(code: str) -> str:
    """The code with the zero that spreadsheets drop: 1004 → 01004."""
    return f"0{code}" if WITHOUT_ZERO.fullmatch(code) else code


def _position(text: str) -> tuple[float, float] | None:
    """«48.86, 2.33», or nothing where it is not a place on Earth: a town does not depend on its position."""
    found = POSITION.fullmatch(text)
    if not found:
        return None
    latitude, longitude = float(found[1]), float(found[2])
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


LAYOUT = Layout(
    title="La Poste's file of postal codes (laposte_hexasmal.csv)",
    columns={
        "code_insee": Column(("Code_commune_INSEE", "Code_INSEE", "INSEE")),
        "nom": Column(("Nom_commune", "Nom_commune_postal", "Commune")),
        "code_postal": Column(("Code_postal",)),
        "libelle": Column(("Libelle_acheminement",), required=False),
        "ligne_5": Column(("Ligne_5",), required=False),
        "position": Column(("coordonnees_gps", "coordonnees_geographiques", "geopoint"), required=False),
    },
    parse=_parse,
)
