"""Départements and régions by name: a company is in Finistère though nothing that it is written with says so."""

from collections.abc import Mapping, Sequence
from functools import cache

from foxreviews.reference.geography import DEPARTEMENTS, REGIONS
from foxreviews.search.query.words import words

Codes = frozenset[str]  # of départements


def areas(asked: Sequence[str]) -> Mapping[str, Codes]:
    """The words of a query that name a département or a région, its whole name in a row; each with what it names."""
    found: dict[str, Codes] = {}
    for start in range(len(asked)):
        for end in range(start + 1, min(start + _longest(), len(asked)) + 1):
            if codes := _names().get(tuple(asked[start:end])):
                found |= {word: found.get(word, frozenset()) | codes for word in asked[start:end]}
    return found


@cache
def _names() -> Mapping[tuple[str, ...], Codes]:
    known: dict[tuple[str, ...], Codes] = {}
    for code, departement in DEPARTEMENTS.items():
        name = tuple(words(departement.nom))
        known[name] = known.get(name, frozenset()) | {code}
    for region, nom in REGIONS.items():
        name = tuple(words(nom))
        inside = {code for code, each in DEPARTEMENTS.items() if each.region == region}
        known[name] = known.get(name, frozenset()) | inside
    return known


@cache
def _longest() -> int:
    return max(map(len, _names()))
