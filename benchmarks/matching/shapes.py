"""Lines as public lists write them: one shape of a name or of a place at a time, none of which is in the training data.

A line about a shape of a name has its place in one of the ways that such lists have; a line about a shape of a place
has the name as a register writes it. So what is measured of a kind is that kind's doing.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from html import escape

from benchmarks.matching.dirt import Truth, plain, without_form
from foxreviews.reference.geography import DEPARTEMENTS, departement_of_postal_code
from foxreviews.reference.text import fold
from foxreviews.reference.words import LEGAL_FORMS

Values = dict[str, str]
OfName = Callable[[random.Random, Truth], str | None]  # None where a company's name cannot have the shape
OfPlace = Callable[[Truth], Values | None]
LINES = 250  # of each shape
STYLE = "public list"

_FORMS_IN_FULL = {
    "SARL": "Société à responsabilité limitée",
    "EURL": "Entreprise unipersonnelle à responsabilité limitée",
    "SAS": "Société par actions simplifiée",
    "SA": "Société anonyme",
    "SCI": "Société civile immobilière",
    "EARL": "Exploitation agricole à responsabilité limitée",
    "GAEC": "Groupement agricole d'exploitation en commun",
    "SCEA": "Société civile d'exploitation agricole",
}
_SHORT = {
    "COMPAGNIE": "CIE",
    "ASSOCIATION": "ASSOC",
    "CENTRE": "CTRE",
    "ETABLISSEMENTS": "ETS",
    "SOCIETE": "STE",
    "FRERES": "FRES",
    "TRANSPORTS": "TPTS",
    "TRANSPORT": "TPT",
    "GENERALE": "GLE",
    "INDUSTRIES": "IND.",
    "INDUSTRIE": "IND.",
    "SERVICES": "SCES",
    "DISTRIBUTION": "DISTRIB.",
    "INTERNATIONAL": "INTL",
    "ENTREPRISE": "ENT.",
    "COOPERATIVE": "COOP",
    "SYNDICAT": "SYND",
    "PHARMACIE": "PHIE",
    "MECANIQUE": "MECA",
    "AGRICOLE": "AGRIC",
    "ENVIRONNEMENT": "ENVIR.",
}
_MISREAD = {"O": "0", "I": "1", "S": "5", "B": "8", "L": "I", "E": "F", "M": "RN"}
_OFFICES = ("MAIRIE DE ", "COMMUNE DE ", "VILLE DE ", "MAIRIE D ", "COMMUNE D ", "MAIRIE DU ", "COMMUNE DU ")


def _bare(truth: Truth) -> str:
    """The name without a legal form, as a register writes it."""
    return plain(without_form(random.Random(0), truth.nom)).upper()


def _registered(truth: Truth) -> str:
    return plain(truth.nom).upper()


def _form(truth: Truth) -> str:
    return next((fold(word) for word in truth.nom.split() if fold(word) in LEGAL_FORMS), "")


def _is_body(truth: Truth) -> bool:
    return bool(
        re.match(
            r"(?:MAIRIE|COMMUNE|VILLE|COMMUNAUTE|CENTRE COMMUNAL|CC |SYNDICAT|COMITE)\b", _registered(truth)
        )
    )


def dotted_form(_: random.Random, truth: Truth) -> str | None:
    form = _form(truth)
    return f"{'.'.join(form)}. {_bare(truth)}" if form and len(form) <= 5 else None


def form_in_brackets(_: random.Random, truth: Truth) -> str | None:
    form = _form(truth)
    return f"{_bare(truth)} ({form})" if form else None


def form_in_full(chance: random.Random, truth: Truth) -> str | None:
    full = _FORMS_IN_FULL.get(_form(truth))
    if not full:
        return None
    return f"{full} {_bare(truth)}" if chance.random() < 0.5 else f"{_bare(truth)} - {full}"


def company_in_short(chance: random.Random, truth: Truth) -> str | None:
    if truth.is_person or _is_body(truth):
        return None
    return f"{chance.choice(['STE', 'ETS', 'SOC', 'Sté', 'Ets.'])} {_bare(truth)}"


def titled_person(chance: random.Random, truth: Truth) -> str | None:
    if not truth.is_person:
        return None
    first, *last = _registered(truth).split()
    title = chance.choice(["M.", "M", "Monsieur", "Mme", "M. et Mme"])
    return f"{title} {' '.join(last)} {first}" if last else None


def sole_trader(chance: random.Random, truth: Truth) -> str | None:
    if not truth.is_person:
        return None
    first, *last = _registered(truth).split()
    name = f"{' '.join(last)} {first.title()}"
    return chance.choice([f"{name} (EI)", f"EI {name}", f"Entreprise individuelle {name}", f"{name} - EI"])


def mayors_office(chance: random.Random, truth: Truth) -> str | None:
    name = _registered(truth)
    if not (office := next((each for each in _OFFICES if name.startswith(each)), "")):
        return None
    preposition = office.split()[-1]
    ways = [f"{word} {preposition} {name.removeprefix(office)}" for word in ("MAIRIE", "COMMUNE", "Ville")]
    return chance.choice([*(way for way in ways if fold(way) != name), "Mairie"])


def body_in_short(chance: random.Random, truth: Truth) -> str | None:
    name = _registered(truth)
    for full, short in (
        ("COMMUNAUTE DE COMMUNES", "CC"),
        (
            "CENTRE COMMUNAL D ACTION SOCIALE",
            chance.choice(["CCAS", "C.C.A.S.", "Centre Communal d'Action Sociale"]),
        ),
    ):
        if name.startswith(full):
            return name.replace(full, short)
    return None


def agency_behind_a_dash(chance: random.Random, truth: Truth) -> str | None:
    town = truth.ville_nom
    return f"{_registered(truth)} - {chance.choice([f'AGENCE DE {town}', f'Agence {town}', f'SITE DE {town}', town])}"


def agency(chance: random.Random, truth: Truth) -> str | None:
    name, town = _registered(truth), truth.ville_nom
    return chance.choice(
        [
            f"{name} AGENCE {town}",
            f"{name}, site de {town}",
            f"{name} (USINE DE {town})",
            f"{name} ETABLISSEMENT DE {town}",
        ]
    )


def town_behind(_: random.Random, truth: Truth) -> str | None:
    return f"{_registered(truth)} {plain(truth.ville_nom).upper()}"


def sign_in_quotes(chance: random.Random, truth: Truth) -> str | None:
    if not truth.signs:
        return None
    name, sign = _registered(truth), chance.choice(truth.signs)
    return chance.choice(
        [f'{name} "{sign}"', f"{name} «{sign}»", f"{name} ENSEIGNE {sign}", f"{sign} ({name})"]
    )


def group(chance: random.Random, truth: Truth) -> str | None:
    if truth.is_person or _is_body(truth):
        return None
    return chance.choice([f"{_bare(truth)} GROUPE", f"GROUPE {_bare(truth)}"])


def cut_at_30(_: random.Random, truth: Truth) -> str | None:
    return _cut(truth, 30)


def cut_at_38(_: random.Random, truth: Truth) -> str | None:
    return _cut(truth, 38)


def _cut(truth: Truth, width: int) -> str | None:
    name = _registered(truth)
    return name[:width].strip() if len(name) > width else None


def misread(chance: random.Random, truth: Truth) -> str | None:
    name = _registered(truth)
    places = [at for at, letter in enumerate(name) if letter in _MISREAD]
    if len(places) < 3:
        return None
    for at in sorted(chance.sample(places, 1 if len(name) < 15 else 2), reverse=True):
        name = name[:at] + _MISREAD[name[at]] + name[at + 1 :]
    return name


def short_words(_: random.Random, truth: Truth) -> str | None:
    name = _registered(truth)
    short = " ".join(_SHORT.get(word, word) for word in name.split())
    return short if short != name else None


def ampersand(_: random.Random, truth: Truth) -> str | None:
    name = _registered(truth)
    changed = re.sub(r" ET ", " & ", name) if " ET " in name else re.sub(r" ?& ?", " ET ", name)
    return changed if changed != name else None


def escaped(_: random.Random, truth: Truth) -> str | None:
    made = escape(truth.nom)
    return made if made != truth.nom else None


def lost_letters(chance: random.Random, truth: Truth) -> str | None:
    sign = chance.choice("�?")
    made = "".join(letter if letter.isascii() else sign for letter in truth.nom)
    return made if made != truth.nom else None


def with_a_number(chance: random.Random, truth: Truth) -> str | None:
    number = f"{chance.randrange(100_000):05}"
    return chance.choice(
        [
            f"{_registered(truth)} - {number}",
            f"{number} - {_registered(truth)}",
            f"{_registered(truth)} ({number})",
        ]
    )


NAMES: Mapping[str, OfName] = {
    "as registered": lambda _, truth: _registered(truth),
    "S.A.R.L. in front": dotted_form,
    "(SARL) behind": form_in_brackets,
    "form in full": form_in_full,
    "STE, ETS, SOC": company_in_short,
    "M. DUPONT JEAN": titled_person,
    "DUPONT JEAN (EI)": sole_trader,
    "mayor's office": mayors_office,
    "public body in short": body_in_short,
    "X - AGENCE DE LYON": agency_behind_a_dash,
    "X AGENCE LYON": agency,
    "town behind": town_behind,
    "sign in quotes": sign_in_quotes,
    "X GROUPE": group,
    "cut at 30": cut_at_30,
    "cut at 38": cut_at_38,
    "misread letters": misread,
    "CIE, ASSOC, CTRE": short_words,
    "& for ET": ampersand,
    "&amp;": escaped,
    "SOCI�T�": lost_letters,
    "number next to it": with_a_number,
}  # fmt: skip


def _columns(truth: Truth) -> Values:
    return {
        "adresse": truth.adresse,
        "code_postal": truth.code_postal,
        "ville_nom": plain(truth.ville_nom).upper(),
    }


def _without_street(truth: Truth) -> Values:
    return {"code_postal": truth.code_postal, "ville_nom": truth.ville_nom}


def _one_text(truth: Truth) -> Values:
    return {"adresse": f"{truth.adresse} {truth.code_postal} {plain(truth.ville_nom).upper()}".strip()}


def _one_text_with_country(truth: Truth) -> Values:
    return {"adresse": f"{truth.adresse}, {truth.code_postal} {truth.ville_nom}, France".strip(", ")}


def _one_text_code_last(truth: Truth) -> Values:
    return {"adresse": f"{truth.adresse}, {truth.ville_nom} ({truth.code_postal})".strip(", ")}


def _one_text_without_code(truth: Truth) -> Values | None:
    return {"adresse": f"{truth.adresse}, {truth.ville_nom}"} if truth.adresse else None


def _code_and_town(truth: Truth) -> Values:
    return {"adresse": truth.adresse, "code_postal": f"{truth.code_postal} {truth.ville_nom}"}


def _departement(truth: Truth) -> str:
    return departement_of_postal_code(truth.code_postal)


def _town_and_departement(truth: Truth) -> Values:
    return {"ville_nom": plain(truth.ville_nom).upper(), "departement": _departement(truth)}


def _town_in_departement(truth: Truth) -> Values:
    return {"ville_nom": f"{truth.ville_nom} ({_departement(truth)})"}


def _article_behind(truth: Truth) -> Values | None:
    article, _, rest = plain(truth.ville_nom).upper().partition(" ")
    if not rest or article not in ("LE", "LA", "LES"):
        return None
    return {"ville_nom": f"{rest} ({article})", "departement": _departement(truth)}


def _named_departement(truth: Truth) -> Values | None:
    known = DEPARTEMENTS.get(_departement(truth))
    return {"departement": known.nom} if known else None


PLACES: Mapping[str, OfPlace] = {
    "in columns": _columns,
    "no street": _without_street,
    "one text": _one_text,
    "one text, France behind": _one_text_with_country,
    "one text, code last": _one_text_code_last,
    "one text, no code": _one_text_without_code,
    "code and town in one": _code_and_town,
    "town and département": _town_and_departement,
    "Lyon (69)": _town_in_departement,
    "MANS (LE)": _article_behind,
    "town alone": lambda truth: {"ville_nom": truth.ville_nom},
    "code alone": lambda truth: {"code_postal": truth.code_postal},
    "Rhône alone": _named_departement,
}  # fmt: skip
# How often lists of names have which, of a hundred
USUAL = {
    "in columns": 40,
    "no street": 20,
    "one text": 12,
    "one text, France behind": 8,
    "town and département": 20,
}


def shaped(
    companies: Sequence[Truth], bodies: Sequence[Truth], seed: int
) -> Iterator[tuple[Truth, Values, str]]:
    """Some lines of each shape: the company, what the line says, the kind. One in twenty is of a public body."""
    truths = [*companies, *bodies[: len(companies) // 20]]
    for kind, of_name in NAMES.items():
        count = 0
        named = [*companies, *bodies] if of_name in (mayors_office, body_in_short) else truths
        for truth, chance in _in_order(named, seed, kind):
            if count < LINES and (nom := of_name(chance, truth)):
                count += 1
                place = PLACES[chance.choices([*USUAL], [*USUAL.values()])[0]](truth) or {}
                yield truth, {"nom": nom, **place}, f"name: {kind}"
    for kind, of_place in PLACES.items():
        count = 0
        for truth, _ in _in_order(truths, seed, kind):
            if count < LINES and (values := of_place(truth)):
                count += 1
                yield truth, {"nom": _registered(truth), **values}, f"place: {kind}"


def _in_order(truths: Sequence[Truth], seed: int, kind: str) -> Iterator[tuple[Truth, random.Random]]:
    """In an order that the seed gives."""
    drawn = {sha256(f"{seed} {kind} {truth.siren}".encode()).hexdigest(): truth for truth in truths}
    for number, truth in sorted(drawn.items()):
        yield truth, random.Random(number)
