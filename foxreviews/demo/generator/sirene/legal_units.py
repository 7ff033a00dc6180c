"""StockUniteLegale: who fictional companies are."""

from datetime import date, datetime

import numpy as np
import polars as pl

from foxreviews.demo.generator.entreprises import BLOCK, Companies, Generator, life
from foxreviews.demo.generator.phrases import REGISTER, Rows, slots
from foxreviews.demo.generator.sampling import Choice, Ints, scattered
from foxreviews.enterprise.privacy import MASK, PARTIAL, PUBLIC
from foxreviews.reference.naf import SUCCESSORS

_PARTIAL_PEOPLE, _PARTIAL_COMPANIES = 0.09, 0.004  # of natural persons and of legal ones
_OLD = date(2008, 1, 1)  # who ceased before then has a code of an older nomenclature
_OLDER = ("NAFRev1", "NAF1993", "NAP")
TREATED = datetime(2026, 6, 30, 8, 15, 42)  # noqa: DTZ001  INSEE names no zone
_PURGED = date(1985, 1, 1)
_PEOPLE = (
    "sexeUniteLegale", "prenom1UniteLegale", "prenom2UniteLegale", "prenomUsuelUniteLegale",
    "pseudonymeUniteLegale", "nomUniteLegale", "nomUsageUniteLegale",
)  # fmt: skip
_SIZES = Choice([96, 3.5, 0.5])
_CLASSIFIED = date(2024, 1, 1)  # INSEE has computed the categories of those that were there before
_EMPLOYER_KNOWN = 0.95


