"""What speaks for and against a record meaning a company: features for the model, and sentences for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from foxreviews.enterprise.names import Kind, Name, names
from foxreviews.matching.bodies import WORDS as KINDS_OF_BODIES
from foxreviews.matching.names import (
    NOTHING_ALIKE,
    TOWN_SHARE,
    Comparison,
    Likeness,
    NameWords,
    Weight,
    are_other_bodies,
    asked_words,
    compare,
    compare_part,
    form_of,
    name_words,
    parts,
)
from foxreviews.matching.record import Address, Record, address
from foxreviews.matching.towns import Towns, city_of
from foxreviews.reference.naf import predecessor
from foxreviews.reference.text import town_key
from foxreviews.reference.words import distance, typos_of, words

DOUBTFUL = (Kind.DENOMINATION_USUELLE, Kind.ANCIEN_NOM)
MAX_TOLD = 2.0  # of what the words in common tell: two words that no other company has
MANY_NAMESAKES = 1_000
NEAR_AT_A_GLANCE, ALIKE_AT_A_GLANCE = 0.3, 0.25
MIN_ALIKE = 0.4  # similarity, below which nothing is accepted by its name
SHORT = 4  # letters of a name that others have by chance: SMA


class Company(NamedTuple):
    """A row of sql/candidates.sql."""

    siren: str
    siret: str
    nom: str
    nom_commercial: str
    autres_noms: str
    adresse: str
    code_postal: str
    ville_nom: str
    code_commune: str
    departement: str
    naf_code: str
    naf25_code: str
    categorie_juridique: str
    is_active: bool
    statut_diffusion: str
    anciens_noms: str | None


class Establishment(NamedTuple):
    """A row of sql/establishments.sql, without its first column."""

    siret: str
    nom_commercial: str
    autres_noms: str
    numero_voie: str
    type_voie: str
    libelle_voie: str
    localite: str
    code_postal: str
    code_commune: str
    departement: str
    naf_code: str
    naf25_code: str
    is_active: bool
    est_siege: bool


class Near(StrEnum):
    """Where a company is, seen from the record's place."""

    TOWN = "town"
    POSTAL_CODE = "postal_code"
    NEIGHBOUR = "neighbour"
    DEPARTEMENT = "departement"
    FAR = "far"
    UNKNOWN = "unknown"


class Street(StrEnum):
    """How two streets compare."""

    SAME = "same"  # and the number
    OTHER_NUMBER = "other_number"
    NO_NUMBER = "no_number"
    OTHER = "other"
    UNKNOWN = "unknown"


class Trade(StrEnum):
    """How two trades compare."""

    SAME = "same"
    RELATED = "related"
    OTHER = "other"
    UNKNOWN = "unknown"


NEARNESS = {
    near: place
    for place, near in enumerate(
        (Near.TOWN, Near.POSTAL_CODE, Near.NEIGHBOUR, Near.DEPARTEMENT, Near.UNKNOWN, Near.FAR)
    )
}
STREETS = {
    street: place
    for place, street in enumerate(
        (Street.SAME, Street.NO_NUMBER, Street.OTHER_NUMBER, Street.UNKNOWN, Street.OTHER)
    )
}


@dataclass(frozen=True)
class Site:
    """A place of business: a head office or an establishment, compared with the record."""

    near: Near
    street: Street
    trade: Trade
    siret: str
    is_active: bool
    is_head_office: bool
    is_named: bool = False  # the record has its SIRET
    sign: Comparison = NOTHING_ALIKE

    @property
    def rank(self) -> tuple[Any, ...]:
        """The best one is the least."""
        return (
            not self.is_named,
            NEARNESS[self.near],
            STREETS[self.street],
            not self.is_active,
            -self.sign.similarity,
            not self.is_head_office,
            self.siret,
        )


