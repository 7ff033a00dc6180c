"""Queries made from companies: their names as people half remember and misspell them, their towns, their trades."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.db import connection

from foxreviews.core import sql
from foxreviews.enterprise.privacy import HIDDEN_SQL
from foxreviews.reference.naf import TRADES
from foxreviews.reference.text import fold
from foxreviews.reference.words import LITTLE, key, words

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ONE_TYPO, TWO_TYPOS = 4, 8  # letters of a word that is misspelt once, twice
MIN_TYPED = 3  # letters of the word that is being typed, and of the parts of one that is split
START = 5  # letters
MIN_FREQUENT = 5  # companies of the sample that have the word
SAMPLE = sql.load(__file__, "sample").format(hidden=HIDDEN_SQL)


@dataclass(frozen=True)
class Company:
    """What queries are made of."""

    siren: str
    nom: str
    ville_nom: str
    naf_code: str


@dataclass(frozen=True)
class Draft:
    """A query whose expected answers are not looked up yet: companies with any of the traits, in the town.

    Of a name in another order, or misspelt, a company that is called exactly so is a right answer, too.
    """

    query: str
    kind: str
    traits: frozenset[str]
    town: str = ""  # words.key; empty for anywhere


def named(nom: str) -> str:
    """The trait of having that very name, as name or shop name."""
    return f"key {key(nom)}"


def with_word(word: str) -> str:
    """The trait of having a word of the folded name."""
    return f"word {word}"


def of_trade(naf_code: str) -> str:
    """The trait of a NAF code."""
    return f"naf {naf_code}"


Make = Callable[[random.Random, Company], str | None]


def sampled_companies(count: int, seed: int) -> list[Company]:
    """About `count` of the companies that may be shown, the same for the same table and seed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM enterprise_entreprise")
        ((total,),) = cursor.fetchall()
        percent = min(100.0, 100 * count / max(total, 1))
        cursor.execute(SAMPLE, {"percent": percent, "seed": seed})
        return [Company(*row) for row in cursor.fetchall()]


def queries(companies: list[Company], limit: int, seed: int) -> Iterator[Draft]:
    """Up to `limit` queries of each class, none twice, the same for the same companies and seed."""
    for kind in KINDS:
        chance = random.Random(f"{seed} {kind}")
        shuffled = chance.sample(companies, len(companies))
        made: set[str] = set()
        for draft in _drafts(kind, chance, shuffled):
            if len(made) == limit:
                break
            if draft.query not in made:
                made.add(draft.query)
                yield draft


def _drafts(kind: str, chance: random.Random, companies: list[Company]) -> Iterator[Draft]:
    if kind == "word":
        yield from frequent_words(companies)
    elif kind == "trade":
        yield from trades_in_town(chance, companies)
    else:
        for company in companies:
            query = NAMES[kind](chance, company)
            if query and key(company.nom):
                if kind in WITH_TOWN:
                    yield Draft(query, kind, frozenset([named(company.nom)]), key(company.ville_nom))
                else:
                    yield Draft(query, kind, frozenset([named(company.nom), named(query)]))


def exact(_: random.Random, company: Company) -> str | None:
    """The name as it is written."""
    return company.nom


def lower(_: random.Random, company: Company) -> str | None:
    """The name in small letters, its words and nothing else."""
    return " ".join(words(company.nom)).lower()


def typo(chance: random.Random, company: Company) -> str | None:
    """One letter added, lost, mistaken or swapped with its neighbour, in a word of four letters or more."""
    return _with_one_changed(chance, company.nom, ONE_TYPO, misspelt)


def typos(chance: random.Random, company: Company) -> str | None:
    """Two of them in one word of eight letters or more."""
    return _with_one_changed(
        chance, company.nom, TWO_TYPOS, lambda chance, word: misspelt(chance, misspelt(chance, word))
    )


def misspelt(chance: random.Random, word: str) -> str:
    """The word with one typo; it is never the word itself."""
    while True:
        at, letter = chance.randrange(len(word)), chance.choice(LETTERS)
        letter = letter.lower() if word[at].islower() else letter
        wrong = chance.choice(
            [
                word[:at] + letter + word[at:],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
            ]
        )
        if wrong != word:
            return wrong


