"""What a query was understood as: its words, and what each of them names in the companies found."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from foxreviews.core.keyset import Row
from foxreviews.enterprise.privacy import masked
from foxreviews.reference.vocabulary import trades
from foxreviews.reference.words import LITTLE, words
from foxreviews.search.query.explain import Explanation

ROWS = 10  # of the first page, which are looked at
NAME, NAME_OR_TRADE, TOWN, TRADE, ADDRESS, POSTAL_CODE, AREA, NUMBER, LEFT_OUT = (
    *("name", "name or activity", "town", "trade", "address", "postal code", "area", "number", "left out"),
)
KINDS: Mapping[str, Promise | str] = {
    NAME: gettext_lazy("name"),
    NAME_OR_TRADE: gettext_lazy("name or activity"),
    TOWN: gettext_lazy("town"),
    TRADE: gettext_lazy("activity"),
    ADDRESS: gettext_lazy("address"),
    POSTAL_CODE: gettext_lazy("postal code"),
    AREA: gettext_lazy("département or région"),
    NUMBER: gettext_lazy("number"),
    LEFT_OUT: gettext_lazy("left out"),
    "": "",
}
# By the field of a match (search.query.explain)
OF_FIELDS = {
    **dict.fromkeys(("nom", "nom_commercial", "autres_noms", "enseigne"), NAME),
    **dict.fromkeys(("ville_nom", "ville_etablissement"), TOWN),
    **dict.fromkeys(("naf_code", "naf25_code"), TRADE),
    "adresse": ADDRESS,
    "code_postal": POSTAL_CODE,
    "departement": AREA,
    "siren": NUMBER,
}


@dataclass(frozen=True)
class Part:
    """Neighbouring words of a query that name one thing, what that is, and the query without them."""

    text: str
    kind: Promise | str
    is_left_out: bool
    rest: str


def parts(q: str, rows: Iterable[Row], why: Explanation) -> list[Part]:
    """The parts of a query in its order. Of a word that names several things, what it names most often counts."""
    some = [masked(row) for row in [*rows][:ROWS]]
    if any(match.field == "siren" for row in some for match in why.matches(row, row["score"])):
        return [Part(q, KINDS[NUMBER], is_left_out=False, rest="")]
    named, dropped = _named(some, why)
    typed = q.split()
    kinds = [_kind(word, named, dropped) for word in typed]
    found = []
    for kind, group in groupby(range(len(typed)), key=_joined(typed, kinds).__getitem__):
        places = [*group]
        text = " ".join(typed[place] for place in places)
        rest = " ".join(word for place, word in enumerate(typed) if place not in places)
        found.append(Part(text, KINDS[kind], kind == LEFT_OUT, rest))
    return found


def _named(rows: Iterable[Row], why: Explanation) -> tuple[dict[str, Counter[str]], set[str]]:
    """What each word names, and in how many rows; and those that some row lacks."""
    named: dict[str, Counter[str]] = {}
    dropped: set[str] = set()
    for row in rows:
        for match in why.matches(row, row["score"]):
            named.setdefault(match.word, Counter())[OF_FIELDS.get(match.field, "")] += 1
        dropped.update(why.dropped(row, row["score"]))
    return named, dropped


def _kind(word: str, named: Mapping[str, Counter[str]], dropped: set[str]) -> str:
    keys: list[Any] = [word, *words(word)]
    counted = sum((named.get(key, Counter()) for key in keys), Counter[str]())
    if counted:
        kind = counted.most_common(1)[0][0]
        # Of a company that has both, the match in its name is the better one.
        return NAME_OR_TRADE if kind == NAME and any(map(trades, words(word))) else kind
    return LEFT_OUT if dropped.intersection(keys) else ""


def _joined(typed: list[str], kinds: list[str]) -> list[str]:
    """The kinds, with articles and signs as a part of what stands behind them, or else before them."""
    found = list(kinds)
    for place in reversed(range(len(found) - 1)):
        if not found[place] and {*words(typed[place])} <= LITTLE:
            found[place] = found[place + 1]
    for place in range(1, len(found)):
        if not found[place] and {*words(typed[place])} <= LITTLE:
            found[place] = found[place - 1]
    return found