class LegalUnits:
    """Writes the columns that the companies of a block are known by."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._slots = slots()
        self._naf25 = pl.Series([SUCCESSORS[code] for code in generator.naf], dtype=pl.List(pl.String))

    def columns(self, made: Companies, rng: np.random.Generator) -> pl.DataFrame:
        """The frame of a block, without SIREN and NIC."""
        natural = made.natural
        partial = rng.random(BLOCK) < np.where(natural, _PARTIAL_PEOPLE, _PARTIAL_COMPANIES)
        born = life(made.family, rng)
        frame = pl.DataFrame(
            {
                "statutDiffusionUniteLegale": pl.Series(np.where(partial, PARTIAL, PUBLIC)),
                "categorieJuridiqueUniteLegale": self._generator.categorie.gather(made.who.form),
                "dateDernierTraitementUniteLegale": pl.Series([TREATED]).new_from_index(0, BLOCK),
                **_state(born),
                **_size(born, rng),
                **self._activity(made.who, born, rng),
                **self._person(np.flatnonzero(natural), rng),
                **self._company(made, np.flatnonzero(~natural), rng),
                "employs": _employs(born, rng),  # of its establishments: INSEE leaves that of the unit empty
                "economieSocialeSolidaireUniteLegale": _some("N", 0.5, rng),
                "societeMissionUniteLegale": _some("N", 0.2, rng),
            }
        )
        hidden = pl.Series(partial & natural)
        masked = [pl.when(hidden).then(pl.lit(MASK)).otherwise(pl.col(name)).alias(name) for name in _PEOPLE]
        return frame.with_columns(*masked, caractereEmployeurUniteLegale=pl.lit(None, pl.String))

    def _activity(
        self, who: Rows, born: dict[str, pl.Series], rng: np.random.Generator
    ) -> dict[str, pl.Series]:
        """A code of NAF rév. 2 and one of NAF 2025; of those who ceased long ago one that is older."""
        code = self._generator.naf.gather(who.trade)
        older = ~born["is_active"] & (born["date_creation"] < _OLD)
        kind = pl.Series(_OLDER).gather(rng.integers(len(_OLDER), size=BLOCK))
        return dict(
            pl.select(
                activitePrincipaleUniteLegale=pl.when(older)
                .then(code.str.slice(0, 4) + code.str.slice(5))
                .otherwise(code),
                nomenclatureActivitePrincipaleUniteLegale=pl.when(older)
                .then(kind)
                .otherwise(pl.lit("NAFRev2")),
                activitePrincipaleNAF25UniteLegale=pl.when(~older).then(self._successors(who)),
            ).to_dict()
        )

    def _successors(self, who: Rows) -> pl.Series:
        """A code of NAF 2025 that each company's code has become; of several, one after another."""
        codes = self._naf25.gather(who.trade)
        return codes.list.get(pl.Series(np.arange(BLOCK)) % codes.list.len())

    def _person(self, people: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
        """First and family names."""
        who = _independent(len(people))
        first, second = (self._slots["first"](rng, who) for _ in range(2))
        family, used = (self._slots["surname"](rng, who) for _ in range(2))
        columns = {
            "sexeUniteLegale": pl.Series(["F", "M"]).gather(rng.integers(2, size=len(people))),
            "prenom1UniteLegale": first,
            "prenom2UniteLegale": _of(second, 0.4, rng),
            "prenomUsuelUniteLegale": first,
            "pseudonymeUniteLegale": _of(used, 0.004, rng),
            "nomUniteLegale": family,
            "nomUsageUniteLegale": _of(used, 0.06, rng),
        }
        return {name: scattered(values, people, BLOCK) for name, values in columns.items()}

    def _company(self, made: Companies, companies: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
        """Names, usual names and initials of legal persons."""
        initials = self._slots["acronym"](rng, _independent(len(companies)))
        columns = {
            "denominationUniteLegale": made.nom.gather(companies),
            "denominationUsuelle1UniteLegale": _of(made.nom_commercial.gather(companies), 0.2, rng),
            "sigleUniteLegale": _initials(initials, rng),
        }
        return {name: scattered(values, companies, BLOCK) for name, values in columns.items()}


def _state(born: dict[str, pl.Series]) -> dict[str, pl.Series]:
    created, active = born["date_creation"], born["is_active"]
    purged = ~active & (created < _PURGED)
    return dict(
        pl.select(
            dateCreationUniteLegale=created,
            etatAdministratifUniteLegale=pl.when(active).then(pl.lit("A")).otherwise(pl.lit("C")),
            unitePurgeeUniteLegale=pl.when(purged).then(pl.lit(value=True)),
        ).to_dict()
    )


def _size(born: dict[str, pl.Series], rng: np.random.Generator) -> dict[str, pl.Series]:
    """Who has no employees is a PME, too, once INSEE has computed the categories of its year."""
    band, created = born["tranche_effectif"], born["date_creation"]
    counted = band != "NN"
    small = born["is_active"] & (created < _CLASSIFIED)
    size = pl.Series(["PME", "ETI", "GE"]).gather(_SIZES.sample(rng, BLOCK))
    return dict(
        pl.select(
            trancheEffectifsUniteLegale=band,
            anneeEffectifsUniteLegale=pl.when(counted).then(pl.lit("2024")),
            categorieEntreprise=pl.when(counted).then(size).when(small).then(pl.lit("PME")),
            anneeCategorieEntreprise=pl.when(counted | small).then(pl.lit("2023")),
        ).to_dict()
    )


def _employs(born: dict[str, pl.Series], rng: np.random.Generator) -> pl.Series:
    """The letter of who has employees, and of who has none; of some nobody has said it."""
    counted = born["is_active"] & (born["tranche_effectif"] != "NN")
    said = pl.Series(rng.random(BLOCK) < _EMPLOYER_KNOWN)
    return pl.select(pl.when(counted).then(pl.lit("O")).when(said).then(pl.lit("N"))).to_series()


def _initials(values: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Few have any. The register leaves some values out and writes others empty, in quotes."""
    chance = pl.Series(rng.random(len(values)))
    return pl.select(pl.when(chance < 0.08).then(values).when(chance < 0.1).then(pl.lit(""))).to_series()


def _independent(size: int) -> Rows:
    """Rows for words that depend on nothing, in the register's spelling."""
    nothing = np.zeros(size, np.int64)
    return Rows(nothing, nothing, nothing, nothing + REGISTER)


def _of(values: pl.Series, share: float, rng: np.random.Generator) -> pl.Series:
    """The values of some rows."""
    return pl.select(pl.when(pl.Series(rng.random(len(values)) < share)).then(values)).to_series()


def _some(value: str, share: float, rng: np.random.Generator) -> pl.Series:
    return _of(pl.Series([value]).new_from_index(0, BLOCK), share, rng)