def joined(chance: random.Random, company: Company) -> str | None:
    """Two neighbouring words as one."""
    parts = company.nom.split()
    pairs = [n for n in range(len(parts) - 1) if parts[n].isalpha() and parts[n + 1].isalpha()]
    if not pairs:
        return None
    at = chance.choice(pairs)
    return " ".join([*parts[:at], parts[at] + parts[at + 1], *parts[at + 2 :]])


def split(chance: random.Random, company: Company) -> str | None:
    """A word of eight letters or more as two."""
    return _with_one_changed(chance, company.nom, TWO_TYPOS, _in_two)


def _in_two(chance: random.Random, word: str) -> str:
    cut = chance.randint(MIN_TYPED, len(word) - MIN_TYPED)
    return f"{word[:cut]} {word[cut:]}"


def _with_one_changed(
    chance: random.Random, nom: str, letters: int, change: Callable[[random.Random, str], str]
) -> str | None:
    """The name with one of its words changed that has so many letters, and nothing else."""
    parts = nom.split()
    places = [n for n, part in enumerate(parts) if len(part) >= letters and part.isalpha()]
    if not places:
        return None
    at = chance.choice(places)
    return " ".join([*parts[:at], change(chance, parts[at]), *parts[at + 1 :]])


def prefix(chance: random.Random, company: Company) -> str | None:
    """The last word being typed: at least half of it is there."""
    *before, last = company.nom.split() or [""]
    shortest = max(MIN_TYPED, (len(last) + 1) // 2)
    if len(last) <= shortest or not last.isalpha():
        return None
    return " ".join([*before, last[: chance.randrange(shortest, len(last))]]).lower()


def in_town(_: random.Random, company: Company) -> str | None:
    """Name and town in one line."""
    return f"{company.nom} {company.ville_nom}" if company.ville_nom else None


def start_in_town(_: random.Random, company: Company) -> str | None:
    """The first five letters of the name, and the town."""
    start = company.nom[:START].strip()
    return f"{start} {company.ville_nom}" if company.ville_nom and len(company.nom) > START else None


def order(_: random.Random, company: Company) -> str | None:
    """The words of the name without articles and legal forms, in another order."""
    kept = [word for word in words(company.nom) if word not in LITTLE]
    return " ".join(reversed(kept)) if len(kept) > 1 else None


def frequent_words(companies: Iterable[Company]) -> Iterator[Draft]:
    """The words that most of the companies have, the most frequent first."""
    counted = Counter(
        word for company in companies for word in set(fold(company.nom).split()) - LITTLE if word.isalpha()
    )
    for word, count in counted.most_common():
        if count >= MIN_FREQUENT and len(word) >= MIN_TYPED:
            yield Draft(word.lower(), "word", frozenset([with_word(word)]))


def trades_in_town(chance: random.Random, companies: Iterable[Company]) -> Iterator[Draft]:
    """An everyday trade and a town that has it. A company with the trade in its name is a right answer too."""
    for company in companies:
        trades = _trades().get(company.naf_code)
        if trades and company.ville_nom:
            trade = chance.choice(trades)
            longest = max(fold(trade).split(), key=len)
            traits = {*map(of_trade, TRADES[trade]), with_word(longest), named(trade)}
            town = key(company.ville_nom)
            yield Draft(f"{trade} {company.ville_nom}".lower(), "trade", frozenset(traits), town)


@cache
def _trades() -> dict[str, list[str]]:
    """The everyday names of the trade of a NAF code."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for trade, codes in TRADES.items():
        for code in codes:
            found[code].append(trade)
    return dict(found)


NAMES: dict[str, Make] = {
    "exact": exact,
    "lower": lower,
    "typo": typo,
    "typos": typos,
    "joined": joined,
    "split": split,
    "prefix": prefix,
    "town": in_town,
    "start": start_in_town,
    "order": order,
}
WITH_TOWN = {"town", "start"}
KINDS = (*NAMES, "word", "trade")
