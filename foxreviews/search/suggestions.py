"""What somebody may have in mind who is typing: companies, towns and trades in one list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F

from foxreviews.core.keyset import Row
from foxreviews.location.models import Ville
from foxreviews.reference.naf import NAF
from foxreviews.reference.text import town_key
from foxreviews.search.engine import search_engine, search_places
from foxreviews.search.index.place_documents import ACTIVITE, VILLE
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.places import Place, Places, Step
from foxreviews.search.query.ranking import Tier
from foxreviews.search.query.vocabulary import trades, trades_beginning
from foxreviews.search.query.words import words

ENTREPRISE = "entreprise"
KINDS = (VILLE, ACTIVITE, ENTREPRISE)
MAX_PLACES = 6  # towns, and as many trades
# How sure it is that something was meant
MISSPELT, BEGUN, EXACT = range(3)


@dataclass(frozen=True)
class Suggestion:
    """Something to be found, by its SIREN, INSEE or NAF code. `detail` tells namesakes apart."""

    kind: str
    label: str
    detail: str
    code: str
    sure: int


def suggestions(text: str, limit: int) -> list[Suggestion]:
    """Up to `limit`: the surest first; of equally sure ones a town, a trade, a company, the next town, and so on.

    Towns and trades have three tenths each at most, companies what these leave. What is misspelt is suggested only
    where nothing else is. Raises EmptyQueryError, QueryTooLongError, SearchTimeoutError.
    """
    query, share = interpret(text), max(limit * 3 // 10, 1)
    places = search_places(lambda index: [*_towns(index, text), *_trades(index, text)])
    if places is None:
        places = [*_towns_begun(text), *_trades_begun(text)]
    found = _meant([*places, *_companies(search_engine().suggest(query, limit))])
    by_kind = {kind: [each for each in found if each.kind == kind] for kind in KINDS}
    shown = [*by_kind[VILLE][:share], *by_kind[ACTIVITE][:share]]
    shown += by_kind[ENTREPRISE][: limit - len(shown)]
    return sorted(
        shown, key=lambda each: (-each.sure, by_kind[each.kind].index(each), KINDS.index(each.kind))
    )


def _meant(found: list[Suggestion]) -> list[Suggestion]:
    """Without the misspelt ones, unless all are."""
    return [each for each in found if each.sure > MISSPELT] or found


def _companies(rows: Iterable[Row]) -> Iterator[Suggestion]:
    for row in rows:
        sure = EXACT if row["score"] == Tier.EXACT else MISSPELT if row["score"] <= Tier.TYPO else BEGUN
        place = f"{row['code_postal']} {row['ville_nom']}".strip()
        yield Suggestion(ENTREPRISE, row["nom"], place, row["siren"], sure)


def _towns(index: Places, text: str) -> Iterator[Suggestion]:
    places = index.find(VILLE, text, MAX_PLACES)
    known = {
        town.code_insee: town for town in Ville.objects.filter(code_insee__in=[each.code for each in places])
    }
    for place in places:
        if place.code in known:  # it may have been removed a moment ago
            yield _town(known[place.code], _sure(place))


def _towns_begun(text: str) -> Iterator[Suggestion]:
    begun = Ville.objects.beginning_with(text).order_by(F("population").desc(nulls_last=True), "code_insee")
    for town in begun[:MAX_PLACES]:
        yield _town(town, EXACT if town.nom_recherche == town_key(text) else BEGUN)


def _town(town: Ville, sure: int) -> Suggestion:
    departement = f"{town.departement_nom} ({town.departement})" if town.departement else ""
    return Suggestion(VILLE, town.nom, departement, town.code_insee, sure)


def _trades(index: Places, text: str) -> Iterator[Suggestion]:
    for place in index.find(ACTIVITE, text, MAX_PLACES):
        yield _trade(f"{place.code[:2]}.{place.code[2:]}", _sure(place))


def _trades_begun(text: str) -> Iterator[Suggestion]:
    *others, last = words(text) or [""]
    codes = [trades(last) | trades_beginning(last), *map(trades, others)]
    for naf_code in sorted(frozenset.intersection(*codes))[:MAX_PLACES]:
        yield _trade(naf_code, BEGUN)


def _trade(naf_code: str, sure: int) -> Suggestion:
    return Suggestion(ACTIVITE, NAF[naf_code], naf_code, naf_code, sure)


def _sure(place: Place) -> int:
    if place.step <= Step.TYPO:
        return MISSPELT
    return EXACT if place.step == Step.EXACT else BEGUN
