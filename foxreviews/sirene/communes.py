"""Where a head office is, by the INSEE code of its commune, or of the commune which that one has become."""

from typing import Any, ClassVar

import polars as pl

from foxreviews.core.sources import open_source
from foxreviews.location.lookup import Place, VilleLookup
from foxreviews.location.movements import Movements
from foxreviews.location.sources.insee import MOVEMENTS
from foxreviews.location.sources.table import lines_of, read
from foxreviews.reading.errors import WrongColumns
from foxreviews.reference.geography import departement_of_insee, departement_of_postal_code


class Communes:
    """Finds the place of a head office. An address abroad keeps its town, and has no codes."""

    KEY: ClassVar[dict[str, Any]] = dict.fromkeys(("code_commune", "code_postal", "ville_nom"), pl.String) | {
        "abroad": pl.Boolean
    }

    def __init__(self, lookup: VilleLookup, movements: Movements) -> None:
        self._lookup, self._movements = lookup, movements

    def find(self, code: str, code_postal: str, ville_nom: str, abroad: bool) -> Place:
        """By what its code has become, by its code, by postal code and name; else what the address says.

        The code is kept also where no town has it: a town that is loaded later finds its companies.
        """
        if abroad:
            return Place("", ville_nom, "")
        today = self._movements.today(code, self._exists) or code
        if today and (found := self._lookup.by_code(today, ville_nom, is_former=today != code)):
            return found
        named = self._lookup.resolve(code_postal, ville_nom)
        if named.code_commune or not code:
            return named
        departement = departement_of_insee(code) or departement_of_postal_code(code_postal)
        return Place(code, named.ville_nom, departement)

    def _exists(self, code: str) -> bool:
        """The movements decide, also where the towns have been loaded without them."""
        return self._movements.exists(code) and self._lookup.by_code(code) is not None


def read_movements(path: str) -> Movements:
    """Read INSEE's file. Raises UnreadableSource, WrongTableError, WrongColumns."""
    with open_source(path) as source:
        reading = read(lines_of(source.read), path, MOVEMENTS)
    if not reading.rows:
        raise WrongColumns(f"{path} has no line that can be used. Nothing was loaded.")
    return Movements(reading.rows)
