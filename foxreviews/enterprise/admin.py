"""Django's admin for companies, at the size of the register: nothing here counts or reads the whole table."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.core.paginator import Paginator
from django.core.validators import RegexValidator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join

from foxreviews.core.errors import FoxreviewsError
from foxreviews.enterprise import corrections
from foxreviews.enterprise.corrections import Author
from foxreviews.enterprise.models import AncienNom, Correction, Entreprise, Etablissement, Modification
from foxreviews.enterprise.privacy import HIDDEN
from foxreviews.enterprise.successions import of_siren
from foxreviews.reference.geography import DEPARTEMENTS, INSEE_CODE
from foxreviews.reference.identifiers import clean_digits, is_siren

MAX_ROWS = 1000  # that a list shows, over all its pages; a filter or the API gives others
MAX_LINES = 50  # former names or successions, in a company's page
MIN_TRIGRAM_LENGTH = 3  # characters

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[Entreprise]
    BaseForm = forms.ModelForm[Entreprise]
    BasePaginator = Paginator[Model]
    BaseEtablissementAdmin = admin.ModelAdmin[Etablissement]
    BaseRecordAdmin = admin.ModelAdmin[Any]
else:
    BaseAdmin = BaseEtablissementAdmin = BaseRecordAdmin = admin.ModelAdmin
    BaseForm, BasePaginator = forms.ModelForm, Paginator


class BoundedPaginator(BasePaginator):
    """Pages over the first MAX_ROWS rows. A COUNT(*) of 4,000,000 rows takes longer than a page may."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return len(rows.order_by().values_list("pk", flat=True)[:MAX_ROWS])


