"""What people make of a company's name and address: a company → a line of a dirty list, with the kinds of its dirt.

A list has a style (where it comes from), and a style has its own habits. Lines of the style HELD_OUT are in no training
data: how well they are matched says what the model makes of habits that it has not seen.
"""

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from foxreviews.reference.street_types import STREET_TYPES
from foxreviews.reference.text import fold
from foxreviews.reference.words import LEGAL_FORMS

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FORMS = ("SARL", "SAS", "SA", "EURL", "SASU", "SNC", "SCI")
LONG_FORMS = {
    "SARL": "Société à responsabilité limitée",
    "SAS": "Société par actions simplifiée",
    "SA": "Société anonyme",
}
ABBREVIATIONS = {
    "SOCIETE": "STE",
    "ETABLISSEMENTS": "ETS",
    "COMPAGNIE": "CIE",
    "INTERNATIONAL": "INTL",
    "CENTRE": "CTRE",
    "SAINT": "ST",
    "SAINTE": "STE",
    "INDUSTRIES": "IND",
    "INDUSTRIE": "IND",
    "TRANSPORTS": "TRANSP",
    "SERVICES": "SCES",
    "SERVICE": "SCE",
    "DISTRIBUTION": "DISTRIB",
    "CONSTRUCTION": "CONST",
    "CONSTRUCTIONS": "CONST",
    "GENERALE": "GLE",
    "NATIONALE": "NAT",
    "FRANCE": "FCE",
    "ASSOCIATION": "ASSO",
    "ENTREPRISE": "ENT",
    "BOULANGERIE": "BOUL",
    "MENUISERIE": "MENUIS",
    "PLOMBERIE": "PLOMB",
    "RESTAURANT": "REST",
    "PHARMACIE": "PHIE",
    "GARAGE": "GGE",
    "COOPERATIVE": "COOP",
    "SYNDICAT": "SYND",
    "INTERCOMMUNAL": "INTERCOM",
    "TRAITEMENT": "TRAIT",
}
SHORT_TYPES = {full: short for short, full in STREET_TYPES.items()}
SHORT_TYPES |= {
    "AVENUE": "av.",
    "BOULEVARD": "bd",
    "RUE": "r.",
    "ROUTE": "rte",
    "PLACE": "pl.",
    "CHEMIN": "ch.",
}
HELD_OUT = "phone"
# How many lines of a hundred or so each style has: most lists come from software
SHARES = {"crm": 22, "accounting": 20, "form": 18, "letterhead": 14, "heavy": 10, "names": 8, "phone": 8}


@dataclass(frozen=True)
class Truth:
    """A company as the register has it, at one of its places."""

    siren: str
    siret: str
    nom: str
    signs: tuple[str, ...]
    adresse: str
    code_postal: str
    ville_nom: str
    naf_code: str
    naf_libelle: str
    is_person: bool = False
    others: tuple[tuple[str, str], ...] = ()  # other places of its département: postal code and town


@dataclass
class Line:
    """A line being made."""

    chance: random.Random
    truth: Truth
    values: dict[str, str] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)

    def change(self, name: str, make: Callable[[random.Random, str], str], kind: str, often: float) -> None:
        """Change a value so often; a change that changes nothing has no kind."""
        if self.values.get(name) and self.chance.random() < often:
            made = make(self.chance, self.values[name])
            if made.strip() and made != self.values[name]:
                self.values[name] = made
                self.kinds.append(kind)


