"""The query parameters of a route, read strictly: what is not understood is refused, never ignored.

A misspelt filter that is ignored answers with the whole directory, and looks like a result.
"""

from collections.abc import Collection, Sequence
from copy import deepcopy
from difflib import get_close_matches
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request

from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.language import language_of
from foxreviews.core.keyset import Row
from foxreviews.core.messages import Message, join, say
from foxreviews.enterprise.etablissements import MAX_RADIUS_KM, Near
from foxreviews.enterprise.filters import Period
from foxreviews.enterprise.grid import Point
from foxreviews.reference.geography import DEPARTEMENTS, REGIONS
from foxreviews.reference.register import BANDS
from foxreviews.search.query.parse import MAX_CHARACTERS

# Where Django and DRF only say that it is wrong, what to do: by their codes.
SENTENCES = {
    "blank": _("Give a value, or leave the parameter out."),
    "null_characters_not_allowed": _("It has a NUL character (%00): take it out."),
    "surrogate_characters_not_allowed": _("It has half of a character: write it in UTF-8."),
}
RADIUS_KM = 5.0  # where only `near` is given
MAX_VALUES = 50  # of one filter: the widest région has 13 départements, Paris 20 districts
MAX_TOWNS = 20  # of one filter: each is looked up
MAX_NUMBERS = 1_000  # SIREN or SIRET in an address, which then has some 16 kB; /api/lots/ takes more
LONG = _("It is longer than {max_length} characters.")
DAY = _("It is a day such as 2026-01-31.")
TRUE_OR_FALSE = _("It is true or false.")
POINT = _("It is a latitude and a longitude in degrees, with a comma between them: 48.8566,2.3522.")
NOWHERE = "-"  # the code of no town and of no département


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
        try:
            return cls.parse(request.query_params, also)
        except InvalidParametersError:
            # The framework puts its sentences into words as it refuses: once more, in the language of the client.
            with override(language_of(request)):
                return cls.parse(request.query_params, also)

    @classmethod
    def parse(cls, query: QueryDict, also: Collection[str] = ()) -> dict[str, Any]:
        """The same of a query string that came in no request."""
        known = [*map(str, cls._declared_fields), *also]
        several = {name for name, field in cls._declared_fields.items() if isinstance(field, Several)}
        given = {name: values for name, values in query.lists() if name in known}
        params = cls(data={name: each if name in several else each[-1] for name, each in given.items()})
        errors = _refused(query, known, several)
        if not params.is_valid():
            errors |= {
                name: [SENTENCES.get(sentence.code, str(sentence)) for sentence in sentences]
                for name, sentences in params.errors.items()
            }
        if errors:
            raise InvalidParametersError(errors)
        return dict(params.validated_data)


def _refused(query: QueryDict, known: list[str], several: Collection[str]) -> dict[str, Sequence[Message]]:
    """Sentences for the parameters that are unknown, or given twice and do not take `several` values."""
    errors: dict[str, Sequence[Message]] = {}
    for name, values in query.lists():
        if name not in known:
            none = _("This address takes none.")
            all_known = say(_("Known ones: {names}."), names=", ".join(sorted(known))) if known else none
            errors[name[:100]] = [join(_("There is no such parameter."), meant(name, known), all_known)]
        elif len(values) > 1 and name not in several:
            errors[name] = [_("It is given more than once.")]
    return errors


def meant(name: str, known: Collection[str]) -> Message:
    """The question whether the nearest of the known names was meant; empty where none is near."""
    near = get_close_matches(name, known, n=1)
    return say(_("Did you mean {name}?"), name=near[0]) if near else ""


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


class Several(serializers.ListField):
    """One value or several, with commas or given again; each once."""

    def __init__(self, help_text: str, at_most: int = MAX_VALUES, longest: int = 40) -> None:
        super().__init__(
            required=False,
            help_text=f"{help_text} Several with commas, or given again: any of them, {at_most:,} at most.",
            child=serializers.CharField(max_length=longest, error_messages={"max_length": LONG}),
            max_length=at_most,  # for the schema: who gives more is told below
        )
        self.at_most = at_most

    def to_internal_value(self, data: list[str]) -> list[str]:
        """The values. What each may be, `validate_…` of the parameters says."""
        parts = [part.strip() for text in data for part in text.split(",")]
        values = list(dict.fromkeys(filter(None, parts)))
        if not values:
            raise serializers.ValidationError(SENTENCES["blank"])
        if len(values) > self.at_most:
            sentence = _("It takes {most} values at most, and was given {count}.")
            raise serializers.ValidationError(say(sentence, most=self.at_most, count=len(values)))
        return [self.child.run_validation(value) for value in values]


