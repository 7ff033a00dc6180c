"""Where each record is, looked up once for each distinct postal code and town."""

from collections.abc import Callable
from typing import Any

import polars as pl

from foxreviews.location.lookup import Place

POSTAL: dict[str, Any] = {"code_postal": pl.String, "ville_nom": pl.String}
FOUND = dict.fromkeys(("found_code", "found_ville", "found_departement"), pl.String)


class Places:
    """The places found so far by the columns of `key`: 4,000,000 records name some 40,000 distinct pairs."""

    def __init__(self, key: dict[str, Any], find: Callable[..., Place]) -> None:
        self._key, self._find = key, find
        self._known = pl.DataFrame(schema=key | FOUND)

    def locate(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add `code_commune` (null where the town did not resolve) and `departement`; `ville_nom` is the city's."""
        located = self._join(frame)
        unknown = located["found_departement"].is_null()  # a known key has one, be it ""
        if unknown.any():
            new = frame.filter(unknown).select(list(self._key)).unique(maintain_order=True)
            places = ((*key, self._find(*key)) for key in new.iter_rows())
            found = [(*key, place.code_commune, place.ville_nom, place.departement) for *key, place in places]
            self._known = pl.concat([self._known, pl.DataFrame(found, self._key | FOUND, orient="row")])
            located = self._join(frame)
        return located.with_columns(
            code_commune=pl.when(pl.col("found_code") != "").then("found_code"),
            ville_nom="found_ville",
            departement="found_departement",
        ).drop(list(FOUND))

    def _join(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(self._known, on=list(self._key), how="left", maintain_order="left")
