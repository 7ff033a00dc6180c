"""A description by rule: French sentences that state the facts and nothing else.

Nobody is asked and nothing is stored. It takes some 10 µs (python -m benchmarks.descriptions).
"""

from functools import singledispatch

from foxreviews.descriptions.facts import (
    CEASED,
    NO_EMPLOYEE,
    Company,
    Facts,
    Town,
    Trade,
    employees,
    inhabitants,
)
from foxreviews.reference import french

MAX_CODES_NAMED = 4
HIDDEN = "Cette entreprise, dont le nom n'est pas diffusé,"
COLON = f"{french.FIXED_SPACE}:"


@singledispatch
def describe(facts: Facts) -> str:
    """One to four sentences."""
    raise TypeError(facts)


@describe.register
def _company(company: Company) -> str:
    e = "e" if company.is_feminine else ""
    pronoun = "Elle" if company.is_feminine else "Il"
    parts = [f"créé{e} le {french.date(company.created)}"] if company.created else []
    if company.place:
        parts.append(f"établi{e} {company.place}")
    is_now = company.is_active
    said = [
        f"{company.nom or HIDDEN} {'est' if is_now else 'était'} {' '.join((company.forme, *_joined(parts)))}."
    ]
    if company.nom_commercial:
        said.append(f"Son nom commercial est {french.quoted(company.nom_commercial)}.")
    if activity := french.activity(company.activity):
        said.append(f"{pronoun} {_does(activity, is_now=is_now)} {activity}.")
    elif company.activity:
        said.append(f"Son activité principale{COLON} {french.lowered(company.activity)}.")
    if company.band:
        people = employees(company.band)
        said.append(f"{pronoun} {people}." if people == NO_EMPLOYEE else f"{pronoun} emploie {people}.")
    if not is_now:
        said.append(f"{pronoun} {CEASED}.")
    return " ".join(said)


def _does(activity: str, *, is_now: bool) -> str:
    """The verb before an activity; it has «activité» as an object of its own where the label does not begin so."""
    if activity.startswith(("l'activité", "les activités")):
        return f"{'exerce' if is_now else 'exerçait'} principalement"
    return f"{'a' if is_now else 'avait'} pour activité principale"


def _joined(parts: list[str]) -> list[str]:
    return [" et ".join(parts)] if parts else []


@describe.register
def _town(town: Town) -> str:
    e, pronoun = ("", "Il") if town.city else ("e", "Elle")
    what = "un arrondissement municipal" if town.city else "une commune"
    where = f" situé{e} {', '.join(town.areas)}" if town.areas else ""
    said = [f"{french.capitalised(town.title)} est {what}{where}."]
    if town.population is not None:
        people = inhabitants(town.population)
        said.append(f"{pronoun} compte {people}." if town.population else f"{pronoun} ne compte {people}.")
    codes = town.codes_postaux
    if len(codes) == 1:
        said.append(f"Son code postal est {codes[0]}.")
    elif len(codes) > MAX_CODES_NAMED:
        said.append(f"{pronoun} a {len(codes)} codes postaux.")
    elif codes:
        said.append(f"Ses codes postaux sont {french.listed(codes)}.")
    return " ".join(said)


@describe.register
def _trade(trade: Trade) -> str:
    is_plural = french.is_plural(trade.label)
    title = french.capitalised(trade.title)
    section = (
        f"de la section {french.quoted(trade.section)} de la {trade.nomenclature}, sous le code {trade.key}"
    )
    if french.activity(trade.label):
        said = [f"{title} {'relèvent' if is_plural else 'relève'} {section}."]
    else:
        said = [f"{title}{COLON} cette activité relève {section}."]
    if trade.successor:
        said.append(f"{'Leur' if is_plural else 'Son'} code est {trade.successor} dans la NAF 2025.")
    if trade.nicknames:
        plural = "s" if len(trade.nicknames) > 1 else ""
        said.append(f"Nom{plural} courant{plural}{COLON} {french.listed(trade.nicknames)}.")
    return " ".join(said)
