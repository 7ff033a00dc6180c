"""INSEE's two tables of communes: the geographic code (COG) names them, the census counts their people."""

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


class GeographicCode:
    """The geographic code by code. A current commune goes before a former one that had the same code."""

    def __init__(self, entries: Iterable[CogEntry]) -> None:
        self.names: dict[str, str] = {}
        self.communes: set[str] = set()
        self.former: dict[str, set[str]] = {}  # commune → the codes of the former communes that it is made of
        for entry in entries:
            if entry.kind in COMMUNES:
                self.communes.add(entry.code_insee)
                self.names[entry.code_insee] = entry.nom
                continue
            self.former.setdefault(entry.parent, set()).add(entry.code_insee)
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
