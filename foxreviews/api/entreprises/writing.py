"""What staff write to /api/entreprises/: companies that the register lacks, corrections, and taking them back."""

import unicodedata
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from foxreviews.api.entreprises.serializers import EntrepriseDetailSerializer, shown_in_detail
from foxreviews.api.errors import InvalidParametersError, problems
from foxreviews.api.language import language_of
from foxreviews.api.params import DAY, LONG, SENTENCES, TRUE_OR_FALSE, Params, meant, text
from foxreviews.api.staff import IF_MATCH, MayWrite, StaffToken, author, expected
from foxreviews.core.keyset import Row
from foxreviews.core.messages import Message, join, say
from foxreviews.enterprise import corrections
from foxreviews.enterprise.by_siren import company_with_town
from foxreviews.enterprise.corrections import GIVEN, NoSuchCompany, version_of
from foxreviews.enterprise.models import Entreprise
from foxreviews.enterprise.privacy import MASK
from foxreviews.enterprise.successions import doublon_de
from foxreviews.reference import naf
from foxreviews.reference.geography import INSEE_CODE
from foxreviews.reference.identifiers import is_siren, is_siret
from foxreviews.reference.register import BANDS, CATEGORIES
from foxreviews.reference.typed_numbers import siren_named_by

Value = TypeVar("Value", str, str | None)
LENGTHS = {field.column: field.max_length or 0 for field in Entreprise._meta.concrete_fields}
MAX_REASON = 500  # characters
ONE_OF = _("It is one of {known}, or empty.")
WHY = f"Why, for the audit trail: {MAX_REASON} characters at most."
REFUSED = (400, 401, 403, 404, 406, 409, 412, 415, 428, 429, 503)


class Text(serializers.CharField):
    """A text of the table, as an import would clean it: composed accents, single spaces."""

    def __init__(self, column: str, **options: Any) -> None:
        super().__init__(
            max_length=LENGTHS[column],
            required=False,
            allow_blank=True,
            error_messages={"max_length": LONG},
            **options,
        )

    def to_internal_value(self, data: Any) -> str:
        return " ".join(unicodedata.normalize("NFC", super().to_internal_value(data)).split())


