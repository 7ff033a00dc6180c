"""The documents of the places index: one per town and one per trade, which search.query.places looks up.

They are few (36,000 and some 1,000) and change seldom: they are always replaced together.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import orjson
import tantivy
from django.db.models import Count

from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS, INSEE_CODE, REGIONS
from foxreviews.reference.naf import NAF, NAF25, SUCCESSORS, TRADES, TRADES25, label, same_trade
from foxreviews.reference.text import fold, town_key
from foxreviews.reference.vocabulary import stem
from foxreviews.reference.words import key, words
from foxreviews.search.index.schema import writing
from foxreviews.search.query.places import ACTIVITE, VILLE, keys, rank

_ARTICLE = re.compile("^(?:L|LA|LE|LES) ")
MEMORY = 30_000_000  # bytes, for some ten thousand documents

Document = dict[str, Any]


def fill_places(index: tantivy.Index) -> int:
    """Replace the towns and trades of an index by those of the database, at once; how many."""
    made = documents()
    with writing(index, MEMORY) as writer:
        writer.delete_all_documents()
        for each in made:
            writer.add_json(each)
    return len(made)


def documents() -> list[str]:
    """The documents of schema.places as JSON, from the towns and companies of the database.

    The most populous town has the highest rank, and so has the trade that most companies have.
    """
    return [orjson.dumps(each).decode() for each in (*_towns(), *_trades())]


def starts(name: str) -> set[str]:
    """What a name begins like, with its article and without: "Le Havre" → LE HAVRE, HAVRE."""
    whole = {fold(name), town_key(name)}
    return whole | {_ARTICLE.sub("", each) for each in whole}


def _towns() -> Iterator[Document]:
    columns = ("code_insee", "nom", "population", "departement", "region", "codes_postaux", "appellations")
    for code, nom, population, departement, region, codes_postaux, others in Ville.objects.values_list(
        *columns
    ):
        if not INSEE_CODE.fullmatch(code):
            continue
        yield {
            "kind": VILLE,
            "rank": rank(population or 0, code),
            "key": sorted(keys(nom)),
            "start": sorted(starts(nom)),
            "nom": _in_words(nom).removesuffix(" ARRONDISSEMENT"),
            "lieu": " ".join(
                [*map(_in_words, (*others, nom)), _area_words(departement, region), *codes_postaux]
            ),
            "departement": departement,
            "region": region,
            "code_postal": codes_postaux,
        }


@cache
def _area_words(departement: str, region: str) -> str:
    """The words of the département, its code and the région."""
    known = DEPARTEMENTS.get(departement)
    return _in_words(f"{departement} {known.nom if known else ''} {REGIONS.get(region, '')}")


def _in_words(name: str) -> str:
    return " ".join(words(name))


def _trades() -> Iterator[Document]:
    """One document per trade, under the code of whichever nomenclature more of its companies have."""
    companies = _companies("naf_code") | _companies("naf25_code")
    for codes in _same_trades(companies):
        shown = max(codes, key=lambda code: companies.get(code, 0))
        yield _called(codes) | {"rank": rank(companies.get(shown, 0), shown.replace(".", ""))}


@cache  # the same at each build of a process; without it, 70 % of the time of a place index without towns
def _called(codes: tuple[str, ...]) -> Document:
    """What the trade of these codes is found by: all but its rank."""
    labels = dict.fromkeys(map(label, codes))
    everyday = (name for code in codes for name in _everyday().get(code, ()))
    names = dict.fromkeys([*map(_first_trade, labels), *everyday])
    in_words = {word for name in (*labels, *names) for word in words(name)}
    bare = [code.replace(".", "") for code in codes]
    text = " ".join(sorted({*in_words, *map(stem, in_words)}))
    return {
        "kind": ACTIVITE,
        "key": sorted({*bare, *map(key, labels)}.union(*map(keys, names))),
        "start": sorted({*bare, *codes, *map(fold, (*labels, *names))}),
        "nom": text,
        "lieu": text,
    }


@cache
def _everyday() -> dict[str, list[str]]:
    """The everyday names of each code that has some."""
    names: defaultdict[str, list[str]] = defaultdict(list)
    for name, codes in (*TRADES.items(), *TRADES25.items()):
        for code in codes:
            names[code].append(name)
    return dict(names)


def _companies(column: str) -> dict[str, int]:
    """How many companies have each code."""
    counted = Entreprise.objects.order_by().values(column).annotate(count=Count("*"))
    return dict(counted.values_list(column, "count"))


def _same_trades(companies: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """The codes of each trade: one of rév. 2, one of NAF 2025, or both where they are the same.

    A code that no company has is left out where companies have one of the other nomenclature that corresponds to it.
    """
    met = {other for code in NAF if (other := same_trade(code))}
    for code in NAF:
        if other := same_trade(code):
            yield code, other
        elif companies.get(code) or not any(companies.get(each) for each in SUCCESSORS[code]):
            yield (code,)
    for code in NAF25.keys() - met:
        if companies.get(code):
            yield (code,)


def _first_trade(label: str) -> str:
    """What a label of the nomenclature says first: "Boulangerie et boulangerie-pâtisserie" → "Boulangerie"."""
    return label.partition(" et ")[0].partition(",")[0].partition("(")[0]