@dataclass(frozen=True)
class Evidence:
    """What a record and a company have in common, and in what they differ."""

    company: Company
    name: Comparison
    kind: str  # of the company's name that is most alike
    known_as: str  # that name
    site: Site
    number: str  # same, other, or "" where the record gives none
    form: str  # same, other, unsaid or ""
    is_property: bool  # one of both is a company that holds property (SCI), the other is not said to be
    namesakes: int  # companies that have the very name
    has_second_sign: bool = False  # the record's name and its sign are both the company's
    is_unnamed: bool = False  # the record has no name: its number speaks alone
    is_other_body: bool = False  # the commune and its CCAS, the club of this town and of the next

    @cached_property
    def features(self) -> tuple[float, ...]:
        """The values of FEATURES, in their order."""
        name, site = self.name, self.site
        is_same = name.likeness >= Likeness.SAME
        similarity = 0.0 if is_same or name.likeness is Likeness.INITIALS else name.similarity
        near = site.near
        told = min(name.told, MAX_TOLD)
        is_placed = near in (Near.TOWN, Near.POSTAL_CODE, Near.NEIGHBOUR)
        street = site.street if is_placed or near is Near.UNKNOWN else Street.UNKNOWN
        return (
            float(name.likeness is Likeness.EXACT),
            float(is_same),
            float(name.likeness is Likeness.INITIALS),
            float(name.likeness is Likeness.SPELLING),
            similarity,
            max(0.0, similarity - 0.6),
            max(0.0, similarity - 0.8),
            float(name.likeness is Likeness.OTHER),
            name.lacking if not is_same else 0.0,
            name.added if not is_same else 0.0,
            told,
            max(0.0, told - 0.5),
            max(0.0, told - 1.0),
            float(self.kind in DOUBTFUL),
            float(self.kind not in (Kind.NOM, *DOUBTFUL)),
            float(self.has_second_sign),
            _log(self.namesakes) if is_same else 0.0,
            float(near is Near.TOWN),
            float(near is Near.POSTAL_CODE),
            float(near is Near.NEIGHBOUR),
            float(near is Near.DEPARTEMENT),
            float(near is Near.FAR),
            float(not site.is_head_office),
            float(street is Street.SAME),
            float(street is Street.NO_NUMBER),
            float(street is Street.OTHER_NUMBER),
            float(street is Street.OTHER),
            float(site.trade is Trade.SAME),
            float(site.trade is Trade.RELATED),
            float(site.trade is Trade.OTHER),
            float(self.company.is_active),
            float(self.number == "same"),
            float(self.number == "other"),
            float(self.form == "same"),
            float(self.form == "other"),
            float(self.is_property),
            float(len(self.words.core) <= SHORT),
            told if near is Near.UNKNOWN else 0.0,
            told if near is Near.DEPARTEMENT else 0.0,
        )

    @property
    def words(self) -> NameWords:
        """Of the company's name that is most alike."""
        return name_words(self.known_as)

    def sentences(self) -> Iterator[str]:
        """The same for people, what counts most first."""
        if self.number == "same":
            yield "the same SIRET" if self.site.is_named else "the same SIREN"
        elif self.number == "other":
            yield "another SIREN than the line's"
        if not self.is_unnamed:
            yield _OF_NAME[self.name.likeness] + _of_kind(self.kind, self.name)
        if self.name.likeness in (Likeness.WORDS, Likeness.SPELLING):
            yield f"{self.name.similarity:.0%} alike".replace("%", " %")
        if self.name.likeness >= Likeness.SAME and self.namesakes > 1:
            yield f"{self.namesakes:,} companies have that name"
        yield from filter(
            None, (_OF_PLACE[self.site.near], _OF_STREET[self.site.street], _OF_TRADE[self.site.trade])
        )
        if self.form == "other":
            yield "another legal form"
        if self.is_property:
            yield "one of both is an SCI"
        if not self.company.is_active:
            yield "the company has ceased"


FEATURES = (
    "name_exact",
    "name_same",
    "name_initials",
    "name_spelling",
    "similarity",
    "similarity_over_0.6",
    "similarity_over_0.8",
    "name_other",
    "lacking",
    "added",
    "told",
    "told_over_0.5",
    "told_over_1",
    "name_doubtful",
    "name_sign",
    "second_sign",
    "namesakes",
    "town",
    "postal_code",
    "neighbour",
    "departement",
    "far",
    "branch",
    "street_same",
    "street_no_number",
    "street_other_number",
    "street_other",
    "trade_same",
    "trade_related",
    "trade_other",
    "active",
    "number_same",
    "number_other",
    "form_same",
    "form_other",
    "property",
    "short",
    "told_without_place",
    "told_in_departement",
)

