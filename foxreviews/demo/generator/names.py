"""What companies are called, and where they live: the words that fill the slots of phrases."""

from collections.abc import Mapping
from functools import cache
from operator import attrgetter
from string import ascii_uppercase

from foxreviews.demo.generator.draws import zipf
from foxreviews.demo.generator.phrases import Either, OneOfEach, Slot, Weighted, WordOf
from foxreviews.demo.generator.towns import towns
from foxreviews.demo.generator.trades import legal_forms, trades
from foxreviews.demo.generator.vocabulary import lists, of, words

_RARE_SURNAMES = 0.3  # of all people have a family name that the list of frequent ones does not hold
_NUMBERS = [str(number) for number in range(1, 200)]


@cache
def slots() -> Mapping[str, Slot]:
    """What fills each {slot} of vocabulary/phrases.csv."""
    return {**_people(), **_letters(), **_of_the_row(), **_things()}


def _people() -> dict[str, Slot]:
    surnames, firsts = words("surnames"), words("first_names")
    frequent = Weighted(surnames, zipf(len(surnames)))
    by_rank = zipf(len(firsts))
    return {
        "surname": Either(frequent, OneOfEach(*lists("surname_syllables")), _RARE_SURNAMES),
        "first": Weighted(firsts, by_rank),
        "of_first": Weighted([of(first) for first in firsts], by_rank),
    }


def _letters() -> dict[str, Slot]:
    dotted = [f"{letter}." for letter in ascii_uppercase]
    return {
        "letter": Weighted(ascii_uppercase),
        "initial": Weighted(dotted),
        "initials": OneOfEach(dotted, [*dotted, *[""] * 20]),
        "acronym": OneOfEach(*[ascii_uppercase] * 3, [*ascii_uppercase, *[""] * 40]),
        "dotted": OneOfEach(*[dotted] * 3, [*dotted, *[""] * 20]),
    }


def _of_the_row() -> dict[str, Slot]:
    trade, form, town = attrgetter("trade"), attrgetter("form"), attrgetter("town")
    return {
        "trade": WordOf(trade, [each.words for each in trades()]),
        "shop": WordOf(trade, [each.shops for each in trades()]),
        "legal": WordOf(form, [each.abbreviations for each in legal_forms()]),
        "town": WordOf(town, [[each.commune] for each in towns()]),
        "of_town": WordOf(town, [[of(each.commune)] for each in towns()]),
    }


def _things() -> dict[str, Slot]:
    ways, streets = words("ways"), words("street_names")
    return {
        "coined": OneOfEach(*lists("coined_syllables")),
        "theme": Weighted(words("themes")),
        "service": Weighted(words("services")),
        "place": Weighted(words("places")),
        "hamlet": Weighted(words("hamlets")),
        "street": Weighted(streets, zipf(len(streets))),
        "way": Weighted(ways, zipf(len(ways), offset=0.5)),
        "number": Weighted(_NUMBERS, zipf(len(_NUMBERS))),
        "door": Weighted(_NUMBERS, zipf(len(_NUMBERS), offset=20)),
    }