Habits = Mapping[str, float]
# How often a style does what: of names, of places, and which columns it has
STYLES: Mapping[str, Habits] = {
    "crm": {
        "case": 0.6,
        "accents": 0.4,
        "form_drop": 0.5,
        "form_add": 0.1,
        "typo": 0.12,
        "sign": 0.12,
        "abbreviation": 0.08,
        "no_address": 0.1,
        "no_code": 0.06,
        "no_town": 0.05,
        "town_in_name": 0.06,
        "moved": 0.05,
        "street": 0.5,
        "number": 0.1,
        "trade": 0.3,
        "siren": 0.12,
    },
    "accounting": {
        "case": 0.0,
        "accents": 1.0,
        "form_move": 0.3,
        "form_add": 0.2,
        "cut": 0.3,
        "abbreviation": 0.4,
        "typo": 0.05,
        "no_address": 0.2,
        "no_code": 0.03,
        "no_town": 0.2,
        "cedex": 0.15,
        "street": 0.8,
        "moved": 0.04,
        "old_code": 0.04,
        "siren": 0.25,
        "trade": 0.05,
        "sign": 0.03,
    },
    "form": {
        "case": 0.9,
        "accents": 0.8,
        "form_drop": 0.8,
        "typo": 0.25,
        "order": 0.1,
        "joined": 0.08,
        "split": 0.05,
        "sign": 0.2,
        "no_address": 0.3,
        "no_code": 0.15,
        "no_town": 0.1,
        "swap": 0.08,
        "number": 0.15,
        "street": 0.4,
        "town_typo": 0.06,
        "trade": 0.3,
        "dropped": 0.05,
        "siren": 0.05,
    },
    "letterhead": {
        "case": 0.5,
        "accents": 0.1,
        "form_add": 0.3,
        "form_long": 0.15,
        "both": 0.15,
        "town_in_name": 0.1,
        "town_in_address": 0.5,
        "complement": 0.4,
        "cedex": 0.25,
        "street": 0.2,
        "trade": 0.4,
        "typo": 0.02,
        "siren": 0.2,
        "vat": 0.2,
    },
    "heavy": {
        "case": 0.7,
        "accents": 0.9,
        "form_drop": 0.4,
        "form_add": 0.3,
        "typo": 0.6,
        "typo2": 0.3,
        "order": 0.2,
        "initials": 0.08,
        "joined": 0.12,
        "split": 0.1,
        "abbreviation": 0.4,
        "dropped": 0.25,
        "cut": 0.1,
        "sign": 0.2,
        "no_address": 0.3,
        "no_code": 0.25,
        "no_town": 0.15,
        "moved": 0.1,
        "old_code": 0.1,
        "swap": 0.1,
        "town_typo": 0.15,
        "number": 0.3,
        "street": 0.7,
        "street_typo": 0.3,
        "trade": 0.3,
        "wrong_trade": 0.2,
    },
    "names": {
        "case": 0.5,
        "accents": 0.7,
        "form_drop": 0.4,
        "typo": 0.1,
        "no_address": 1.0,
        "no_code": 0.5,
        "no_town": 0.5,
        "trade": 0.1,
        "abbreviation": 0.1,
    },
    "phone": {
        "case": 0.8,
        "accents": 0.9,
        "form_drop": 0.9,
        "typo": 0.3,
        "sound": 0.4,
        "split": 0.1,
        "joined": 0.1,
        "order": 0.15,
        "sign": 0.25,
        "no_address": 0.4,
        "no_code": 0.3,
        "town_typo": 0.1,
        "number": 0.2,
        "street_typo": 0.2,
        "moved": 0.05,
        "dropped": 0.1,
        "trade": 0.2,
    },
}


def styles(chance: random.Random, count: int, *, with_held_out: bool) -> list[str]:
    """So many styles, each in its share."""
    names = [name for name in STYLES if name != HELD_OUT or with_held_out]
    return chance.choices(names, [SHARES[name] for name in names], k=count)


def line(
    chance: random.Random, truth: Truth, style: str, wrong_siren: str = ""
) -> tuple[dict[str, str], list[str]]:
    """A line of that style about the company, and what was done to it."""
    made = Line(
        chance,
        truth,
        {
            "nom": truth.nom,
            "adresse": truth.adresse,
            "code_postal": truth.code_postal,
            "ville_nom": truth.ville_nom,
            "telephone": f"0{chance.randrange(1, 6)} 99 00 {chance.randrange(100):02} {chance.randrange(100):02}",
        },
    )
    habits = STYLES[style]
    _name(made, habits)
    _place(made, habits)
    _others(made, habits, wrong_siren)
    return made.values, made.kinds


def _name(made: Line, habits: Habits) -> None:
    chance, truth = made.chance, made.truth
    if truth.signs and chance.random() < habits.get("sign", 0):
        made.values["nom"] = chance.choice(truth.signs)
        made.kinds.append("sign")
    elif truth.signs and chance.random() < habits.get("both", 0):
        made.values["nom"] = f"{truth.nom} - {chance.choice(truth.signs)}"
        made.kinds.append("both names")
    elif truth.signs and chance.random() < 0.1:
        made.values["nom_commercial"] = chance.choice(truth.signs)
        made.kinds.append("sign beside")
    steps: Sequence[tuple[Callable[[random.Random, str], str], str]] = (
        (without_form, "form_drop"),
        (with_form, "form_add"),
        (with_moved_form, "form_move"),
        (with_long_form, "form_long"),
        (abbreviated, "abbreviation"),
        (dropped, "dropped"),
        (reordered, "order"),
        (initials, "initials"),
        (joined, "joined"),
        (split, "split"),
        (misspelt, "typo"),
        (misspelt, "typo2"),
        (sounding, "sound"),
        (cut, "cut"),
    )
    for make, habit in steps:
        made.change("nom", make, habit, habits.get(habit, 0))
    made.change(
        "nom", lambda _, nom: f"{nom} {truth.ville_nom}", "town_in_name", habits.get("town_in_name", 0)
    )
    made.change("nom", lambda _, nom: plain(nom), "accents", habits.get("accents", 0))
    made.change("nom", cased, "case", habits.get("case", 0))