class DepartementFilter(admin.SimpleListFilter):
    """The départements as the reference has them; Django's own filter reads them from every row."""

    title = "département"
    parameter_name = "departement"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:  # noqa: ARG002 - Django's
        return [(code, f"{code} {departement.nom}") for code, departement in DEPARTEMENTS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(departement=self.value()) if self.value() else queryset


class EntrepriseForm(BaseForm):
    """A company whose town is a code, kept also where no Ville has it (see Entreprise.ville)."""

    code_commune = forms.CharField(
        required=False,
        validators=[
            RegexValidator(rf"\A{INSEE_CODE.pattern}\Z", "An INSEE code has five characters: 69123, 2A004.")
        ],
        widget=ForeignKeyRawIdWidget(Entreprise._meta.get_field("ville").remote_field, admin.site),
        help_text="INSEE code of the commune or municipal district; empty where it is unknown.",
    )
    # What was read when the page was made: else what somebody else has written since would count as typed over.
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        exclude = ["ville"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code_commune"].initial = self.instance.ville_id
        if self.instance.pk:
            fields = Entreprise._meta.concrete_fields
            row = {field.column: field.value_from_object(self.instance) for field in fields}
            self.fields["version"].initial = corrections.version_of(row)

    def clean_siren(self) -> str:
        siren: str = self.cleaned_data["siren"]
        if not is_siren(siren):
            raise forms.ValidationError("This is not a SIREN: nine digits, the last of which is their key.")
        return siren

    def given(self) -> dict[str, Any]:
        """What was typed, by column."""
        values = {name: self.cleaned_data[name] for name in self.changed_data if name in corrections.COLUMNS}
        if "code_commune" in values:
            values["code_commune"] = values["code_commune"] or None
        return values


@admin.register(Entreprise)
class EntrepriseAdmin(BaseAdmin):
    """List, find and correct companies. No actions: «select all» would mean millions."""

    form = EntrepriseForm
    list_display = ["siren", "nom", "ville_nom", "departement", "naf_code", "is_active", "created_at"]
    list_display_links = ["siren", "nom"]
    list_filter = ["is_active", DepartementFilter]
    list_per_page = 50
    sortable_by = ["siren", "nom"]  # those that an index orders together with the id
    search_fields = ["nom"]
    search_help_text = (
        "A SIREN, a SIRET, or parts of the name (fewer than three letters: its beginning). "
        f"The first {MAX_ROWS:,} companies are listed."
    )
    fieldsets = [
        (None, {"fields": ["siren", "siret", "nom", "nom_commercial", "autres_noms", "is_active", "statut_diffusion"]}),
        ("Adresse", {"fields": ["adresse", "code_postal", "ville_nom", "code_commune", "departement",
                                ("latitude", "longitude")]}),
        ("Activité", {"fields": ["naf_code", "naf_libelle", "naf25_code", "naf25_libelle", "naf_derived",
                                 "categorie_juridique", "tranche_effectif", "categorie_entreprise", "est_employeur",
                                 "date_creation"]}),
        ("Contact", {"fields": ["telephone", "email", "site_web"]}),
        ("Registre", {"fields": ["anciens_noms", "successions", "etablissements", "modifications"]}),
        (None, {"fields": ["created_at", "updated_at", "version"]}),
    ]  # fmt: skip
    readonly_fields = [
        "naf25_libelle",
        "anciens_noms",
        "successions",
        "etablissements",
        "modifications",
        "created_at",
        "updated_at",
    ]
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ARG002 - Django's
        """A company that is there keeps its SIREN."""
        return [*self.readonly_fields, *(["siren"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Entreprise, form: Any, change: bool) -> None:
        """As the API does: what was corrected stays when the register is imported, and the trail has it."""
        by = Author(request.user.get_username())
        if change:
            corrections.correct(obj.siren, form.given(), by, {form.cleaned_data["version"]})
        else:
            corrections.create(obj.siren, form.given(), by)
            obj.pk = Entreprise.objects.values_list("pk", flat=True).get(siren=obj.siren)

    def delete_model(self, request: HttpRequest, obj: Entreprise) -> None:
        corrections.note_deleted(obj.siren, Author(request.user.get_username()))
        super().delete_model(request, obj)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the company does not take is said, and nothing is written."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except FoxreviewsError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.path)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Entreprise],
        search_term: str,
    ) -> tuple[QuerySet[Entreprise], bool]:
        """By the index of siren or that of names; a person under partial diffusion by siren alone."""
        digits = clean_digits(search_term)
        if digits.isdecimal() and len(digits) in {9, 14}:
            return queryset.filter(siren=digits[:9]), False
        words = search_term.split()
        if not words:
            return queryset, False
        queryset = queryset.exclude(HIDDEN)
        if max(map(len, words)) < MIN_TRIGRAM_LENGTH:
            return queryset.filter(nom__startswith=" ".join(words).upper()), False
        for word in words:
            queryset = queryset.filter(nom__icontains=word)
        return queryset, False

    @admin.display(description="anciens noms")
    def anciens_noms(self, company: Entreprise) -> str:
        found = AncienNom.objects.filter(siren=company.siren).order_by("-date_fin", "nature", "nom")[
            :MAX_LINES
        ]
        lines = ((each.nom, each.get_nature_display(), each.date_fin) for each in found)
        return format_html_join("", "<div>{} ({}, jusqu'au {})</div>", lines) or "-"

    @admin.display(description="successions")
    def successions(self, company: Entreprise) -> str:
        lines = of_siren(company.siren).order_by("-date").values_list("date", "predecesseur", "successeur")
        return format_html_join("", "<div>{} : {} → {}</div>", lines[:MAX_LINES]) or "-"

    @admin.display(description="établissements")
    def etablissements(self, company: Entreprise) -> str:
        there = reverse("admin:enterprise_etablissement_changelist")
        return format_html('<a href="{}?q={}">{}</a>', there, company.siren, company.siren)

    @admin.display(description="modifications")
    def modifications(self, company: Entreprise) -> str:
        """What staff say and the register does not, and the trail."""
        there = reverse("admin:enterprise_modification_changelist")
        columns = (
            Correction.objects.filter(siren=company.siren).order_by("field").values_list("field", flat=True)
        )
        return format_html('{} <a href="{}?q={}">…</a>', ", ".join(columns) or "-", there, company.siren)


@admin.register(Etablissement)
class EtablissementAdmin(BaseEtablissementAdmin):
    """Look at establishments, which only the register writes."""

    list_display = [
        "siret",
        "nom_commercial",
        "ville_nom",
        "departement",
        "naf_code",
        "est_siege",
        "is_active",
    ]
    list_filter = [DepartementFilter]
    list_per_page = 50
    sortable_by = ["siret"]
    search_fields = ["siret"]
    search_help_text = f"A SIRET or a SIREN. The first {MAX_ROWS:,} establishments are listed."
    fields = [
        *(f.name for f in Etablissement._meta.fields if f.name not in ("ville", "latitude", "longitude", "cell")),
        "code_commune", ("latitude", "longitude"),
    ]  # fmt: skip
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    @admin.display(description="code commune")
    def code_commune(self, etablissement: Etablissement) -> str:
        """Kept also where no Ville has it."""
        return etablissement.ville_id or "-"

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Etablissement],
        search_term: str,
    ) -> tuple[QuerySet[Etablissement], bool]:
        """By the key, which begins with the SIREN."""
        digits = clean_digits(search_term)
        if not digits:
            return queryset, False
        if not digits.isdecimal() or len(digits) not in {9, 14}:
            return queryset.none(), False
        return queryset.filter(siret__gte=digits.ljust(14, "0"), siret__lte=digits.ljust(14, "9")), False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


class RecordAdmin(BaseRecordAdmin):
    """Look at what staff did. Nobody changes it here: a company is corrected in its own page, or by the API."""

    list_per_page = 50
    sortable_by = ()
    search_fields = ["siren"]
    search_help_text = f"A SIREN. The first {MAX_ROWS:,} are listed."
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """By the index of siren."""
        digits = clean_digits(search_term)
        return (queryset.filter(siren=digits[:9]) if digits else queryset), False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Correction)
class CorrectionAdmin(RecordAdmin):
    """What staff say and the register does not."""

    list_display = ["siren", "field", "value", "register_value", "author", "corrected_at", "reason"]


@admin.register(Modification)
class ModificationAdmin(RecordAdmin):
    """The audit trail."""

    list_display = ["siren", "action", "field", "old_value", "new_value", "author", "changed_at", "reason"]
    list_filter = ["action"]
