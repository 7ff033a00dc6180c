"""What a description may say of a company, a town or a trade, and every way of saying it.

`values` are the facts as an endpoint gets them, each in words that a sentence takes as they are. `names` are what it is
called, `phrases` the other ways to state a fact, `required` what no description leaves out.
"""

import datetime as dt
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from foxreviews.core.keyset import Row
from foxreviews.enterprise.privacy import MASK, masked, may_leave
from foxreviews.location.town import official_name
from foxreviews.reference import french, naf
from foxreviews.reference.geography import CITIES_WITH_DISTRICTS, MUNICIPAL_DISTRICTS, district_number
from foxreviews.reference.register import BANDS, FORM_PHRASES, Band

VERSION = 1  # of the rules: a text that was made from the same facts by other ones is made again
UNKNOWN_DAY = dt.date(1900, 1, 1)  # what the register writes for a date of creation that it does not know
CEASED = "a cessé son activité"
NO_EMPLOYEE = "n'emploie aucun salarié"


class Facts(ABC):
    """Facts of one kind. `key` is a SIREN, an INSEE code or a NAF code."""

    kind: ClassVar[str]
    key: str
    may_leave: bool  # whether an endpoint, which is somebody else's machine, may have them

    @property
    @abstractmethod
    def values(self) -> dict[str, str]:
        """By their French names; those that are not known are left out."""

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """What it is called; the first one is in every description."""

    @abstractmethod
    def phrases(self) -> Iterable[str]:
        """Every way to state one of the facts, but for the names."""

    @property
    def required(self) -> tuple[str, ...]:
        """What every description says."""
        return self.names[:1]

    @property
    def words(self) -> str:
        """A text whose small words may be used in any order: they name no person, place or number."""
        return ""

    @property
    def hash(self) -> str:
        """Of the facts and the version of the rules: another one where a description is to be made again."""
        said = json.dumps([VERSION, self.kind, self.values], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Company(Facts):
    """A company. `nom` is "" where it is hidden; `forme` is its legal form with its article."""

    kind: ClassVar[str] = "entreprise"
    key: str
    nom: str
    nom_commercial: str
    forme: str
    is_active: bool
    created: dt.date | None
    place: str
    places: tuple[str, ...]  # parts of `place` that stand for themselves
    activity: str  # the label of the nomenclature
    band: Band | None
    may_leave: bool

    @classmethod
    def of(cls, row: Row) -> "Company":
        """From a whole row of Entreprise, with `town_nom` where its Ville is known."""
        may, seen = may_leave(row), masked(row)
        place, places = _place(seen)
        nom, commercial = ("" if seen[name] == MASK else seen[name] for name in ("nom", "nom_commercial"))
        created = seen["date_creation"]
        return cls(
            key=seen["siren"],
            nom=nom,
            nom_commercial="" if commercial == nom else commercial,
            forme=FORM_PHRASES.get(seen["categorie_juridique"]) or "une entreprise",
            is_active=seen["is_active"],
            created=None if created == UNKNOWN_DAY else created,
            place=place,
            places=places,
            activity=naf.label(seen["naf_code"]) or naf.label(seen["naf25_code"]),
            band=BANDS.get(seen["tranche_effectif"]) if seen["is_active"] else None,
            may_leave=may,
        )

    @property
    def is_feminine(self) -> bool:
        """Of the legal form."""
        return not self.forme.startswith("un ")

    @property
    def values(self) -> dict[str, str]:
        found = {
            "nom": self.nom,
            "nom commercial": self.nom_commercial,
            "forme juridique": self.forme,
            "état": "en activité" if self.is_active else CEASED,
            "création": french.date(self.created) if self.created else "",
            "lieu": self.place,
            "activité principale": french.activity(self.activity) or french.lowered(self.activity),
            "effectif": employees(self.band) if self.band else "",
        }
        return {name: value for name, value in found.items() if value}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.nom, self.nom_commercial)))

    @property
    def required(self) -> tuple[str, ...]:
        return (*self.names[:1], *(() if self.is_active else (CEASED,)))

    @property
    def words(self) -> str:
        return f"{self.forme} {french.lowered(self.activity)}"

    def phrases(self) -> Iterable[str]:
        yield from (self.forme, self.forme.partition(" ")[2])
        yield from filter(None, (self.place, *self.places))
        if self.activity:
            yield from filter(None, (french.activity(self.activity), french.lowered(self.activity)))
        if self.created:
            day, year = french.date(self.created), self.created.year
            yield from (day, day.partition(" ")[2], f"en {year}", f"depuis {year}")
        if self.band:
            yield from _employees(self.band)
        if not self.is_active:
            yield from (CEASED, "n'est plus en activité")


