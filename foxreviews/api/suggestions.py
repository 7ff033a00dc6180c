"""/api/suggestions/: companies, towns and trades for a search box, at every keystroke."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foxreviews.api.errors import problems
from foxreviews.api.params import Params, QueryField
from foxreviews.search.query.words import key
from foxreviews.search.suggestions import KINDS, Suggestion, suggestions

MIN_LETTERS = 2  # or digits
TOO_SHORT = f"Suggestions begin with {MIN_LETTERS} letters or digits."
ROUTES = {"entreprise": "api-entreprise", "ville": "api-ville"}


class SuggestionParams(Params):
    """The parameters of suggestions."""

    q = QueryField(
        allow_blank=True,
        trim_whitespace=False,
        help_text="What was typed so far: a name, a town, a trade, its last word perhaps unfinished. With less than "
        "two letters or digits the list is empty. At most 16 words.",
        error_messages={"required": "Give what was typed so far: ?q=boul"},
    )
    limit = serializers.IntegerField(
        default=10,
        min_value=1,
        max_value=20,
        help_text="How many suggestions at most.",
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_string_length"), "It is a whole number from 1 to 20."
        ),
    )


class SuggestionSerializer(serializers.Serializer[dict[str, Any]]):
    """A company, a town or a trade."""

    kind = serializers.ChoiceField(KINDS)
    label = serializers.CharField(  # type: ignore[assignment]  # as a field it does not hide Serializer.label
        help_text="The name of the company or town, the label of the trade."
    )
    detail = serializers.CharField(
        help_text="Of a company its postal code and town, of a town its département, of a trade its NAF code."
    )
    code = serializers.CharField(help_text="The SIREN, the INSEE code, the NAF code.")
    url = serializers.URLField(help_text="The company or town by itself; the companies of the trade.")


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
        address = reverse(ROUTES[suggestion.kind], args=[suggestion.code])
    else:
        address = f"{reverse('api-entreprises')}?naf={suggestion.code}"
    return {
        "kind": suggestion.kind,
        "label": suggestion.label,
        "detail": suggestion.detail,
        "code": suggestion.code,
        "url": request.build_absolute_uri(address),
    }
