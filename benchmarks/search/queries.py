"""The queries and filters that the search is measured with, sampled from the companies that are loaded, by class."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from urllib.parse import urlencode

from benchmarks.relevance import queries as relevance
from benchmarks.relevance.queries import Company, sampled_companies
from foxreviews.enterprise.filters import Filters
from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import beginning
from foxreviews.reference.text import fold
from foxreviews.reference.words import LITTLE

SAMPLED = 20_000  # companies: about one in 200 of the register
FREQUENT = 60  # words
PLACES = 5_000  # companies of the sample, whose town and trade are filtered by
# Those that the API has always had: an older checkout knows no others.
FACETS = ("departement", "ville", "naf_section", "naf_division", "tranche_effectif", "is_active")
MIN_RARE = 6  # letters of a word that one company of the sample has
TEXTS = {
    "exact": "exact name",
    "typo": "one typo",
    "prefix": "prefix",
    "town": "name + town",
    "trade": "trade + town",
}
KINDS = (
    "exact name",
    "frequent word",
    "rare word",
    "one typo",
    "prefix",
    "name + town",
    "trade + town",
    "SIREN",
    "filters only",
    "facets",
)


@dataclass(frozen=True)
class Query:
    """One request for a page of companies, or for one, in the words of the engines and of the API."""

    kind: str
    text: str = ""
    params: dict[str, str] = field(default_factory=dict)  # filters as the API names them
    facets: bool = False
    path: str = "/api/entreprises/"

    @property
    def url(self) -> str:
        facets = {"facets": ",".join(FACETS)} if self.facets else {}
        text = {"q": self.text} if self.text else {}
        return f"{self.path}?{urlencode(text | self.params | facets)}"

    @property
    def filters(self) -> Filters:
        """The same filters as engines name them."""
        villes = (self.params["ville"],) if "ville" in self.params else ()
        activity = beginning(self.params["naf"]) if "naf" in self.params else None
        naf = (activity,) if activity else ()
        departements = (self.params["departement"],) if "departement" in self.params else ()
        return Filters(villes=villes, naf=naf, departements=departements)


def mix(each: int, seed: int) -> dict[str, list[Query]]:
    """`each` queries of every kind, or fewer where the directory is small; words come again where there are few."""
    companies = sampled_companies(SAMPLED, seed)
    chance = random.Random(seed)
    drafts = list(relevance.queries(companies, each, seed))
    made = {
        name: [Query(name, draft.query) for draft in drafts if draft.kind == kind]
        for kind, name in TEXTS.items()
    }
    frequent, rare = _words(companies)
    made["frequent word"] = [Query("frequent word", word) for word in islice(cycle(frequent), each)]
    made["rare word"] = [Query("rare word", word) for word in chance.sample(rare, min(each, len(rare)))]
    made["SIREN"] = [
        Query("SIREN", company.siren) for company in chance.sample(companies, min(each, len(companies)))
    ]
    places = _places(chance.sample(companies, len(companies)))
    made["filters only"] = list(islice(_filters(places), each))
    made["facets"] = list(islice(_facets(frequent, places), each))
    return {kind: made[kind] for kind in KINDS}


def plain_reads(each: int, seed: int) -> dict[str, list[Query]]:
    """What no search answers: lists of the country and of départements, companies by their number."""
    places = [{}, *({"departement": code} for code in DEPARTEMENTS)]
    lists = [{"ordering": order, **place} for place in places for order in ("-created_at", "nom")]
    chosen = random.Random(seed).sample(lists, min(each, len(lists)))
    sirens = [company.siren for company in sampled_companies(SAMPLED, seed)][:each]
    return {
        "list": [Query("list", params=params) for params in chosen],
        "detail": [Query("detail", path=f"/api/entreprises/{siren}/") for siren in sirens],
    }


def count() -> int:
    """How many companies are loaded."""
    return Entreprise.objects.count()


def beginnings(names: list[str], each: int, seed: int) -> list[str]:
    """Names as they are while they are typed, letter by letter, up to `each` of them in all."""
    chance = random.Random(seed)
    return [nom[: chance.randint(1, len(nom))].strip() or nom for nom in islice(cycle(names), each)]


def town_names(count: int, seed: int) -> list[str]:
    """Names of towns: the more populous, the more often."""
    rows = list(Ville.objects.filter(population__gt=0).values_list("nom", "population"))
    noms, populations = zip(*rows, strict=True)
    return random.Random(seed).choices(noms, populations, k=count)


def company_names(count: int, seed: int) -> list[str]:
    """Names of companies."""
    return [company.nom for company in sampled_companies(count, seed)][:count]


def _words(companies: list[Company]) -> tuple[list[str], list[str]]:
    """The most frequent words of names, and those that one company alone has of the sample."""
    counted = Counter(word for company in companies for word in set(fold(company.nom).split()) - LITTLE)
    frequent = [word.lower() for word, _ in counted.most_common() if len(word) > 2 and word.isalpha()]
    rare = [word.lower() for word, count in counted.items() if count == 1 and len(word) >= MIN_RARE]
    return frequent[:FREQUENT], sorted(word for word in rare if word.isalpha())


def _places(companies: list[Company]) -> list[tuple[str, str, str]]:
    """Town, département and trade of some companies: each as frequent as it is."""
    sirens = [company.siren for company in companies[:PLACES]]
    rows = Entreprise.objects.filter(siren__in=sirens).exclude(ville=None).exclude(naf_code="")
    return list(rows.order_by("siren").values_list("ville_id", "departement", "naf_code"))


def _filters(places: list[tuple[str, str, str]]) -> Iterator[Query]:
    """A trade in a town; each third time in a département."""
    for n, (ville, departement, naf) in enumerate(places):
        where = {"departement": departement} if n % 3 == 0 and departement else {"ville": ville}
        yield Query("filters only", params={**where, "naf": naf})


def _facets(frequent: list[str], places: list[tuple[str, str, str]]) -> Iterator[Query]:
    """All facets, for a frequent word or a département alone."""
    for word, (_, departement, _) in zip(cycle(frequent), places, strict=False):
        yield Query("facets", word, facets=True)
        yield Query("facets", params={"departement": departement or "75"}, facets=True)
