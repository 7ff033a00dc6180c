"""Where a head office is, by the INSEE code of its commune, or of the commune which that one has become.

INSEE's file of movements (Code officiel géographique, "événements survenus aux communes") has them since 1943: an
address keeps the code of its commune for some time after that was merged into another.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from foxreviews.core.sources import open_source
from foxreviews.location.lookup import Place, VilleLookup
from foxreviews.location.sources.table import BadLineError, Column, Layout, lines_of, read
from foxreviews.reading.errors import WrongColumns
from foxreviews.reference.geography import departement_of_insee, departement_of_postal_code

COMMUNES = ("COM", "ARM")  # not delegated or associated communes, which are parts of one


@dataclass(frozen=True)
class Movement:
    """On `date` (ISO 8601), the commune `before` became, or became part of, the commune `after`."""

    date: str
    before: str
    after: str


class Movements:
    """Follows a code through the years."""

    def __init__(self, movements: Iterable[Movement] = ()) -> None:
        self._of: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for each in movements:
            if each.before != each.after:
                self._of[each.before][each.date].add(each.after)

    def today(self, code: str, exists: Callable[[str], bool]) -> str:
        """The commune that `code` is today, "" where it was split among several or its end is not known.

        Of 4,242 codes that have gone since 1943, 4,234 lead to a commune of 2026, 6 were split.
        """
        passed: set[str] = set()
        while not exists(code):
            last = max(self._of[code], default=None) if code in self._of else None
            heirs = self._of[code][last] if last else set()
            if code in passed or len(heirs) != 1:
                return ""
            passed.add(code)
            (code,) = heirs
        return code


class Communes:
    """Finds the place of a head office. An address abroad keeps its town, and has no codes."""

    KEY: ClassVar[dict[str, Any]] = dict.fromkeys(("code_commune", "code_postal", "ville_nom"), pl.String) | {
        "abroad": pl.Boolean
    }

    def __init__(self, lookup: VilleLookup, movements: Movements) -> None:
        self._lookup, self._movements = lookup, movements

    def find(self, code: str, code_postal: str, ville_nom: str, abroad: bool) -> Place:
        """By its code, by what the code has become, by postal code and name; else what the address says.

        The code is kept also where no town has it: a town that is loaded later finds its companies.
        """
        if abroad:
            return Place("", ville_nom, "")
        today = self._movements.today(code, self._is_known) if code else ""
        if today and (found := self._lookup.by_code(today)):
            return found
        named = self._lookup.resolve(code_postal, ville_nom)
        if named.code_commune or not code:
            return named
        departement = departement_of_insee(code) or departement_of_postal_code(code_postal)
        return Place(code, named.ville_nom, departement)

    def _is_known(self, code: str) -> bool:
        return self._lookup.by_code(code) is not None


def read_movements(path: str) -> Movements:
    """Read INSEE's file. Raises UnreadableSource, WrongTableError, WrongColumns."""
    with open_source(path) as source:
        reading = read(lines_of(source.read), path, LAYOUT)
    if not reading.rows:
        raise WrongColumns(f"{path} has no line that can be used. Nothing was loaded.")
    return Movements(reading.rows)


def _parse(line: Mapping[str, str]) -> Movement:
    if line["kind"] not in COMMUNES or not line["before"]:
        return Movement(line["date"], line["after"], line["after"])  # of no commune
    if len(line["date"]) != len("2026-01-01"):
        raise BadLineError("date-malformed")
    return Movement(line["date"], line["before"], line["after"])


LAYOUT = Layout(
    title="INSEE's file of movements of communes (v_mvt_commune)",
    columns={
        "date": Column(("DATE_EFF",)),
        "before": Column(("COM_AV",)),
        "kind": Column(("TYPECOM_AP",)),
        "after": Column(("COM_AP",)),
    },
    parse=_parse,
)