class CorrectionSerializer(serializers.Serializer[dict[str, Any]]):
    """What staff say of a company. Texts are empty where they are not known."""

    siret = Text("siret", help_text="Fourteen digits: the head office.")
    nom = Text("nom")
    nom_commercial = Text("nom_commercial")
    adresse = Text("adresse")
    code_postal = Text(
        "code_postal", help_text="Five digits. The commune and département follow from it and the town."
    )
    ville_nom = Text("ville_nom")
    code_commune = serializers.CharField(
        required=False,
        allow_null=True,
        help_text="INSEE code. Where it is given, town and département follow from it.",
    )
    naf_code = Text("naf_code", help_text="NAF rév. 2: 62.01Z. What was derived from it follows.")
    naf25_code = Text("naf25_code", help_text="NAF 2025: 62.10Y.")
    categorie_juridique = Text("categorie_juridique", help_text="Legal form, INSEE level III: 5710.")
    tranche_effectif = serializers.ChoiceField(
        ["", *BANDS],
        required=False,
        error_messages={"invalid_choice": say(ONE_OF, known=", ".join(BANDS))},
    )
    categorie_entreprise = serializers.ChoiceField(
        ["", *CATEGORIES],
        required=False,
        error_messages={"invalid_choice": say(ONE_OF, known=", ".join(CATEGORIES))},
    )
    est_employeur = serializers.BooleanField(
        required=False, allow_null=True, error_messages={"invalid": TRUE_OR_FALSE}
    )
    date_creation = serializers.DateField(required=False, allow_null=True, error_messages={"invalid": DAY})
    is_active = serializers.BooleanField(required=False, error_messages={"invalid": TRUE_OR_FALSE})
    statut_diffusion = serializers.ChoiceField(
        Entreprise.Diffusion.choices,
        required=False,
        help_text="P hides a person, and takes the address of any company. Only the register makes it O again.",
        error_messages={"invalid_choice": _("It is O or P.")},
    )
    latitude = serializers.FloatField(required=False, allow_null=True, min_value=-90, max_value=90)
    longitude = serializers.FloatField(required=False, allow_null=True, min_value=-180, max_value=180)
    telephone = Text("telephone")
    email = Text("email")
    site_web = Text("site_web")
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=MAX_REASON,
        help_text=WHY,
        error_messages={"max_length": LONG},
    )

    def validate_siret(self, value: str) -> str:
        return _that(value, not value or is_siret(value), _("A SIRET has fourteen digits with their key."))

    def validate_nom(self, value: str) -> str:
        _that(value, bool(value), _("A company has a name."))
        sentence = say(_("{mask} is no name: to hide a company, set statut_diffusion."), mask=MASK)
        return _that(value, MASK not in value.upper(), sentence)

    def validate_code_postal(self, value: str) -> str:
        return _that(value, not value or _digits(value, 5), _("A postal code has five digits."))

    def validate_code_commune(self, value: str | None) -> str | None:
        code = value and value.upper()
        is_code = not code or bool(INSEE_CODE.fullmatch(code))
        return _that(code, is_code, _("It is no INSEE code: 69123, 2A004 are.")) or None

    def validate_naf_code(self, value: str) -> str:
        return _naf(value, naf.NAF, "NAF rév. 2", "62.01Z")

    def validate_naf25_code(self, value: str) -> str:
        return _naf(value, naf.NAF25, "NAF 2025", "62.10Y")

    def validate_categorie_juridique(self, value: str) -> str:
        return _that(value, not value or _digits(value, 4), _("A legal form has four digits: 5710."))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_half_given = ("latitude" in attrs) != ("longitude" in attrs)
        if is_half_given or (attrs.get("latitude") is None) != (attrs.get("longitude") is None):
            sentence = _("Give latitude and longitude together, or null for both.")
            raise serializers.ValidationError({"latitude": [sentence]})
        siren, siret = attrs.get("siren", self.context.get("siren", "")), attrs.get("siret", "")
        if siret and not siret.startswith(siren):
            begins = say(_("It begins with {siren}, the company's SIREN."), siren=siren)
            raise serializers.ValidationError({"siret": [begins]})
        return attrs