def _place(made: Line, habits: Habits) -> None:
    chance, truth, values = made.chance, made.truth, made.values
    if truth.others and chance.random() < habits.get("moved", 0):
        values["code_postal"], values["ville_nom"] = chance.choice(truth.others)
        values["adresse"] = (
            f"{chance.randrange(1, 90)} rue {chance.choice(['du Moulin', 'de la Gare', 'Pasteur', 'des Lilas'])}"
        )
        made.kinds.append("moved")
    elif truth.others and chance.random() < habits.get("old_code", 0):
        values["code_postal"] = chance.choice(truth.others)[0]
        made.kinds.append("old_code")
    made.change("adresse", short_street, "street", habits.get("street", 0))
    made.change("adresse", misspelt, "street_typo", habits.get("street_typo", 0))
    made.change(
        "adresse",
        lambda _, text: text.lstrip("0123456789 ,BbTt") if text[:1].isdigit() else text,
        "number",
        habits.get("number", 0),
    )
    made.change("adresse", with_complement, "complement", habits.get("complement", 0))
    made.change("ville_nom", misspelt, "town_typo", habits.get("town_typo", 0))
    made.change("ville_nom", lambda _, town: f"{plain(town).upper()} CEDEX", "cedex", habits.get("cedex", 0))
    made.change("ville_nom", lambda _, town: plain(town), "town_accents", habits.get("accents", 0))
    made.change("ville_nom", cased, "town_case", habits.get("case", 0))
    if chance.random() < habits.get("town_in_address", 0):
        values["adresse"] = (
            f"{values['adresse']}, {values.pop('code_postal')} {values.pop('ville_nom')}".strip(", ")
        )
        made.kinds.append("town in address")
        return
    for name, habit in (("adresse", "no_address"), ("code_postal", "no_code"), ("ville_nom", "no_town")):
        if chance.random() < habits.get(habit, 0):
            values.pop(name, None)
            made.kinds.append(habit)
    if chance.random() < habits.get("swap", 0):
        one, other = chance.choice([("code_postal", "ville_nom"), ("nom", "adresse")])
        values[one], values[other] = values.get(other, ""), values.get(one, "")
        made.kinds.append("swapped columns")


def _others(made: Line, habits: Habits, wrong_siren: str) -> None:
    chance, truth, values = made.chance, made.truth, made.values
    if truth.naf_code and chance.random() < habits.get("trade", 0):
        if chance.random() < habits.get("wrong_trade", 0.08):
            values["naf_code"] = chance.choice(["70.22Z", "68.20B", "56.10A", "43.21A", "64.20Z", "47.11B"])
            made.kinds.append("wrong trade")
        elif chance.random() < 0.5:
            values["naf_code"] = truth.naf_code
        else:
            values["naf_libelle"] = truth.naf_libelle
    if chance.random() < habits.get("siren", 0):
        number = truth.siren
        if wrong_siren and chance.random() < 0.07:
            number = wrong_siren
            made.kinds.append("wrong SIREN")
        elif chance.random() < 0.07:
            at = chance.randrange(9)
            number = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
            made.kinds.append("mistyped SIREN")
        else:
            made.kinds.append("SIREN")
        if chance.random() < habits.get("vat", 0):
            values["tva"] = f"FR{(12 + 3 * int(number)) % 97:02} {number}"
        else:
            values["siren"] = number if chance.random() < 0.5 else f"{number[:3]} {number[3:6]} {number[6:]}"


def plain(text: str) -> str:
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )


def cased(chance: random.Random, text: str) -> str:
    return chance.choice([str.lower, str.title, str.upper, str.capitalize])(text)


def _in_words(
    change: Callable[[random.Random, list[str]], list[str] | None],
) -> Callable[[random.Random, str], str]:
    def changed(chance: random.Random, text: str) -> str:
        made = change(chance, text.split())
        return " ".join(made) if made else text

    return changed


def _is_form(word: str) -> bool:
    return fold(word) in LEGAL_FORMS


without_form = _in_words(lambda _, parts: [part for part in parts if not _is_form(part)])
with_form = _in_words(
    lambda chance, parts: (
        None
        if any(map(_is_form, parts))
        else [*parts, chance.choice(FORMS[:5])]
        if chance.random() < 0.5
        else [chance.choice(FORMS[:5]), *parts]
    )
)