class PlaceParams(Params):
    """The filters by place that lists share."""

    region = Several("Code of the région (INSEE): 11, 84.")
    departement = Several("Code of the département: 01, 2A, 75, 974.")
    code_postal = Several("Postal code, five digits.")

    def validate_region(self, values: list[str]) -> tuple[str, ...]:
        for value in values:
            if value not in REGIONS:
                sentence = _("{value} is not the code of a région: {known} are.")
                raise serializers.ValidationError(say(sentence, value=value, known=", ".join(REGIONS)))
        return tuple(values)

    def validate_departement(self, values: list[str]) -> tuple[str, ...]:
        for value in values:
            if value.upper() not in DEPARTEMENTS:
                sentence = _("{value} is not the code of a département: 01, 2A, 75, 974 are.")
                raise serializers.ValidationError(say(sentence, value=value))
        return tuple(dict.fromkeys(map(str.upper, values)))

    def validate_code_postal(self, values: list[str]) -> tuple[str, ...]:
        for value in values:
            if not (len(value) == len("75001") and value.isascii() and value.isdigit()):
                hint: Message = ""
                if value.upper() in DEPARTEMENTS:
                    hint = say(_("Did you mean {name}?"), name=f"departement={value.upper()}")
                raise serializers.ValidationError(join(_("A postal code has five digits."), hint))
        return tuple(values)


def departements(params: dict[str, Any]) -> tuple[str, ...]:
    """The départements that the filters by région and by département leave; () where neither is given."""
    if "region" not in params:
        found: tuple[str, ...] = params.get("departement", ())
        return found
    within = [code for code, each in DEPARTEMENTS.items() if each.region in params["region"]]
    return tuple(code for code in within if code in params.get("departement", within)) or (NOWHERE,)


class RegisterParams(Params):
    """The filters by what the register says that lists of companies and of establishments share."""

    tranche_effectif = Several(f"Workforce band of INSEE: {', '.join(BANDS)}.")
    date_creation_min = serializers.DateField(
        required=False, help_text="Created on this day or later.", error_messages={"invalid": DAY}
    )
    date_creation_max = serializers.DateField(
        required=False, help_text="Created on this day or before.", error_messages={"invalid": DAY}
    )

    def validate_tranche_effectif(self, values: list[str]) -> tuple[str, ...]:
        for value in values:
            if value not in BANDS:
                sentence = _("{value} is no workforce band: {known} are.")
                raise serializers.ValidationError(say(sentence, value=value, known=", ".join(BANDS)))
        return tuple(values)


def period(params: dict[str, Any], name: str) -> Period | None:
    """The period between the parameters NAME_min and NAME_max; None where neither is given."""
    bounds = params.get(f"{name}_min"), params.get(f"{name}_max")
    return Period(*bounds) if any(bounds) else None


def numbers(values: list[str], kind: str, digits: int) -> tuple[str, ...]:
    """SIREN or SIRET, spaces in them aside. Raises serializers.ValidationError."""
    found = ["".join(value.split()) for value in values]
    for number in found:
        if len(number) != digits or not (number.isascii() and number.isdigit()):
            sentence = _("{number} is no {kind}: that has {digits} digits.")
            raise serializers.ValidationError(say(sentence, number=number[:50], kind=kind, digits=digits))
    return tuple(dict.fromkeys(found))


def only(rows: list[Row], fields: tuple[str, ...]) -> list[Row]:
    """The rows with these columns alone."""
    return [{name: row[name] for name in fields if name in row} for row in rows]


class FieldsParams(Params):
    """Which columns a row has."""

    columns: ClassVar[tuple[str, ...]] = ()  # that may be chosen

    fields = text(1_000, "Only these columns, several with commas.")  # type: ignore[assignment]  # no field of DRF's

    def validate_fields(self, value: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(filter(None, (name.strip() for name in value.split(",")))))
        for name in names:
            if name not in self.columns:
                wrong = say(_("{name} is no column."), name=name)
                all_known = say(_("Known ones: {names}."), names=", ".join(self.columns))
                raise serializers.ValidationError(join(wrong, meant(name, self.columns), all_known))
        if not names:
            raise serializers.ValidationError(SENTENCES["blank"])
        return names


class NearParams(Params):
    """What is near a point."""

    near = text(40, "Latitude and longitude in degrees: 48.8566,2.3522. The nearest come first.")
    radius_km = serializers.FloatField(
        required=False,
        min_value=0.01,
        max_value=MAX_RADIUS_KM,
        help_text=f"How far from `near`, at most {MAX_RADIUS_KM:.0f} km; 5 unless it is given.",
    )

    def validate_near(self, value: str) -> Point:
        try:
            latitude, longitude = map(float, value.split(","))
        except ValueError:
            latitude = longitude = float("nan")
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise serializers.ValidationError(POINT)
        return Point(latitude, longitude)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "radius_km" in attrs and "near" not in attrs:
            raise InvalidParametersError(
                {"radius_km": [_("It needs `near`, the point that it is measured from.")]}
            )
        return attrs

    @staticmethod
    def near_of(params: dict[str, Any]) -> Near | None:
        """The circle that validated parameters give."""
        return Near(params["near"], params.get("radius_km", RADIUS_KM)) if "near" in params else None
