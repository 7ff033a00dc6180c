"""Fictional companies, block by block: a seed gives the same rows, however many of them are asked for."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TypeVar

import numpy as np
import polars as pl

from foxreviews.core.errors import UsageError
from foxreviews.demo.generator.phrases import REGISTER, Phrasebook, Rows, slots
from foxreviews.demo.generator.postal_places import TELEPHONE_ZONES, postal_places
from foxreviews.demo.generator.sampling import Bools, Choice, Ints, scattered
from foxreviews.demo.generator.sirens import MAX_COMPANIES, Sirens, head_offices
from foxreviews.demo.generator.trades import legal_forms, trades
from foxreviews.reference.register import BANDS

BLOCK = 100_000  # rows: 0.33 GB at the peak, however many are asked for

_THREADS = 2
_DECIMALS = 6  # of a degree: 10 cm
LAST_DAY = np.datetime64("2026-06-30")
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

_MOBILE = "06 39 98"  # kept free for fiction, as those of TELEPHONE_ZONES
_PREFIXES = pl.Series([*TELEPHONE_ZONES, _MOBILE])
_MOBILES = 0.35
_WITH_TELEPHONE, _WITH_SITE = 0.4, 0.2
_WITH_EMAIL = 0.7  # of those that have a site
_PAIRS = pl.Series([f"{number:02d}" for number in range(100)])

COLUMNS = (
    "siren", "siret", "nom", "nom_commercial", "adresse", "code_postal", "ville_nom", "naf_code", "naf_libelle",
    "telephone", "email", "site_web", "latitude", "longitude", "date_creation", "tranche_effectif",
    "categorie_juridique", "is_active",
)  # fmt: skip
Part = TypeVar("Part")
Block = TypeVar("Block")


def blocks(rows: int, seed: int) -> Iterator[pl.DataFrame]:
    """`rows` companies in COLUMNS. Two blocks are made at once.

    Raises UsageError where there are not as many SIREN.
    """
    if rows > MAX_COMPANIES:
        raise UsageError(f"There are {MAX_COMPANIES:,} SIREN to give, so no more rows than that.")
    generator = Generator(seed)
    return parallel_map(lambda first: generator.block(first // BLOCK, rows - first), range(0, rows, BLOCK))


def parallel_map(make: Callable[[Part], Block], parts: Iterable[Part]) -> Iterator[Block]:
    """What `make` gives for each part, in their order, two being made while one is written."""
    waiting: deque[Future[Block]] = deque()
    with ThreadPoolExecutor(_THREADS) as threads:
        for part in parts:
            waiting.append(threads.submit(make, part))
            if len(waiting) > _THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


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
    """What a block of companies is, in whichever file it is written."""

    place: Ints  # in PostalPlaces
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
        self.places = postal_places()
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

    def block(self, number: int, limit: int) -> pl.DataFrame:
        """The first `limit` rows of block `number`. It is made whole: a shorter one would be sampled differently."""
        rng = np.random.default_rng([self.seed, 1 + number])
        made = self.companies(rng)
        sirens = self.sirens.of(number * BLOCK, BLOCK)
        return (
            pl.DataFrame(
                {
                    "siren": pl.Series(sirens).cast(pl.String),
                    "siret": pl.Series(head_offices(sirens, rng)).cast(pl.String),
                    "nom": made.nom,
                    "nom_commercial": made.nom_commercial,
                    "adresse": self._adresse(made.who, rng),
                    "code_postal": self.places.code_postal.gather(made.place),
                    "ville_nom": self.places.ville_nom(made.place, rng),
                    "naf_code": self.naf.gather(made.who.trade),
                    "naf_libelle": self._libelle.gather(made.who.trade),
                    **self._contacts(made, rng),
                    **self.places.positions(made.place, rng),
                    **life(made.family, rng),
                    "categorie_juridique": self.categorie.gather(made.who.form),
                }
            )
            .select(COLUMNS)
            .head(limit)
        )

    def companies(self, rng: np.random.Generator) -> Companies:
        """A block of them."""
        trade = self._trade.sample(rng, BLOCK)
        sole_trader = rng.random(BLOCK) < self._sole_traders[trade]
        family = np.where(sole_trader, _SOLE_TRADER, self._family[trade])
        place = self.places.sample(rng, BLOCK)
        town = self.places.town[place]
        spelling = np.where(sole_trader, REGISTER, _SPELLING_OF_COMPANIES.sample(rng, BLOCK))
        who = Rows(trade, self._legal_form(family, rng), town, spelling)
        nom = self._names.write(rng, family, who)
        return Companies(place, who, nom, self._nom_commercial(who, rng), family)

    def _contacts(self, made: Companies, rng: np.random.Generator) -> dict[str, pl.Series]:
        known_as = made.nom_commercial.fill_null(made.nom)
        return contacts(known_as, self.places.zone[made.place], rng)

    def _legal_form(self, family: Ints, rng: np.random.Generator) -> Ints:
        form = np.empty_like(family)
        for number, (forms, choice) in enumerate(self._forms):
            mine = np.flatnonzero(family == number)
            form[mine] = forms[choice.sample(rng, len(mine))]
        return form

    def _nom_commercial(self, who: Rows, rng: np.random.Generator) -> pl.Series:
        chosen = np.flatnonzero(rng.random(BLOCK) < self._signs[who.trade])
        rows = replace(who.take(chosen), spelling=_SPELLING_OF_SIGNS.sample(rng, len(chosen)))
        return scattered(self._shop_signs.write(rng, np.zeros_like(chosen), rows), chosen, BLOCK)

    def _adresse(self, who: Rows, rng: np.random.Generator) -> pl.Series:
        rows = replace(who, spelling=_SPELLING_OF_ADDRESSES.sample(rng, BLOCK))
        return self._addresses.write(rng, np.zeros_like(who.trade), rows)


def _forms_of(family: str) -> tuple[Ints, Choice]:
    """The numbers of a family's legal forms, and the choice of one of them."""
    numbers = [number for number, form in enumerate(legal_forms()) if form.family == family]
    return np.array(numbers), Choice([legal_forms()[number].weight for number in numbers])