class ReplacementSerializer(CorrectionSerializer):
    """All that staff may say of a company; only `reason` may be left out."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name != "reason"
        return fields


class CreationSerializer(CorrectionSerializer):
    """A company that the register lacks: at least its SIREN and its name."""

    siren = serializers.CharField(help_text="Nine digits with their key.")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["nom"].required = True
        return fields

    def validate_siren(self, value: str) -> str:
        return _that(value, is_siren(value), _("A SIREN has nine digits, the last of which is their key."))


class ReasonParams(Params):
    """Why a company is deactivated, or a correction taken back."""

    reason = text(MAX_REASON, WHY)


EXAMPLES = [
    OpenApiExample(
        "A new name and telephone number",
        value={"nom": "BOULANGERIE DU PORT", "telephone": "0477000000", "reason": "Letter of 12 March"},
        request_only=True,
    ),
    OpenApiExample("Another town", value={"code_postal": "69003", "ville_nom": "Lyon"}, request_only=True),
]
CREATION = OpenApiExample(
    "A company that the register lacks",
    value={
        "siren": "732829320",
        "nom": "BOULANGERIE DU PORT",
        "code_postal": "42000",
        "ville_nom": "Saint-Étienne",
        "naf_code": "10.71C",
    },
    request_only=True,
)
IF_MATCH_PARAMETER = OpenApiParameter(
    IF_MATCH["name"], str, OpenApiParameter.HEADER, description=IF_MATCH["description"]
)


class StaffViewSet(GenericViewSet[Any]):
    """The methods that write, of the address of companies and of one. Reading asks for no token."""

    queryset = Entreprise.objects.all()
    serializer_class: type[serializers.Serializer[Row]] = EntrepriseDetailSerializer
    lookup_field = "siren"
    permissions: ClassVar[dict[str, str]] = {
        "POST": "enterprise.add_entreprise",
        "PUT": "enterprise.change_entreprise",
        "PATCH": "enterprise.change_entreprise",
        "DELETE": "enterprise.delete_entreprise",
    }

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [StaffToken()] if self._writes() else []

    def get_permissions(self) -> Sequence[Any]:
        return [MayWrite()] if self._writes() else []

    def _writes(self) -> bool:
        """Whether this address has the method, and it writes. What it lacks is a 405 for everyone."""
        method = getattr(getattr(self, "request", None), "method", None)
        return method in self.permissions and method.lower() in self.action_map

    @extend_schema(
        summary="Create a company",
        description="Staff, with a token and the permission enterprise.add_entreprise. What the register says counts "
        "from the day it has the company: values that were given here are no corrections.",
        request=CreationSerializer,
        examples=[CREATION],
        responses={201: EntrepriseDetailSerializer, **problems(*sorted({*REFUSED} - {404, 412, 428}))},
    )
    def create(self, request: Request) -> Response:
        Params.read(request)
        given = read(CreationSerializer, request)
        siren, reason = given.pop("siren"), given.pop("reason", "")
        corrections.create(siren, given, author(request, reason))
        answer = detail(siren)
        answer.status_code = 201
        answer["Location"] = request.build_absolute_uri(reverse("api-entreprise", args=[siren]))
        return answer

    @extend_schema(
        summary="Correct a company",
        description="Staff, with a token and the permission enterprise.change_entreprise. The values that are given "
        "stay when the register is imported, until it says the same; all others follow it.",
        request=CorrectionSerializer,
        examples=EXAMPLES,
        parameters=[IF_MATCH_PARAMETER],
        responses={200: EntrepriseDetailSerializer, **problems(*REFUSED)},
    )
    def partial_update(self, request: Request, siren: str) -> Response:
        return self._correct(request, siren, CorrectionSerializer)

    @extend_schema(
        summary="Correct all of a company",
        description="As PATCH, with every value that staff may say. Those that are as they were are no corrections. "
        "The [ND] that a hidden company shows is refused: correct what else it says with PATCH.",
        request=ReplacementSerializer,
        parameters=[IF_MATCH_PARAMETER],
        responses={200: EntrepriseDetailSerializer, **problems(*REFUSED)},
    )
    def update(self, request: Request, siren: str) -> Response:
        return self._correct(request, siren, ReplacementSerializer)

    @extend_schema(
        summary="Deactivate a company",
        description="Staff, with a token and the permission enterprise.delete_entreprise. It stays, and is ceased: "
        "`is_active` is false, as a correction.",
        parameters=[IF_MATCH_PARAMETER, ReasonParams],
        responses={200: EntrepriseDetailSerializer, **problems(*sorted({*REFUSED} - {415}))},
    )
    def destroy(self, request: Request, siren: str) -> Response:
        reason = ReasonParams.read(request).get("reason", "")
        versions = expected(request)
        corrections.correct(named(siren), {"is_active": False}, author(request, reason), versions)
        return detail(siren)

    @extend_schema(
        summary="Take a correction back",
        description="Staff, with a token and the permission enterprise.change_entreprise. The column says again what "
        "the register last said, and follows it; so do those that were corrected with it: the whole place, the whole "
        "activity, the position.",
        parameters=[
            IF_MATCH_PARAMETER,
            ReasonParams,
            OpenApiParameter("field", str, OpenApiParameter.PATH, enum=GIVEN, description="The column."),
        ],
        responses={200: EntrepriseDetailSerializer, **problems(*sorted({*REFUSED} - {415}))},
    )
    def take_back(self, request: Request, siren: str, field: str) -> Response:
        reason = ReasonParams.read(request).get("reason", "")
        versions = expected(request)
        if field not in corrections.COLUMNS:
            sentence = _("Staff correct no {column}, but {known}.")
            raise NoSuchCompany(say(sentence, column=field[:50], known=", ".join(GIVEN)))
        corrections.take_back(named(siren), field, author(request, reason), versions)
        return detail(siren)

    def _correct(self, request: Request, siren: str, serializer: type[CorrectionSerializer]) -> Response:
        Params.read(request)
        versions = expected(request)
        given = read(serializer, request, siren)
        reason = given.pop("reason", "")
        if not given:
            names = ", ".join(serializer().fields)
            raise InvalidParametersError({"nom": [say(_("Give at least one of {names}."), names=names)]})
        corrections.correct(named(siren), given, author(request, reason), versions)
        return detail(siren)


class TakeBackViewSet(StaffViewSet):
    """A correction of a company."""

    permissions: ClassVar[dict[str, str]] = {"DELETE": "enterprise.change_entreprise"}


def detail(siren: str) -> Response:
    """A company by itself, as it is now. Raises NoSuchCompany."""
    row = company_with_town(siren)
    if row is None:
        raise NoSuchCompany(say(_("The directory has no company with the SIREN {siren}."), siren=siren))
    return shown(row | {"doublon_de": doublon_de(siren) if row["doublon_de"] else ""})


def shown(row: Row) -> Response:
    """The answer for a whole row, with its version as ETag."""
    return Response(shown_in_detail(row), headers={"ETag": f'"{version_of(row)}"'})


def named(siren: str) -> str:
    """The SIREN of the address. Raises InvalidSirenError, and NoSuchCompany where it is spelt in another way."""
    if (known := siren_named_by(siren)) != siren:
        raise NoSuchCompany(say(_("A company is written by its SIREN alone: {siren}."), siren=known))
    return siren


def read(serializer: type[CorrectionSerializer], request: Request, siren: str = "") -> dict[str, Any]:
    """The validated values of the body. Raises InvalidParametersError."""
    try:
        return _validated(serializer, request.data, siren)
    except InvalidParametersError:
        with override(language_of(request)):  # as Params.read does
            return _validated(serializer, request.data, siren)


def _validated(serializer: type[CorrectionSerializer], data: Any, siren: str) -> dict[str, Any]:
    reader = serializer(data=data, context={"siren": siren})
    known = [*map(str, reader.fields)]
    if not isinstance(data, dict):
        raise InvalidParametersError({"nom": [_('The body is an object: {"nom": "BOULANGERIE DU PORT"}.')]})
    errors: dict[str, Sequence[Message]] = {}
    for name in map(str, data):
        if name not in known:
            all_known = say(_("Known ones: {names}."), names=", ".join(known))
            errors[name[:100]] = [join(_("Staff write no such column."), meant(name, known), all_known)]
    if not reader.is_valid():
        errors |= {
            str(name): [SENTENCES.get(each.code, str(each)) for each in sentences]
            for name, sentences in reader.errors.items()
        }
    if errors:
        raise InvalidParametersError(errors)
    return dict(reader.validated_data)


def _that(value: Value, holds: bool, sentence: Message) -> Value:
    if not holds:
        raise serializers.ValidationError(str(sentence))
    return value


def _digits(value: str, count: int) -> bool:
    return len(value) == count and value.isascii() and value.isdigit()


def _naf(value: str, codes: dict[str, str], nomenclature: str, example: str) -> str:
    code = naf.normalise(value)
    sentence = say(
        _("It is no code of {nomenclature}: {example} is."), nomenclature=nomenclature, example=example
    )
    return _that(code, not value or code in codes, sentence)