_OF_NAME = {
    Likeness.EXACT: "the same name",
    Likeness.SAME: "the same name but for form, order or spaces",
    Likeness.INITIALS: "the initials of the name",
    Likeness.SPELLING: "nearly the same name",
    Likeness.WORDS: "words of the name",
    Likeness.OTHER: "another name",
}
_OF_PLACE = {
    Near.TOWN: "in the same town",
    Near.POSTAL_CODE: "under the same postal code",
    Near.NEIGHBOUR: "in a town near by",
    Near.DEPARTEMENT: "in the same département",
    Near.FAR: "far from the line's place",
    Near.UNKNOWN: "",
}
_OF_STREET = {
    Street.SAME: "at the same address",
    Street.NO_NUMBER: "in the same street",
    Street.OTHER_NUMBER: "in the same street, at another number",
    Street.OTHER: "in another street",
    Street.UNKNOWN: "",
}
_OF_TRADE = {
    Trade.SAME: "the same trade",
    Trade.RELATED: "a related trade",
    Trade.OTHER: "another trade",
    Trade.UNKNOWN: "",
}


def _of_kind(kind: str, name: Comparison) -> str:
    if name.likeness is Likeness.OTHER or kind in (Kind.NOM, ""):
        return ""
    return {
        Kind.ANCIEN_NOM: ", which it has no more",
        Kind.SIGLE: ", its initials by the register",
        Kind.DENOMINATION_USUELLE: ", an old usual one",
    }.get(Kind(kind), ", on its sign")


def _log(count: int) -> float:
    """0 for one, 1 for MANY_NAMESAKES or more."""
    return min(len(bin(max(count, 1))) - 3, 10) / 10


