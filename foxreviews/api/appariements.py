"""/api/appariements/: the companies that the lines of a messy list mean."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foxreviews.api.errors import InvalidParametersError, problems
from foxreviews.api.params import Params
from foxreviews.core.messages import Message, say
from foxreviews.matching.matcher import Candidate, Match, match
from foxreviews.matching.model import Decision
from foxreviews.matching.record import FIELDS, read
from foxreviews.matching.towns import towns

MAX_ROWS = 1_000
BLOCK = 250  # rows that are matched together
IGNORED = ("id", "telephone", "email", "site_web")  # that lists have, and that say nothing here
MAX_VALUE = 10_000  # characters of a value; the first 256 are read
KNOWN = (*FIELDS, *IGNORED)


class RowSerializer(serializers.Serializer[dict[str, str]]):
    """What a line says. One of the names or numbers at least; all are texts, and what is empty may be left out."""

    nom = serializers.CharField(required=False, allow_blank=True, help_text="The name, in any spelling.")
    nom_commercial = serializers.CharField(
        required=False, allow_blank=True, help_text="A sign or trade name next to it."
    )
    adresse = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Number and street; a postal code and town behind it are read.",
    )
    code_postal = serializers.CharField(required=False, allow_blank=True)
    ville_nom = serializers.CharField(
        required=False, allow_blank=True, help_text="The town, also with CEDEX."
    )
    code_commune = serializers.CharField(required=False, allow_blank=True, help_text="Its INSEE code.")
    departement = serializers.CharField(required=False, allow_blank=True, help_text="Its code or name.")
    naf_code = serializers.CharField(required=False, allow_blank=True, help_text="A code of either NAF.")
    naf_libelle = serializers.CharField(required=False, allow_blank=True, help_text="The trade in words.")
    siren = serializers.CharField(required=False, allow_blank=True)
    siret = serializers.CharField(required=False, allow_blank=True)
    tva = serializers.CharField(required=False, allow_blank=True, help_text="A French VAT number.")
    telephone = serializers.CharField(
        required=False, allow_blank=True, help_text="Not looked at; so are the next."
    )
    email = serializers.CharField(required=False, allow_blank=True)
    site_web = serializers.CharField(required=False, allow_blank=True)
    id = serializers.CharField(required=False, allow_blank=True, help_text="Comes back with the result.")


class RowsSerializer(serializers.Serializer[dict[str, Any]]):
    """What is asked."""

    rows = serializers.ListField(
        child=RowSerializer(), min_length=1, max_length=MAX_ROWS, help_text=f"1 to {MAX_ROWS:,}."
    )


class CandidateSerializer(serializers.Serializer[dict[str, Any]]):
    """A company that a row may mean."""

    siren = serializers.CharField()
    siret = serializers.CharField(
        help_text="The establishment that is meant; empty where the directory has none."
    )
    nom = serializers.CharField()
    confidence = serializers.FloatField(min_value=0, max_value=1)


class AppariementSerializer(serializers.Serializer[dict[str, Any]]):
    """What became of a row."""

    id = serializers.CharField(help_text="Of the row; empty where it gives none.")
    decision = serializers.ChoiceField([str(each) for each in Decision])
    confidence = serializers.FloatField(
        min_value=0, max_value=1, help_text="How likely the best candidate is the right one."
    )
    siren = serializers.CharField(help_text="Of the best candidate; empty with `none`.")
    siret = serializers.CharField(help_text="Of its establishment that is meant.")
    nom = serializers.CharField()
    evidence = serializers.ListField(
        child=serializers.CharField(), help_text="What speaks for and against it."
    )
    candidates = CandidateSerializer(many=True, help_text="The next two.")


class AppariementsSerializer(serializers.Serializer[dict[str, Any]]):
    """A result for each row, in their order."""

    results = AppariementSerializer(many=True)


EXAMPLE = OpenApiExample(
    "A misspelt name in its town",
    {"rows": [{"nom": "Novergi", "adresse": "786 av. de Gasseras", "ville_nom": "Montauban"}]},
    request_only=True,
)


class AppariementsView(APIView):
    """Rows and the companies that they mean."""

    rate = "match"  # of settings.RATES

    @extend_schema(
        summary="Match a list",
        description=f"The company that each of up to {MAX_ROWS:,} rows means. `accept`: at least 99 in 100 are "
        "right; `review`: a person should look; `none`: nothing is near enough. The confidence is calibrated: of the "
        "candidates told 0.8, about eight in ten are right. What a row says is neither kept nor logged. A hidden "
        "company is no candidate.",
        request=RowsSerializer,
        responses={200: AppariementsSerializer, **problems(400, 406, 415, 429, 503)},
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        Params.read(request)
        rows = rows_of(request.data)
        known = towns()
        records = [read(row, known) for row in rows]
        found = [
            each for at in range(0, len(records), BLOCK) for each in match(records[at : at + BLOCK], known)
        ]
        return Response({"results": [shown(row, each) for row, each in zip(rows, found, strict=True)]})


def shown(row: Mapping[str, str], found: Match) -> dict[str, Any]:
    """A result as it is answered."""
    best = found.best
    return {
        "id": row.get("id", ""),
        "decision": str(found.decision),
        "confidence": found.confidence,
        "siren": best.siren if best else "",
        "siret": best.siret if best else "",
        "nom": best.nom if best else "",
        "evidence": list(found.evidence),
        "candidates": [shown_candidate(each) for each in found.others],
    }


def shown_candidate(candidate: Candidate) -> dict[str, Any]:
    """A candidate as it is answered."""
    return {
        "siren": candidate.siren,
        "siret": candidate.siret,
        "nom": candidate.nom,
        "confidence": candidate.confidence,
    }


def rows_of(data: Any) -> list[dict[str, str]]:
    """The rows of a body. Raises InvalidParametersError."""
    if not isinstance(data, dict) or set(data) != {"rows"} or not isinstance(data["rows"], list):
        raise _refused(_('The body is an object with a list: {"rows": [{"nom": "…"}]}.'))
    rows = data["rows"]
    if not 1 <= len(rows) <= MAX_ROWS:
        sentence = _("{count} rows were given: 1 to {most} are matched by one request.")
        raise _refused(say(sentence, count=len(rows), most=MAX_ROWS))
    return [_row(number, row) for number, row in enumerate(rows, 1)]


def _refused(sentence: Message) -> InvalidParametersError:
    return InvalidParametersError({"rows": [sentence]})


def _row(number: int, row: Any) -> dict[str, str]:
    if not isinstance(row, dict):
        raise _refused(say(_('Row {row} is no object such as {{"nom": "…"}}.'), row=number))
    for name, value in row.items():
        if name not in KNOWN:
            sentence = _("Row {row}: there is no {name}. Known: {known}.")
            raise _refused(say(sentence, row=number, name=repr(str(name)[:50]), known=", ".join(KNOWN)))
        if not isinstance(value, str):
            raise _refused(say(_("Row {row}: {name} is a text."), row=number, name=name))
        if len(value) > MAX_VALUE:
            sentence = _("Row {row}: {name} is longer than {most} characters.")
            raise _refused(say(sentence, row=number, name=name, most=MAX_VALUE))
    return dict(row)