def life(family: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
    """When each company was created, whether it still trades, and how many people it employs."""
    age = np.minimum(rng.exponential(_MEAN_AGE, BLOCK), _OLDEST).astype(np.int64)
    is_active = rng.random(BLOCK) >= _CEASED
    band = np.select(
        [family == _SOLE_TRADER, np.isin(family, _LARGE_FAMILIES)],
        [_BAND_OF_SOLE_TRADERS.sample(rng, BLOCK), _BAND_OF_LARGE_ONES.sample(rng, BLOCK)],
        _BAND_OF_COMPANIES.sample(rng, BLOCK),
    )
    return {
        "date_creation": pl.Series(LAST_DAY - age).cast(pl.Date),
        "tranche_effectif": pl.Series(list(BANDS)).gather(band * is_active),  # NN, the first, for the ceased
        "is_active": pl.Series(is_active),
    }


def contacts(names: pl.Series, zones: Ints, rng: np.random.Generator) -> dict[str, pl.Series]:
    """Telephone, e-mail and site of companies known by `names`; many have none. None of them reaches anyone."""
    size = len(names)
    called, online = (np.flatnonzero(rng.random(size) < share) for share in (_WITH_TELEPHONE, _WITH_SITE))
    hosts = _hosts(names.gather(online))
    written = np.flatnonzero(rng.random(len(online)) < _WITH_EMAIL)
    return {
        "telephone": scattered(_telephones(zones[called], rng), called, size),
        "email": scattered("contact@" + hosts.gather(written), online[written], size),
        "site_web": scattered("https://www." + hosts, online, size),
    }


def _telephones(zones: Ints, rng: np.random.Generator) -> pl.Series:
    """A number in each zone, or a mobile one: "01 99 00 12 34"."""
    prefix = np.where(rng.random(len(zones)) < _MOBILES, len(TELEPHONE_ZONES), zones)
    first, second = rng.integers(100, size=(2, len(zones)))
    parts = [_PREFIXES.gather(prefix), _PAIRS.gather(first), _PAIRS.gather(second)]
    return pl.select(pl.concat_str(parts, separator=" ")).to_series()


def _hosts(names: pl.Series) -> pl.Series:
    """A host under .example, which is reserved (RFC 2606), for each name: "l-atelier-d-anna.example"."""
    plain = pl.col("name").str.to_lowercase().str.replace_all("œ", "oe", literal=True).str.normalize("NFKD")
    words = plain.str.replace_all(r"\p{M}", "").str.replace_all("[^a-z0-9]+", "-").str.slice(0, 50)
    label = words.str.strip_chars("-")
    return pl.DataFrame({"name": names}).select(pl.concat_str(label, pl.lit(".example"))).to_series()