class Judge:
    """Compares one record with companies. `weight` tells how rare a word is, `namesakes` how many have a name's key."""

    def __init__(self, record: Record, towns: Towns, weight: Weight) -> None:
        self.record, self.towns = record, towns
        self._rarity, self._towns = weight, record.town_words
        self._town = ""
        self._compared: dict[tuple[str, str], tuple[Comparison, int]] = {}
        self._names = [name_words(name) for name in record.names]
        self._typed = frozenset[str]().union(*(name.words for name in self._names))
        self._asked = [asked_words(name) for name in record.names]
        self._parts = [
            (words, number)
            for number, name in enumerate(record.names)
            for words in map(name_words, parts(name))
            if not self._towns.issuperset(words.words)
        ]
        self._forms = frozenset[str]().union(*(name.forms for name in self._names))

    def _weight(self, word: str) -> float:
        if word in KINDS_OF_BODIES:
            return TOWN_SHARE
        return self._rarity(word) * TOWN_SHARE if word in self._towns else self._rarity(word)

    def judge(self, company: Company, places: Sequence[Establishment], namesakes: int) -> Evidence:
        """What speaks for the company; `places` are its establishments around the record's place."""
        self._is_of(company)
        sites = [self._head_office(company), *map(self._site, places)]
        site = min(sites, key=lambda each: each.rank)
        name, kind, known_as, has_second = self._name(company, places, site)
        forms = self._forms_of(company)
        return Evidence(
            company=company,
            name=name,
            kind=kind,
            known_as=known_as,
            site=site,
            number=self._number(company),
            form=self._form(forms),
            is_property=("SCI" in self._forms) != ("SCI" in forms) and bool(self._names),
            namesakes=namesakes,
            has_second_sign=has_second,
            is_unnamed=not self._names,
            is_other_body=name.similarity >= MIN_ALIKE
            and self._is_other_body(company, name, known_as, forms),
        )

    def likeness(self, company: Company) -> float:
        """How likely a company is meant, at a glance: by it some are chosen to be compared in full."""
        record = self.record
        near = bool(record.code_postal) and record.code_postal == company.code_postal
        near = near or (bool(record.code_commune) and record.code_commune == company.code_commune)
        best = max((self._glance(name_words(name.nom)) for name in _names_of(company)), default=0.0)
        return best + NEAR_AT_A_GLANCE * near + 2 * (self._number(company) == "same")

    def _glance(self, known: NameWords) -> float:
        """The rare words that two names share; that they begin or end alike."""
        best = 0.0
        for typed in self._names:
            shared = sum(self._rarity(word) for word in typed.words if word in known.words)
            length = max(len(typed.words), len(known.words), 1)
            alike = (typed.core[:4] == known.core[:4]) + (typed.core[-4:] == known.core[-4:])
            best = max(best, 2.0 if typed.core == known.core else shared / length + ALIKE_AT_A_GLANCE * alike)
        return best

    def _is_of(self, company: Company) -> None:
        """The words of its town tell as little as those of the record's."""
        self._town, self._towns = (
            company.ville_nom,
            self.record.town_words | _words_of_town(company.ville_nom),
        )

    def _compare(self, nom: str) -> tuple[Comparison, int]:
        """The best comparison with one of the record's names, and which."""
        if (known := self._compared.get((nom, self._town))) is None:
            known = self._compared[nom, self._town] = self._found(nom)
        return known

    def _found(self, nom: str) -> tuple[Comparison, int]:
        best, which = NOTHING_ALIKE, 0
        known = name_words(nom)
        for number, typed in enumerate(self._names):
            found = compare(typed, known, self._weight)
            if (found.likeness >= Likeness.SAME, found.similarity) > (
                best.likeness >= Likeness.SAME,
                best.similarity,
            ):
                best, which = found, number
        if best.likeness < Likeness.SAME and not (known.forms | self._forms).isdisjoint(KINDS_OF_BODIES):
            best, which = self._in_full(nom, best, which)
        for part, number in self._parts:
            if (
                best.likeness < Likeness.SAME
                and (found := compare_part(part, known, self._weight)).similarity > best.similarity
            ):
                best, which = found, number
        return best, which

    def _in_full(self, nom: str, best: Comparison, which: int) -> tuple[Comparison, int]:
        """The same of names in the words that stand there: the kind of a public body may be misspelt or cut."""
        known = asked_words(nom)
        for number, typed in enumerate(self._asked):
            found = compare(typed, known, self._weight)
            if found.similarity > best.similarity:
                best, which = found, number
        return best, which

    def _name(
        self, company: Company, places: Sequence[Establishment], site: Site
    ) -> tuple[Comparison, str, str, bool]:
        """The name that is most alike; a sign counts where its establishment is the site."""
        signs = [name for each in places if each.siret == site.siret for name in _signs(each)]
        best: tuple[tuple[Any, ...], Comparison, str, str] | None = None
        met = set[int]()
        for name in (*_names_of(company), *signs):
            found, which = self._compare(name.nom)
            if found.similarity >= 0.9:
                met.add(which)
            order = (
                found.likeness >= Likeness.SAME,
                found.similarity,
                name.kind not in DOUBTFUL,
                name.kind == Kind.NOM,
            )
            if best is None or order > best[0]:
                best = order, found, name.kind, name.nom
        if best is None:
            return NOTHING_ALIKE, Kind.NOM, company.nom, False
        return best[1], best[2], best[3], len(met) > 1

    def _forms_of(self, company: Company) -> frozenset[str]:
        stated = name_words(company.nom).forms
        form = form_of(company.categorie_juridique)
        return stated | {form} if form else stated

    def _is_other_body(
        self, company: Company, name: Comparison, known_as: str, forms: frozenset[str]
    ) -> bool:
        known = name_words(known_as)
        if are_other_bodies(self._forms, forms | known.forms, name.likeness):
            return True
        return name.likeness < Likeness.SAME and self._is_of_another_town(company, known)

    def _is_of_another_town(self, company: Company, known: NameWords) -> bool:
        """Whether each name has its own town in it: FOOTBALL CLUB DE BONNEFOI, FOOTBALL CLUB D AUGUAISE."""
        here, there = self.record.town_words, _words_of_town(company.ville_nom)
        typed = self._typed
        return not here.isdisjoint(typed.difference(known.words, there)) and not there.isdisjoint(
            frozenset(known.words).difference(typed, here)
        )

    def _form(self, forms: frozenset[str]) -> str:
        if not self._forms or not forms:
            return ""
        return "same" if self._forms & forms else "other"

    def _number(self, company: Company) -> str:
        if not self.record.siren:
            return ""
        return "same" if self.record.siren == company.siren else "other"

    def _head_office(self, company: Company) -> Site:
        return Site(
            near=self._near(
                company.code_commune, company.code_postal, company.departement, company.ville_nom
            ),
            street=self._street(address(company.adresse)),
            trade=self._trade(company.naf_code, company.naf25_code),
            siret=company.siret,
            is_active=company.is_active,
            is_head_office=True,
            is_named=bool(company.siret) and company.siret == self.record.siret,
            sign=NOTHING_ALIKE,
        )

    def _site(self, place: Establishment) -> Site:
        street = f"{place.numero_voie} {place.type_voie} {place.libelle_voie}"
        signs = (self._compare(name.nom)[0] for name in _signs(place))
        return Site(
            near=self._near(place.code_commune, place.code_postal, place.departement, ""),
            street=self._street(address(street)),
            trade=self._trade(place.naf_code, place.naf25_code),
            siret=place.siret,
            is_active=place.is_active,
            is_head_office=place.est_siege,
            is_named=place.siret == self.record.siret,
            sign=max(signs, key=lambda each: each.similarity, default=NOTHING_ALIKE),
        )

    def _near(self, code_commune: str, code_postal: str, departement: str, ville_nom: str) -> Near:
        record, own = self.record, self.record.code_commune
        if not (own or record.code_postal or record.ville_nom or record.departement):
            return Near.UNKNOWN
        is_called_so = bool(record.ville_nom and ville_nom) and town_key(record.ville_nom) == town_key(
            ville_nom
        )
        if _is_town(own, code_commune) if own and code_commune else (not own and is_called_so):
            return Near.TOWN
        if record.code_postal and record.code_postal == code_postal:
            return Near.POSTAL_CODE
        if own and code_commune and self.towns.are_near(own, code_commune):
            return Near.NEIGHBOUR
        if record.departement and departement:
            return Near.DEPARTEMENT if record.departement == departement else Near.FAR
        return Near.UNKNOWN

    def _street(self, known: Address) -> Street:
        return _compare_streets(self.record.address, known)

    def _trade(self, naf_code: str, naf25_code: str) -> Trade:
        record = self.record
        known = {naf_code, naf25_code, predecessor(naf25_code) if naf25_code else ""} - {""}
        if not known:
            return Trade.UNKNOWN
        if code := record.naf_code:
            if code in known:
                return Trade.SAME
            return Trade.RELATED if any(each[:2] == code[:2] for each in known) else Trade.OTHER
        if codes := record.trade_codes:
            if codes & known:
                return Trade.RELATED
            return Trade.OTHER if len(codes) <= 20 else Trade.UNKNOWN
        return Trade.UNKNOWN


