"""What somebody may have in mind who is typing: companies, towns and trades in one list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F

from foxreviews.core.keyset import Row
from foxreviews.location.models import Ville
from foxreviews.reference.naf import NAF
from foxreviews.reference.text import town_key
from foxreviews.search.engine import ask_gazetteer, search_engine
from foxreviews.search.index.place_documents import ACTIVITE, VILLE
from foxreviews.search.query import trades
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.places import Gazetteer, Landmark, Step
from foxreviews.search.query.ranking import Tier
from foxreviews.search.query.words import words

ENTREPRISE = "entreprise"
KINDS = (VILLE, ACTIVITE, ENTREPRISE)
MOST = 6  # towns or trades
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


def suggestions(text: str, most: int) -> list[Suggestion]:
    """Up to `most`: the surest first; of equally sure ones a town, a trade, a company, the next town, and so on.

    Towns and trades have three tenths each at most, companies what these leave. What is misspelt is suggested only
    where nothing else is. Raises EmptyQueryError, QueryTooLongError, SearchTimeoutError.
    """
    query, share = interpret(text), max(most * 3 // 10, 1)
    landmarks = ask_gazetteer(lambda gazetteer: [*_towns(gazetteer, text), *_trades(gazetteer, text)])
    if landmarks is None:
        landmarks = [*_towns_begun(text), *_trades_begun(text)]
    found = _meant([*landmarks, *_companies(search_engine().suggest(query, most))])
    by_kind = {kind: [each for each in found if each.kind == kind] for kind in KINDS}
    shown = [*by_kind[VILLE][:share], *by_kind[ACTIVITE][:share]]
    shown += by_kind[ENTREPRISE][: most - len(shown)]
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


def _towns(gazetteer: Gazetteer, text: str) -> Iterator[Suggestion]:
    landmarks = gazetteer.find(VILLE, text, MOST)
    known = {
        town.code_insee: town
        for town in Ville.objects.filter(code_insee__in=[each.code for each in landmarks])
    }
    for landmark in landmarks:
        if landmark.code in known:  # it may have been removed a moment ago
            yield _town(known[landmark.code], _sure(landmark))


def _towns_begun(text: str) -> Iterator[Suggestion]:
    begun = Ville.objects.beginning_with(text).order_by(F("population").desc(nulls_last=True), "code_insee")
    for town in begun[:MOST]:
        yield _town(town, EXACT if town.nom_recherche == town_key(text) else BEGUN)


def _town(town: Ville, sure: int) -> Suggestion:
    departement = f"{town.departement_nom} ({town.departement})" if town.departement else ""
    return Suggestion(VILLE, town.nom, departement, town.code_insee, sure)


def _trades(gazetteer: Gazetteer, text: str) -> Iterator[Suggestion]:
    for landmark in gazetteer.find(ACTIVITE, text, MOST):
        yield _trade(f"{landmark.code[:2]}.{landmark.code[2:]}", _sure(landmark))


def _trades_begun(text: str) -> Iterator[Suggestion]:
    *others, last = words(text) or [""]
    codes = [trades.named(last) | trades.beginning(last), *map(trades.named, others)]
    for naf_code in sorted(frozenset.intersection(*codes))[:MOST]:
        yield _trade(naf_code, BEGUN)


def _trade(naf_code: str, sure: int) -> Suggestion:
    return Suggestion(ACTIVITE, NAF[naf_code], naf_code, naf_code, sure)


def _sure(landmark: Landmark) -> int:
    if landmark.step <= Step.TYPO:
        return MISSPELT
    return EXACT if landmark.step == Step.EXACT else BEGUN
