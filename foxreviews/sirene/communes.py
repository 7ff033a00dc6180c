"""Where a head office is, by the INSEE code of its commune, looked up once for each distinct address of a town."""

import polars as pl

from foxreviews.location.lookup import Place, VilleLookup
from foxreviews.reference.geography import departement_of_insee, departement_of_postal_code
from foxreviews.sirene.movements import Movements

TOWN = ["code_commune", "code_postal", "ville_nom"]
SCHEMA = dict.fromkeys((*TOWN, "code", "ville", "departement"), pl.String)


class Communes:
    """The towns met so far."""

    def __init__(self, lookup: VilleLookup, movements: Movements) -> None:
        self._lookup = lookup
        self._movements = movements
        self._known = pl.DataFrame(schema=SCHEMA)

    def locate(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add `departement`; make `code_commune` today's (null where there is none) and `ville_nom` the city's name.

        What is `abroad` keeps its town and has neither.
        """
        new = frame.select(TOWN).unique(maintain_order=True).join(self._known, on=TOWN, how="anti")
        if new.height:
            found = pl.DataFrame([self._find(*town) for town in new.iter_rows()], SCHEMA, orient="row")
            self._known = pl.concat([self._known, found])
        located = frame.join(self._known, on=TOWN, how="left", maintain_order="left")
        return located.with_columns(
            code_commune=pl.when(~pl.col("abroad") & (pl.col("code") != "")).then("code"),
            ville_nom=pl.when("abroad").then("ville_nom").otherwise("ville"),
            departement=pl.when("abroad").then(pl.lit("")).otherwise("departement"),
        ).drop("code", "ville")

    def _find(self, code: str, code_postal: str, ville_nom: str) -> tuple[str, ...]:
        place = self._place(code, code_postal, ville_nom)
        return code, code_postal, ville_nom, place.code_commune, place.ville_nom, place.departement

    def _place(self, code: str, code_postal: str, ville_nom: str) -> Place:
        """By its code, by what the code has become, by postal code and name; else what the address says.

        The code is kept also where no town has it: a town that is loaded later finds its companies.
        """
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
