"""Django's admin for towns."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from foxreviews.location.models import Ville, VilleQuerySet

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[Ville]
else:
    BaseAdmin = admin.ModelAdmin


@admin.register(Ville)
class VilleAdmin(BaseAdmin):
    """List, find and correct towns. A load of the official files writes over what differs from them."""

    list_display = ["code_insee", "nom", "codes_postaux", "departement", "population"]
    list_display_links = ["code_insee", "nom"]
    list_per_page = 50
    sortable_by = ["code_insee"]
    search_fields = ["nom"]  # shows the box; get_search_results reads it
    search_help_text = "The beginning of the name, an INSEE code or a postal code."
    raw_id_fields = ["commune"]  # not a menu of 36,000 towns
    readonly_fields = ["nom_recherche"]
    show_full_result_count = False
    actions = None

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Ville],
        search_term: str,
    ) -> tuple[QuerySet[Ville], bool]:
        """By the indexes of names and of codes."""
        term = search_term.strip()
        if not term:
            return queryset, False
        towns: VilleQuerySet = Ville.objects.all()
        if term[:1].isdigit():
            found = towns.filter(Q(code_insee=term.upper()) | Q(codes_postaux__contains=[term]))
        else:
            found = towns.beginning_with(term)
        return queryset.filter(pk__in=found.values("pk")), False
