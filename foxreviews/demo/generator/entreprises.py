"""Fictional companies, block by block: a seed gives the same rows, however many of them are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
import polars as pl

from foxreviews.core.errors import UsageError
from foxreviews.demo.generator import contacts
from foxreviews.demo.generator.deliveries import Deliveries
from foxreviews.demo.generator.draws import Bools, Choice, Ints, scattered
from foxreviews.demo.generator.names import slots
from foxreviews.demo.generator.phrases import REGISTER, Phrasebook, Rows
from foxreviews.demo.generator.sirens import MOST as MOST_SIRENS
from foxreviews.demo.generator.sirens import Sirens, head_offices
from foxreviews.demo.generator.trades import legal_forms, trades
from foxreviews.demo.generator.workers import ahead
from foxreviews.reference.register import BANDS

BLOCK = 100_000  # rows: 0.33 GB at the peak, however many are asked for

_DECIMALS = 6  # of a degree: 10 cm
_LAST_DAY = np.datetime64("2026-06-30")
_OLDEST = 45_000  # days, the year 1903
_MEAN_AGE = 3_200  # days
_CEASED = 0.18

_BAND_OF_SOLE_TRADERS = Choice([930, 25, 32, 9, 3, 1])
_BAND_OF_COMPANIES = Choice([640, 60, 130, 75, 42, 28, 17, 5, 2, 0.3, 0.4, 0.2, 0.1, 0.03, 0.01, 0.005])
_BAND_OF_LARGE_ONES = Choice([400, 60, 150, 120, 90, 75, 60, 22, 12, 2, 4, 2, 1, 0.4, 0.15, 0.05])

# In the register's spelling, in upper case with accents, as people write.
_SPELLING_OF_COMPANIES = Choice([86, 5, 9])
_SPELLING_OF_SIGNS = Choice([45, 15, 40])
_SPELLING_OF_ADDRESSES = Choice([85, 2, 13])
_SIGNS = {"commerce": 0.45, "artisan": 0.18, "service": 0.22, "liberal": 0.1, "agricole": 0.08}
_FAMILIES = tuple(dict.fromkeys(form.family for form in legal_forms()))
_SOLE_TRADER = _FAMILIES.index("personne")
_LARGE_FAMILIES = [_FAMILIES.index("public"), _FAMILIES.index("industrie")]

COLUMNS = (
    "siren",
    "siret",
    "nom",
    "nom_commercial",
    "adresse",
    "code_postal",
    "ville_nom",
    "naf_code",
    "naf_libelle",
    "telephone",
    "email",
    "site_web",
    "latitude",
    "longitude",
    "date_creation",
    "tranche_effectif",
    "categorie_juridique",
    "is_active",
)


def blocks(rows: int, seed: int) -> Iterator[pl.DataFrame]:
    """`rows` companies in COLUMNS. Two blocks are made at once.

    Raises UsageError where there are not as many SIREN.
    """
    if rows > MOST_SIRENS:
        raise UsageError(f"There are {MOST_SIRENS:,} SIREN to give, so no more rows than that.")
    generator = Generator(seed)
    return ahead(lambda first: generator.block(first // BLOCK, rows - first), range(0, rows, BLOCK))


def csv_header() -> bytes:
    """The first line of the file."""
    return f"{','.join(COLUMNS)}\n".encode()


def csv_lines(block: pl.DataFrame) -> bytes:
    """The lines of a block: quotes where a comma or a quote needs them, nothing for what is not known."""
    lines = BytesIO()
    block.write_csv(lines, include_header=False, float_precision=_DECIMALS)
    return lines.getvalue()


@dataclass(frozen=True, slots=True)
class Companies:
    """What a block of companies is, whichever file tells of it."""

    place: Ints  # in Deliveries
    who: Rows
    nom: pl.Series
    nom_commercial: pl.Series
    family: Ints

    @property
    def natural(self) -> Bools:
        """Whether each is a person who trades alone."""
        natural: Bools = self.family == _SOLE_TRADER
        return natural


class Generator:
    """Makes the blocks of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.sirens = Sirens(seed)
        self.deliveries = Deliveries()
        self._trade = Choice([trade.weight for trade in trades()])
        self._sole_traders = np.array([trade.sole_traders for trade in trades()])
        self._family = np.array([_FAMILIES.index(trade.family) for trade in trades()])
        self._signs = np.array([_SIGNS.get(trade.family, 0.0) for trade in trades()])
        self.naf = pl.Series([trade.naf_code for trade in trades()])
        self._libelle = pl.Series([trade.libelle for trade in trades()])
        self.categorie = pl.Series([form.code for form in legal_forms()])
        self._forms = [_forms_of(family) for family in _FAMILIES]
        self._names = Phrasebook(_FAMILIES, slots())
        self._shop_signs = Phrasebook(["enseigne"], slots())
        self._addresses = Phrasebook(["adresse"], slots())

    def block(self, number: int, most: int) -> pl.DataFrame:
        """The first `most` rows of block `number`. It is made whole: a shorter one would draw differently."""
        rng = np.random.default_rng([self.seed, 1 + number])
        drawn = self.companies(rng)
        sirens = self.sirens.of(number * BLOCK, BLOCK)
        return (
            pl.DataFrame(
                {
                    "siren": pl.Series(sirens).cast(pl.String),
                    "siret": pl.Series(head_offices(sirens, rng)).cast(pl.String),
                    "nom": drawn.nom,
                    "nom_commercial": drawn.nom_commercial,
                    "adresse": self._adresse(drawn.who, rng),
                    "code_postal": self.deliveries.code_postal.gather(drawn.place),
                    "ville_nom": self.deliveries.ville_nom(drawn.place, rng),
                    "naf_code": self.naf.gather(drawn.who.trade),
                    "naf_libelle": self._libelle.gather(drawn.who.trade),
                    **self._contacts(drawn, rng),
                    **self.deliveries.positions(drawn.place, rng),
                    **life(drawn.family, rng),
                    "categorie_juridique": self.categorie.gather(drawn.who.form),
                }
            )
            .select(COLUMNS)
            .head(most)
        )

    def companies(self, rng: np.random.Generator) -> Companies:
        """A block of them."""
        trade = self._trade.draw(rng, BLOCK)
        sole_trader = rng.random(BLOCK) < self._sole_traders[trade]
        family = np.where(sole_trader, _SOLE_TRADER, self._family[trade])
        place = self.deliveries.draw(rng, BLOCK)
        town = self.deliveries.town[place]
        spelling = np.where(sole_trader, REGISTER, _SPELLING_OF_COMPANIES.draw(rng, BLOCK))
        who = Rows(trade, self._legal_form(family, rng), town, spelling)
        nom = self._names.write(rng, family, who)
        return Companies(place, who, nom, self._nom_commercial(who, rng), family)

    def _contacts(self, drawn: Companies, rng: np.random.Generator) -> dict[str, pl.Series]:
        known_as = drawn.nom_commercial.fill_null(drawn.nom)
        return contacts.columns(known_as, self.deliveries.zone[drawn.place], rng)

    def _legal_form(self, family: Ints, rng: np.random.Generator) -> Ints:
        drawn = np.empty_like(family)
        for number, (forms, choice) in enumerate(self._forms):
            mine = np.flatnonzero(family == number)
            drawn[mine] = forms[choice.draw(rng, len(mine))]
        return drawn

    def _nom_commercial(self, who: Rows, rng: np.random.Generator) -> pl.Series:
        chosen = np.flatnonzero(rng.random(BLOCK) < self._signs[who.trade])
        rows = replace(who.take(chosen), spelling=_SPELLING_OF_SIGNS.draw(rng, len(chosen)))
        return scattered(self._shop_signs.write(rng, np.zeros_like(chosen), rows), chosen, BLOCK)

    def _adresse(self, who: Rows, rng: np.random.Generator) -> pl.Series:
        rows = replace(who, spelling=_SPELLING_OF_ADDRESSES.draw(rng, BLOCK))
        return self._addresses.write(rng, np.zeros_like(who.trade), rows)


def _forms_of(family: str) -> tuple[Ints, Choice]:
    """The numbers of a family's legal forms, and the draw of one of them."""
    numbers = [number for number, form in enumerate(legal_forms()) if form.family == family]
    return np.array(numbers), Choice([legal_forms()[number].weight for number in numbers])


def life(family: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
    """When each company was created, whether it still trades, and how many people it employs."""
    age = np.minimum(rng.exponential(_MEAN_AGE, BLOCK), _OLDEST).astype(np.int64)
    is_active = rng.random(BLOCK) >= _CEASED
    band = np.select(
        [family == _SOLE_TRADER, np.isin(family, _LARGE_FAMILIES)],
        [_BAND_OF_SOLE_TRADERS.draw(rng, BLOCK), _BAND_OF_LARGE_ONES.draw(rng, BLOCK)],
        _BAND_OF_COMPANIES.draw(rng, BLOCK),
    )
    return {
        "date_creation": pl.Series(_LAST_DAY - age).cast(pl.Date),
        "tranche_effectif": pl.Series(list(BANDS)).gather(band * is_active),  # NN, the first, for the ceased
        "is_active": pl.Series(is_active),
    }