@dataclass(frozen=True, slots=True)
class Town(Facts):
    """A commune, or a municipal district of `city`."""

    kind: ClassVar[str] = "ville"
    key: str
    nom: str
    city: str
    departement: str
    region: str
    population: int | None
    codes_postaux: tuple[str, ...]
    may_leave: bool = True

    @classmethod
    def of(cls, row: Row) -> "Town":
        """From a row of Ville."""
        city = CITIES_WITH_DISTRICTS.get(MUNICIPAL_DISTRICTS.get(row["code_insee"], ""), "")
        number = district_number(row["code_insee"])
        return cls(
            key=row["code_insee"],
            nom=f"{french.ordinal(number)} arrondissement" if city else row["nom"],
            city=city,
            departement=row["departement"],
            region=row["region"],
            population=row["population"],
            codes_postaux=tuple(row["codes_postaux"]),
        )

    @property
    def title(self) -> str:
        """As a sentence begins with it."""
        return f"le {self.nom} de {self.city}" if self.city else self.nom

    @property
    def areas(self) -> tuple[str, ...]:
        """«dans le Rhône», «en Auvergne-Rhône-Alpes»; not «à Paris» of Paris, nor «à La Réunion» twice."""
        departement, region = french.in_departement(self.departement), french.in_region(self.region)
        if departement == french.in_town(self.city or self.nom):
            departement = ""
        return tuple(dict.fromkeys(filter(None, (departement, region))))

    @property
    def values(self) -> dict[str, str]:
        found = {
            "nom": self.title,
            "lieu": ", ".join(self.areas),
            "population": inhabitants(self.population) if self.population is not None else "",
            "codes postaux": french.listed(self.codes_postaux),
        }
        return {name: value for name, value in found.items() if value}

    @property
    def names(self) -> tuple[str, ...]:
        return (self.title,)

    def phrases(self) -> Iterable[str]:
        yield from (*self.areas, ", ".join(self.areas) or self.title)
        if not self.city:
            yield french.in_town(self.nom)
        if self.population is not None:
            yield inhabitants(self.population)
            if self.population:
                yield f"{self.population} habitants"
        codes = french.listed(self.codes_postaux)
        if len(self.codes_postaux) > 1:
            yield from (f"codes postaux sont {codes}", f"codes postaux {codes}")
            yield f"{len(self.codes_postaux)} codes postaux"
        elif codes:
            yield from (f"code postal est {codes}", f"code postal est le {codes}", f"code postal {codes}")


@dataclass(frozen=True, slots=True)
class Trade(Facts):
    """A sub-class of either nomenclature."""

    kind: ClassVar[str] = "activite"
    key: str
    label: str
    section: str
    nomenclature: str
    successor: str  # its code in NAF 2025, "" where there is not just one
    nicknames: tuple[str, ...]
    may_leave: bool = True

    @classmethod
    def of(cls, code: str) -> "Trade | None":
        """From its code in the official spelling; None where no nomenclature has it."""
        is_rev2 = code in naf.NAF
        if not (is_rev2 or code in naf.NAF25):
            return None
        trades = naf.TRADES if is_rev2 else naf.TRADES25
        return cls(
            key=code,
            label=naf.label(code),
            section=(naf.SECTIONS if is_rev2 else naf.SECTIONS25)[naf.levels(code).section],
            nomenclature="NAF rév. 2" if is_rev2 else "NAF 2025",
            successor=naf.successor(code) if is_rev2 else "",
            # What names only this trade: «restaurant» also names two others.
            nicknames=tuple(name for name, codes in trades.items() if codes == (code,)),
        )

    @property
    def title(self) -> str:
        """As a sentence begins with it."""
        return french.activity(self.label) or french.lowered(self.label)

    @property
    def values(self) -> dict[str, str]:
        found = {
            "activité": self.title,
            "section": self.section,
            "nomenclature": self.nomenclature,
            "code": self.key,
            "code dans la NAF 2025": self.successor,
            "noms courants": french.listed(self.nicknames),
        }
        return {name: value for name, value in found.items() if value}

    @property
    def names(self) -> tuple[str, ...]:
        return (self.title,)

    @property
    def words(self) -> str:
        return french.lowered(self.label)

    def phrases(self) -> Iterable[str]:
        yield from (self.section, french.lowered(self.section), french.lowered(self.label))
        yield from (f"code {self.key}", f"{self.nomenclature}, sous le code {self.key}", self.nomenclature)
        yield from (french.listed(self.nicknames) or self.title, *self.nicknames)
        if self.successor:
            yield from (
                f"code est {self.successor} dans la NAF 2025",
                f"code {self.successor} dans la NAF 2025",
            )


def _place(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Where a company is: «à Lyon, dans le Rhône», «dans le 15e arrondissement de Paris (75)»; and its parts."""
    departement = french.in_departement(row["departement"])
    nom = row["ville_nom"]
    if not departement or not nom:
        return departement, ()
    nom = official_name(nom)
    town, parts = french.in_town(nom), tuple[str, ...]()
    if city := CITIES_WITH_DISTRICTS.get(MUNICIPAL_DISTRICTS.get(row["ville_id"] or "", "")):
        number = district_number(row["ville_id"])
        town, parts = f"dans le {french.ordinal(number)} arrondissement de {city}", (french.in_town(city),)
    if departement == french.in_town(nom):
        return f"{town} ({row['departement']})", (*parts, town)
    return f"{town}, {departement}", (*parts, town, departement)


def employees(band: Band) -> str:
    """«de 10 à 19 salariés»."""
    return next(iter(_employees(band)))


def _employees(band: Band) -> Iterable[str]:
    least, most = french.number(band.minimum), french.number(band.maximum or 0)
    if band.maximum is None:
        yield from (f"{least} salariés ou plus", f"au moins {least} salariés")
    elif not band.maximum:
        yield from (NO_EMPLOYEE, "aucun salarié")
    elif band.maximum == band.minimum + 1:
        yield f"{least} ou {most} salariés"
    else:
        yield from (f"de {least} à {most} salariés", f"entre {least} et {most} salariés")
        yield f"{least} à {most} salariés"


def inhabitants(population: int) -> str:
    """«519 127 habitants»."""
    if population < 2:
        return "un habitant" if population else "aucun habitant"
    return f"{french.number(population)} habitants"
