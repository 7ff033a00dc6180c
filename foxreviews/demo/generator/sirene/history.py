"""StockUniteLegaleHistorique: the periods of fictional companies, the latest first. Few have changed their name."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from foxreviews.demo.generator.entreprises import LAST_DAY
from foxreviews.demo.generator.sampling import Choice, Ints
from foxreviews.enterprise.privacy import MASK
from foxreviews.reference.register import HISTORY_COLUMNS

_COUNTS = Choice([20, 30, 50])  # of companies with 1, 2, 3 periods: 2.3 per company, as in the register
_RENAMED = 0.08  # of those with more than one
_SAID = (
    "EtatAdministratif", "Nom", "NomUsage", "Denomination", "DenominationUsuelle", "CategorieJuridique",
    "ActivitePrincipale", "NicSiege", "EconomieSocialeSolidaire", "SocieteMission", "CaractereEmployeur",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Periods:
    """How many periods each company has, and the day on which its latest, the one before and the first began."""

    count: Ints
    begins: Ints  # days since 1970, three per company; of those with fewer periods the last ones are the same

    @classmethod
    def sample(cls, created: pl.Series, rng: np.random.Generator) -> "Periods":
        """Of companies that were created on these days. A period has a day at least."""
        first = created.to_physical().to_numpy().astype(np.int64)
        age = LAST_DAY.astype(np.int64) - first
        count = np.minimum(1 + _COUNTS.sample(rng, len(first)), 1 + age)
        chance = rng.random((2, len(first)))
        latest = first + count - 1 + (chance[0] * (age - count + 2)).astype(np.int64)
        second = first + 1 + (chance[1] * (latest - first - 1)).astype(np.int64)
        latest, second = np.where(count > 1, latest, first), np.where(count == 3, second, first)
        return cls(count, np.stack([latest, second, first], axis=1))

    def head(self, size: int) -> "Periods":
        """Of the first companies."""
        return Periods(self.count[:size], self.begins[:size])

    @property
    def latest(self) -> pl.Series:
        """The day on which today's period of each company began."""
        return _days(self.begins[:, 0])


def history(units: pl.DataFrame, periods: Periods, rng: np.random.Generator) -> pl.DataFrame:
    """The rows of the units' periods: today's, and what was otherwise before."""
    count = periods.count
    unit = np.repeat(np.arange(units.height), count)
    turn = np.arange(len(unit)) - np.repeat(np.cumsum(count) - count, count)  # 0 is today's
    renamed, since = rng.random(units.height) < _RENAMED, rng.integers(1, 3, units.height)
    named_otherwise = renamed[unit] & (turn >= since[unit])
    end = _days(periods.begins[unit, np.maximum(turn - 1, 0)] - 1)
    is_past = pl.lit(pl.Series(turn > 0))
    frame = units.select(
        *(name for name in HISTORY_COLUMNS if name in units.columns),
        formerName=pl.col("denominationUniteLegale").shift(-1).backward_fill(),
        formerUsage=pl.col("nomUniteLegale").shift(-1).backward_fill().replace(MASK, None),
    )[unit]
    frame = frame.with_columns(
        dateDebut=_days(periods.begins[unit, turn]),
        dateFin=pl.when(is_past).then(end),
        etatAdministratifUniteLegale=pl.when(is_past).then(pl.lit("A")).otherwise("etatAdministratifUniteLegale"),
        **_former_names(pl.lit(pl.Series(named_otherwise))),
    )  # fmt: skip
    return frame.with_columns(**_changes(pl.lit(pl.Series(turn < count[unit] - 1))))


def _former_names(otherwise: pl.Expr) -> dict[str, pl.Expr]:
    """A legal person had the name of another one, a natural person another name in use, if its names are public."""
    name, usage = pl.col("denominationUniteLegale"), pl.col("nomUsageUniteLegale")
    return {
        "denominationUniteLegale": pl.when(otherwise & name.is_not_null()).then("formerName").otherwise(name),
        "nomUsageUniteLegale": pl.when(otherwise & (pl.col("nomUniteLegale") != MASK))
        .then("formerUsage")
        .otherwise(usage),
    }


def _changes(has_one_before: pl.Expr) -> dict[str, pl.Expr]:
    """What differs from the period before, which is the next row."""
    changes = {}
    for said in _SAID:
        name = f"{'denominationUsuelle1' if said == 'DenominationUsuelle' else said[0].lower() + said[1:]}UniteLegale"
        changes[f"changement{said}UniteLegale"] = has_one_before & pl.col(name).ne_missing(
            pl.col(name).shift(-1)
        )
    return changes


def _days(days: Ints) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)