@_in_words
def with_moved_form(_: random.Random, parts: list[str]) -> list[str] | None:
    forms = [part for part in parts if _is_form(part)]
    others = [part for part in parts if not _is_form(part)]
    return [*others, *forms] if parts and _is_form(parts[0]) else [*forms, *others]


@_in_words
def with_long_form(_: random.Random, parts: list[str]) -> list[str]:
    return [LONG_FORMS.get(fold(part), part) for part in parts]


@_in_words
def abbreviated(chance: random.Random, parts: list[str]) -> list[str]:
    known = [at for at, part in enumerate(parts) if fold(part) in ABBREVIATIONS]
    if known:
        at = chance.choice(known)
        return [*parts[:at], ABBREVIATIONS[fold(parts[at])], *parts[at + 1 :]]
    long = [at for at, part in enumerate(parts) if len(part) > 6 and part.isalpha()]
    if not long or len(parts) < 2:
        return parts
    at = chance.choice(long)
    return [*parts[:at], parts[at][: chance.randrange(3, 6)] + chance.choice(["", "."]), *parts[at + 1 :]]


@_in_words
def dropped(chance: random.Random, parts: list[str]) -> list[str] | None:
    if len(parts) < 3:
        return None
    at = chance.randrange(len(parts))
    return [*parts[:at], *parts[at + 1 :]]


@_in_words
def reordered(chance: random.Random, parts: list[str]) -> list[str] | None:
    if len(parts) < 2:
        return None
    at = chance.randrange(1, len(parts))
    return [*parts[at:], *parts[:at]]


@_in_words
def initials(chance: random.Random, parts: list[str]) -> list[str] | None:
    if len(parts) == 2:
        return [parts[0], parts[1][0]] if chance.random() < 0.5 else [parts[0][0], parts[1]]
    if len(parts) < 3:
        return None
    return ["".join(part[0] for part in parts if part[0].isalnum())]


@_in_words
def joined(chance: random.Random, parts: list[str]) -> list[str] | None:
    if len(parts) < 2:
        return None
    at = chance.randrange(len(parts) - 1)
    return [*parts[:at], parts[at] + parts[at + 1], *parts[at + 2 :]]


@_in_words
def split(chance: random.Random, parts: list[str]) -> list[str] | None:
    long = [at for at, part in enumerate(parts) if len(part) >= 7]
    if not long:
        return None
    at = chance.choice(long)
    cut_at = chance.randrange(3, len(parts[at]) - 2)
    return [*parts[:at], parts[at][:cut_at], parts[at][cut_at:], *parts[at + 1 :]]


@_in_words
def misspelt(chance: random.Random, parts: list[str]) -> list[str] | None:
    long = [at for at, part in enumerate(parts) if len(part) >= 4 and part.isalpha()]
    if not long:
        return None
    at = chance.choice(long)
    word, place = parts[at], chance.randrange(len(parts[at]))
    letter = chance.choice(LETTERS)
    letter = letter.lower() if word[place].islower() else letter
    wrong = chance.choice(
        [
            word[:place] + letter + word[place:],
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place + 1 :],
            word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :],
            word[:place] + word[place] + word[place:],
        ]
    )
    return [*parts[:at], wrong, *parts[at + 1 :]]


_SOUNDS = (
    ("PH", "F"),
    ("EAU", "O"),
    ("AU", "O"),
    ("Y", "I"),
    ("QU", "K"),
    ("TH", "T"),
    ("SS", "S"),
    ("TT", "T"),
    ("NN", "N"),
    ("LL", "L"),
    ("ER", "E"),
    ("C", "K"),
    ("Z", "S"),
    ("EZ", "E"),
    ("CK", "K"),
)


def sounding(chance: random.Random, text: str) -> str:
    """As it is heard."""
    upper = plain(text).upper()
    found = [pair for pair in _SOUNDS if pair[0] in upper]
    if not found:
        return text
    heard, written = chance.choice(found)
    return upper.replace(heard, written, 1)


def cut(chance: random.Random, text: str) -> str:
    return text[: chance.choice([20, 24, 30, 32])].strip()


@_in_words
def short_street(chance: random.Random, parts: list[str]) -> list[str]:
    made = [SHORT_TYPES.get(fold(part), part) for part in parts]
    return [chance.choice([part.upper(), part]) for part in made]


def with_complement(chance: random.Random, text: str) -> str:
    before = chance.choice(
        ["ZI Nord", "Bât. B", "BP 123", "Parc d'activités", "Immeuble Le Méridien", "2e étage", "CS 40012"]
    )
    return f"{before}, {text}" if chance.random() < 0.5 else f"{text} {before}"
