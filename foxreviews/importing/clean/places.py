"""Where each record is, looked up once for each distinct postal code and town."""

from collections.abc import Callable
from typing import Any

import polars as pl

from foxreviews.location.lookup import Place
from foxreviews.reference.words import words

POSTAL: dict[str, Any] = {"code_postal": pl.String, "ville_nom": pl.String}
FOUND = dict.fromkeys(("found_code", "found_ville", "found_departement", "found_localite"), pl.String)


class Places:
    """The places found so far by the columns of `key`: 4,000,000 records name some 40,000 distinct pairs."""

    def __init__(self, key: dict[str, Any], find: Callable[..., Place]) -> None:
        self._key, self._find = key, find
        self._known = pl.DataFrame(schema=key | FOUND)

    def locate(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add `code_commune` (null where the town did not resolve) and `departement`; `ville_nom` is the city's.

        The part of the town that `ville_nom` named (Place.localite) is `localite` then, mostly empty.
        """
        located = self._join(frame)
        unknown = located["found_departement"].is_null()  # a known key has one, be it ""
        if unknown.any():
            new = frame.filter(unknown).select(list(self._key)).unique(maintain_order=True)
            places = ((*key, self._find(*key)) for key in new.iter_rows())
            found = [
                (*key, place.code_commune, place.ville_nom, place.departement, place.localite)
                for *key, place in places
            ]
            self._known = pl.concat([self._known, pl.DataFrame(found, self._key | FOUND, orient="row")])
            located = self._join(frame)
        return located.with_columns(
            code_commune=pl.when(pl.col("found_code") != "").then("found_code"),
            ville_nom="found_ville",
            departement="found_departement",
            localite="found_localite",
        ).drop(list(FOUND))

    def _join(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(self._known, on=list(self._key), how="left", maintain_order="left")


def add_localites(frame: pl.DataFrame, max_length: int, where: pl.Expr) -> pl.DataFrame:
    """Keep in the address, where it is not there already, the part of the town that the record named as its town.

    «1 RUE DU PORT», JUAN LES PINS → «1 RUE DU PORT, Juan-les-Pins», Antibes.
    """
    rows = frame.select((pl.col("localite") != "") & where).to_series().arg_true()
    if not len(rows):
        return frame
    pairs = frame[rows].select("adresse", "localite").rows()
    kept = [_with_localite(adresse, localite) for adresse, localite in pairs]
    kept = [new if len(new) <= max_length else old for new, (old, _) in zip(kept, pairs, strict=True)]
    return frame.with_columns(adresse=frame["adresse"].scatter(rows, pl.Series(kept, dtype=pl.String)))


def _with_localite(adresse: str, localite: str) -> str:
    """The words of both are compared, so that it is not there twice in another spelling."""
    if f" {' '.join(words(localite))} " in f" {' '.join(words(adresse))} ":
        return adresse
    return f"{adresse}, {localite}" if adresse else localite
