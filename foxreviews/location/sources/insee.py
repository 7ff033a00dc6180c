"""INSEE's tables of communes: the geographic code (COG) names them, the census counts their people, and the file of
movements tells what has become of which.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from foxreviews.location.sources.laposte import insee_code, town_name
from foxreviews.location.sources.table import BadLineError, Column, Layout

COMMUNES = {"COM", "ARM"}  # communes and municipal districts; COMD and COMA are former communes
KINDS = COMMUNES | {"COMD", "COMA"}


@dataclass(frozen=True, slots=True)
class CogEntry:
    """A commune of the geographic code, or a former one that is now part of its `parent`."""

    kind: str
    code_insee: str
    nom: str
    parent: str


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """The municipal population (PMUN) of a commune or municipal district."""

    code_insee: str
    nom: str
    population: int


@dataclass(frozen=True, slots=True)
class Movement:
    """On `date` (ISO 8601), the commune `before` became, or became part of, the commune `after`; perhaps itself.

    Without `before`, `after` was created, or something that is no commune became part of it. Without `after` the line
    tells of no commune.
    """

    date: str
    before: str
    after: str
    nom_before: str = ""
    nom_after: str = ""


class GeographicCode:
    """The geographic code by code. A current commune goes before a former one that had the same code."""

    def __init__(self, entries: Iterable[CogEntry]) -> None:
        self.names: dict[str, str] = {}
        self.communes: set[str] = set()
        self.former: dict[str, set[str]] = {}  # commune → the codes of the former communes that it is made of
        self.former_names: dict[str, set[str]] = {}  # commune → their names
        self.parents: dict[str, str] = {}  # former commune → commune
        for entry in entries:
            if entry.kind in COMMUNES:
                self.communes.add(entry.code_insee)
                self.names[entry.code_insee] = entry.nom
                continue
            self.former.setdefault(entry.parent, set()).add(entry.code_insee)
            self.former_names.setdefault(entry.parent, set()).add(entry.nom)
            self.parents[entry.code_insee] = entry.parent
            if entry.code_insee not in self.communes:
                self.names[entry.code_insee] = entry.nom


def _parse_cog(row: Mapping[str, str]) -> CogEntry:
    if row["kind"] not in KINDS:
        raise BadLineError("typecom")
    return CogEntry(row["kind"], insee_code(row["code_insee"]), town_name(row["nom"]), row["parent"])


def _parse_census(row: Mapping[str, str]) -> Inhabitants:
    digits = "".join(row["population"].split())
    if not (digits.isascii() and digits.isdigit() and len(digits) < 9):
        raise BadLineError("pmun")
    return Inhabitants(insee_code(row["code_insee"]), town_name(row["nom"]), int(digits))


def _parse_movement(row: Mapping[str, str]) -> Movement:
    """Delegated and associated communes are parts of one, and districts of a city: what became such has not gone."""
    kinds = row["kind_before"], row["kind_after"]
    if not row["after"] or kinds[1] not in COMMUNES or kinds == ("COM", "ARM"):
        return Movement("", "", "")
    if len(row["date"]) != len("2026-01-01"):
        raise BadLineError("date-malformed")
    before = row["before"] if kinds[0] in COMMUNES else ""
    return Movement(row["date"], before, row["after"], row.get("nom_before", ""), row.get("nom_after", ""))


COG = Layout(
    title="INSEE's geographic code of communes (v_commune_2026.csv)",
    columns={
        "kind": Column(("TYPECOM",)),
        "code_insee": Column(("COM",)),
        "nom": Column(("LIBELLE",)),
        "parent": Column(("COMPARENT",)),
    },
    parse=_parse_cog,
)
CENSUS = Layout(
    title="INSEE's populations of communes (donnees_communes.csv)",
    columns={
        "code_insee": Column(("COM",)),
        "nom": Column(("Commune",)),
        "population": Column(("PMUN",)),
    },
    parse=_parse_census,
)
MOVEMENTS = Layout(
    title="INSEE's file of movements of communes (v_mvt_commune)",
    columns={
        "date": Column(("DATE_EFF",)),
        "kind_before": Column(("TYPECOM_AV",)),
        "before": Column(("COM_AV",)),
        "nom_before": Column(("LIBELLE_AV",), required=False),
        "kind_after": Column(("TYPECOM_AP",)),
        "after": Column(("COM_AP",)),
        "nom_after": Column(("LIBELLE_AP",), required=False),
    },
    parse=_parse_movement,
)
