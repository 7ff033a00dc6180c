"""The query parameters of a route, read strictly: what is not understood is refused, never ignored.

A misspelt filter that is ignored answers with the whole directory, and looks like a result.
"""

from collections.abc import Collection
from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request

from foxreviews.api.errors import InvalidParametersError
from foxreviews.reference.geography import DEPARTEMENTS
from foxreviews.search.query.parse import MAX_CHARACTERS

# Where Django and DRF only say that it is wrong, what to do: by their codes.
SENTENCES = {
    "blank": "Give a value, or leave the parameter out.",
    "null_characters_not_allowed": "It has a NUL character (%00): take it out.",
    "surrogate_characters_not_allowed": "It has half of a character: write it in UTF-8.",
}
LONG = "It is longer than {max_length} characters."


class Params(serializers.Serializer[dict[str, Any]]):
    """The base of a route's parameters: one field each, which also makes the route's part of the schema."""

    def get_fields(self) -> dict[str, Any]:
        """Those that a request gives, or must: DRF copies each field, and a dozen copies take longer than their use."""
        given = getattr(self, "initial_data", self._declared_fields)
        return {
            name: deepcopy(field)
            for name, field in self._declared_fields.items()
            if name in given or field.required or field.default is not empty
        }

    @classmethod
    def read(cls, request: Request, also: Collection[str] = ()) -> dict[str, Any]:
        """The validated parameters of the request; those it does not give are absent.

        `also` names the parameters that are read elsewhere (by a pagination). Raises
        InvalidParametersError.
        """
        known = [*map(str, cls._declared_fields), *also]
        params = cls(data={name: value for name, value in request.query_params.items() if name in known})
        errors = _refused(request, known)
        if not params.is_valid():
            errors |= {
                name: [SENTENCES.get(sentence.code, str(sentence)) for sentence in sentences]
                for name, sentences in params.errors.items()
            }
        if errors:
            raise InvalidParametersError(errors)
        return dict(params.validated_data)


def _refused(request: Request, known: list[str]) -> dict[str, list[str]]:
    """Sentences for the parameters that are unknown or given twice."""
    errors = {}
    for name, values in request.query_params.lists():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            all_known = f"Known ones: {', '.join(sorted(known))}." if known else "This address takes none."
            errors[name[:100]] = [f"There is no such parameter.{hint} {all_known}"]
        elif len(values) > 1:
            errors[name] = ["It is given more than once."]
    return errors


@extend_schema_field({"type": "string", "maxLength": MAX_CHARACTERS})
class QueryField(serializers.CharField):
    """The text of a search. search.query.parse refuses what is too long, with a code of its own."""


def text(max_length: int, help_text: str, **options: Any) -> serializers.CharField:
    """A text parameter: not blank, no NUL, at most `max_length` characters."""
    return serializers.CharField(
        required=False,
        max_length=max_length,
        help_text=help_text,
        error_messages={"max_length": LONG},
        **options,
    )


def code(pattern: str, shape: str, help_text: str) -> serializers.RegexField:
    """A parameter whose whole value has the `pattern`; `shape` is the sentence for one that has not."""
    return serializers.RegexField(
        rf"\A(?:{pattern})\Z",
        required=False,
        help_text=help_text,
        error_messages={"invalid": shape},
    )


class PlaceParams(Params):
    """The filters by place that lists share."""

    departement = text(40, "Code of the département: 01, 2A, 75, 974.")
    code_postal = code("[0-9]{5}", "A postal code has five digits.", "Postal code, five digits.")

    def validate_departement(self, value: str) -> str:
        if value.upper() not in DEPARTEMENTS:
            raise serializers.ValidationError(
                f"{value} is not the code of a département: 01, 2A, 75, 974 are."
            )
        return value.upper()
