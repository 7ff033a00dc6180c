"""/api/suggestions/: companies, towns and trades for a search box, at every keystroke."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foxreviews.api.errors import problems
from foxreviews.api.params import Params, QueryField
from foxreviews.core.keyset import Row
from foxreviews.core.messages import say
from foxreviews.location.by_code import names_by_code
from foxreviews.location.models import Ville
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.reference.naf import label, same_trade
from foxreviews.reference.text import town_key
from foxreviews.reference.vocabulary import trades, trades_beginning
from foxreviews.reference.words import key, words
from foxreviews.search.engine import search_engine, search_places
from foxreviews.search.query.parse import interpret
from foxreviews.search.query.places import ACTIVITE, VILLE, Place, Places, Step
from foxreviews.search.query.ranking import Tier

ENTREPRISE, ENSEIGNE = "entreprise", "enseigne"
KINDS = (VILLE, ACTIVITE, ENTREPRISE, ENSEIGNE)
MAX_PLACES = 6  # towns, and as many trades
MIN_LETTERS = 2  # or digits
TOO_SHORT = f"Suggestions begin with {MIN_LETTERS} letters or digits."
ROUTES = {"entreprise": "api-entreprise", "enseigne": "api-etablissement", "ville": "api-ville"}


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
    siret: str = ""


class SuggestionParams(Params):
    """The parameters of suggestions."""

    q = QueryField(
        allow_blank=True,
        trim_whitespace=False,
        help_text="What was typed so far: a name, a town, a trade, its last word perhaps unfinished. With less than "
        "two letters or digits the list is empty. At most 16 words.",
        error_messages={"required": _("Give what was typed so far: ?q=boul")},
    )
    limit = serializers.IntegerField(
        default=10,
        min_value=1,
        max_value=20,
        help_text="How many suggestions at most.",
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_string_length"),
            say(_("It is a whole number from 1 to {most}."), most=20),
        ),
    )


class SuggestionSerializer(serializers.Serializer[dict[str, Any]]):
    """A company, the sign of one of its establishments, a town or a trade."""

    kind = serializers.ChoiceField(KINDS)
    label = serializers.CharField(  # type: ignore[assignment]  # as a field it does not hide Serializer.label
        help_text="The name of the company or town, the sign, the label of the trade."
    )
    detail = serializers.CharField(
        help_text="Of a company and a sign its postal code and town, of a town its département, of a trade "
        "its NAF code."
    )
    code = serializers.CharField(help_text="The SIREN, also of a sign; the INSEE code, the NAF code.")
    siret = serializers.CharField(help_text="Of a sign: the establishment that has it. Else empty.")
    url = serializers.URLField(
        help_text="The company, establishment or town by itself; the companies of the trade."
    )


class SuggestionsSerializer(serializers.Serializer[dict[str, Any]]):
    """Suggestions, the best first."""

    detail = serializers.CharField(
        help_text="Why there are none where too little was typed; empty otherwise."
    )
    results = SuggestionSerializer(many=True)


class SuggestionsView(APIView):
    """Suggestions for what is being typed."""

    @extend_schema(
        summary="Suggest at every keystroke",
        description="Companies, towns and trades in one list: first exact names, then names that begin with it, "
        "the most prominent first. Misspelt names are suggested where no others are. A company whose name has only "
        "two of the letters typed is found by a whole word, from three letters on by the beginning of one.",
        parameters=[SuggestionParams],
        responses={200: SuggestionsSerializer, **problems(400, 406, 429, 503)},
    )
    def get(self, request: Request) -> Response:
        params = SuggestionParams.read(request)
        if len(key(params["q"])) < MIN_LETTERS:
            return Response({"detail": TOO_SHORT, "results": []})
        found = suggestions(params["q"], params["limit"])
        return Response({"detail": "", "results": [_shown(each, request) for each in found]})


def _shown(suggestion: Suggestion, request: Request) -> dict[str, str]:
    if suggestion.kind in ROUTES:
        address = reverse(ROUTES[suggestion.kind], args=[suggestion.siret or suggestion.code])
    else:
        address = f"{reverse('api-entreprises')}?naf={suggestion.code}"
    return {
        "kind": suggestion.kind,
        "label": suggestion.label,
        "detail": suggestion.detail,
        "code": suggestion.code,
        "siret": suggestion.siret,
        "url": request.build_absolute_uri(address),
    }


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
    shown += [*by_kind[ENTREPRISE], *by_kind[ENSEIGNE]][: limit - len(shown)]
    return sorted(
        shown,
        key=lambda each: (
            -each.sure,
            each.kind == ENSEIGNE,
            by_kind[each.kind].index(each),
            KINDS.index(each.kind),
        ),
    )


def _meant(found: list[Suggestion]) -> list[Suggestion]:
    """Without the misspelt ones, unless all are."""
    return [each for each in found if each.sure > MISSPELT] or found


def _companies(rows: Iterable[Row]) -> Iterator[Suggestion]:
    for row in rows:
        sure = EXACT if row["score"] == Tier.EXACT else MISSPELT if row["score"] <= Tier.TYPO else BEGUN
        if branch := row.get("etablissement"):
            place, sign = f"{branch['code_postal']} {branch['ville_nom']}".strip(), branch["nom_commercial"]
            yield Suggestion(ENSEIGNE, sign or row["nom"], place, row["siren"], BEGUN, branch["siret"])
            continue
        place = f"{row['code_postal']} {row['ville_nom']}".strip()
        yield Suggestion(ENTREPRISE, row["nom"], place, row["siren"], sure)


def _towns(index: Places, text: str) -> Iterator[Suggestion]:
    places = index.find(VILLE, text, MAX_PLACES)
    known = names_by_code([each.code for each in places])
    for place in places:
        if place.code in known:  # it may have been removed a moment ago
            yield _town(known[place.code], _sure(place))


def _towns_begun(text: str) -> Iterator[Suggestion]:
    begun = Ville.objects.beginning_with(text).order_by(F("population").desc(nulls_last=True), "code_insee")
    for town in begun.values("code_insee", "nom", "departement", "nom_recherche")[:MAX_PLACES]:
        yield _town(dict(town), EXACT if town["nom_recherche"] == town_key(text) else BEGUN)


def _town(town: Row, sure: int) -> Suggestion:
    departement = DEPARTEMENTS.get(town["departement"])
    detail = f"{departement.nom} ({town['departement']})" if departement else ""
    return Suggestion(VILLE, town["nom"], detail, town["code_insee"], sure)


def _trades(index: Places, text: str) -> Iterator[Suggestion]:
    for place in index.find(ACTIVITE, text, MAX_PLACES):
        yield _trade(f"{place.code[:2]}.{place.code[2:]}", _sure(place))


def _trades_begun(text: str) -> Iterator[Suggestion]:
    *others, last = words(text) or [""]
    codes = [trades(last) | trades_beginning(last), *map(trades, others)]
    found = frozenset.intersection(*codes)
    found -= {same_trade(naf_code) for naf_code in found}
    for naf_code in sorted(found)[:MAX_PLACES]:
        yield _trade(naf_code, BEGUN)


def _trade(naf_code: str, sure: int) -> Suggestion:
    return Suggestion(ACTIVITE, label(naf_code), naf_code, naf_code, sure)


def _sure(place: Place) -> int:
    if place.step <= Step.TYPO:
        return MISSPELT
    return EXACT if place.step == Step.EXACT else BEGUN