@lru_cache(maxsize=20_000)
def _words_of_town(name: str) -> frozenset[str]:
    return frozenset(words(name))


@lru_cache(maxsize=20_000)
def _names_of_texts(nom: str, commercial: str, others: str, former: str) -> tuple[Name, ...]:
    found = names({"nom": nom, "nom_commercial": commercial, "autres_noms": others, "anciens_noms": former})
    return tuple(dict.fromkeys(found))


def _names_of(company: Company) -> tuple[Name, ...]:
    return _names_of_texts(
        company.nom, company.nom_commercial, company.autres_noms, company.anciens_noms or ""
    )


def _signs(place: Establishment) -> tuple[Name, ...]:
    if not (place.nom_commercial or place.autres_noms):
        return ()
    return _names_of_texts("", place.nom_commercial, place.autres_noms, "")[1:]


def _is_town(one: str, other: str) -> bool:
    """Whether two INSEE codes are one town; a district is its city's."""
    return one == other or city_of(one) == other or city_of(other) == one


@lru_cache(maxsize=50_000)
def _compare_streets(one: Address, other: Address) -> Street:
    """Streets are one where the shorter has its words in the longer, misspelt ones too."""
    if not one.street or not other.street:
        return Street.UNKNOWN
    few, many = sorted((one.street, other.street), key=len)
    met = sum(any(_is_word(word, each) for each in many) for word in few)
    if met < len(few) and not (len(few) >= 3 and met >= len(few) - 1):
        return Street.OTHER
    if not one.numbers or not other.numbers:
        return Street.NO_NUMBER
    return Street.SAME if one.numbers & other.numbers else Street.OTHER_NUMBER


def _is_word(word: str, other: str) -> bool:
    if word == other:
        return True
    typos = min(typos_of(word), typos_of(other))
    return bool(typos) and distance(word, other, typos) <= typos
