"""/api/lots/: many companies and establishments by their numbers, in one request."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foxreviews.api.entreprises.serializers import EntrepriseSerializer
from foxreviews.api.entreprises.serializers import shown as shown_entreprise
from foxreviews.api.errors import InvalidParametersError, problems
from foxreviews.api.etablissements.serializers import EtablissementSerializer
from foxreviews.api.etablissements.views import shown_with_names
from foxreviews.api.params import Params
from foxreviews.core.keyset import Row
from foxreviews.core.messages import say
from foxreviews.enterprise.by_siren import companies_by_siren, establishments_by_siret
from foxreviews.enterprise.successions import doublons_de

MAX_NUMBERS = 10_000
LENGTHS = {"siren": 9, "siret": 14}


class NumbersSerializer(serializers.Serializer[dict[str, list[str]]]):
    """What is asked for: at least one number."""

    siren = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MAX_NUMBERS,
        help_text="Nine digits each; spaces do not count.",
    )
    siret = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MAX_NUMBERS,
        help_text="Fourteen digits each; spaces do not count.",
    )


class NotFoundSerializer(serializers.Serializer[dict[str, list[str]]]):
    """The numbers that the directory does not have."""

    siren = serializers.ListField(child=serializers.CharField())
    siret = serializers.ListField(child=serializers.CharField())


class LotSerializer(serializers.Serializer[dict[str, Any]]):
    """Both lists are in the order of the numbers, each once."""

    entreprises = EntrepriseSerializer(many=True)
    etablissements = EtablissementSerializer(many=True)
    doublons = serializers.DictField(
        child=serializers.CharField(),
        help_text="Of each SIREN that is another's double, and that the directory lacks, the one that stands for it.",
    )
    not_found = NotFoundSerializer()


class LotsView(APIView):
    """Companies and establishments by their numbers."""

    @extend_schema(
        summary="Many numbers at once",
        description=f"The companies and establishments of up to {MAX_NUMBERS:,} numbers. A SIREN that is another's "
        "double brings the company that it stands for.",
        request=NumbersSerializer,
        responses={200: LotSerializer, **problems(400, 406, 415, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        Params.read(request)
        wanted = numbers(request.data)
        companies = companies_by_siren(wanted["siren"])
        doublons = doublons_de(siren for siren in wanted["siren"] if siren not in companies)
        companies |= companies_by_siren([*doublons.values()])
        doublons = {siren: other for siren, other in doublons.items() if other in companies}
        places = establishments_by_siret(wanted["siret"])
        asked = [doublons.get(siren, siren) for siren in wanted["siren"]]
        return Response(
            {
                "entreprises": [shown_entreprise(row) for row in _in_order(asked, companies)],
                "etablissements": shown_with_names(_in_order(wanted["siret"], places)),
                "doublons": doublons,
                "not_found": {
                    "siren": [siren for siren in asked if siren not in companies],
                    "siret": [siret for siret in wanted["siret"] if siret not in places],
                },
            }
        )


def _in_order(numbers: Iterable[str], rows: dict[str, Row]) -> list[Row]:
    return [rows[number] for number in dict.fromkeys(numbers) if number in rows]


def numbers(data: Any) -> dict[str, list[str]]:
    """The SIREN and SIRET of a body, each once. Raises InvalidParametersError."""
    if not isinstance(data, dict):
        raise InvalidParametersError({"siren": [_('The body is an object: {"siren": ["732829320"]}.')]})
    if unknown := [str(name)[:100] for name in data if name not in LENGTHS]:
        raise InvalidParametersError({unknown[0]: [_("There is no such list. Known ones: siren, siret.")]})
    found = {name: _read(name, data.get(name, [])) for name in LENGTHS}
    count = sum(map(len, found.values()))
    if not count:
        raise InvalidParametersError({"siren": [_("Give at least one SIREN or SIRET.")]})
    if count > MAX_NUMBERS:
        sentence = _("{count} numbers are more than {most}: ask for them in several requests.")
        raise InvalidParametersError({"siren": [say(sentence, count=count, most=MAX_NUMBERS)]})
    return found


def _read(name: str, values: Any) -> list[str]:
    if not isinstance(values, list):
        raise InvalidParametersError({name: [_("It is a list of texts.")]})
    read = []
    for value in values:
        number = "".join(value.split()) if isinstance(value, str) else ""
        if len(number) != LENGTHS[name] or not (number.isascii() and number.isdigit()):
            sentence = _("{value} is no {kind}: that is a text of {digits} digits.")
            shown, kind, digits = str(value)[:50], name.upper(), LENGTHS[name]
            raise InvalidParametersError({name: [say(sentence, value=shown, kind=kind, digits=digits)]})
        read.append(number)
    return list(dict.fromkeys(read))
