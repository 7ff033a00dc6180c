"""Every route under /api/, and the views that describe them: the index, the schema, the documentation."""

from typing import Any

from django.urls import get_script_prefix, path, re_path
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foxreviews.api.appariements import AppariementsView
from foxreviews.api.corrections import CorrectionViewSet, ModificationViewSet
from foxreviews.api.entreprises.views import EntrepriseViewSet
from foxreviews.api.entreprises.writing import TakeBackViewSet
from foxreviews.api.etablissements.successions import SuccessionViewSet
from foxreviews.api.etablissements.views import EtablissementViewSet
from foxreviews.api.exports.params import FORMATS
from foxreviews.api.exports.views import EntrepriseExportView, EtablissementExportView, VilleExportView
from foxreviews.api.lots import LotsView
from foxreviews.api.public import public
from foxreviews.api.reconciliation import views as reconciliation
from foxreviews.api.statistiques import StatistiquesView
from foxreviews.api.suggestions import SuggestionsView
from foxreviews.api.villes.views import VilleViewSet

ADDRESSES = {
    "entreprises": "api/entreprises/",
    "entreprise": "api/entreprises/{siren}/",
    "etablissements_of": "api/entreprises/{siren}/etablissements/",
    "successions_of": "api/entreprises/{siren}/successions/",
    "etablissements": "api/etablissements/",
    "etablissement": "api/etablissements/{siret}/",
    "successions": "api/etablissements/{siret}/successions/",
    "villes": "api/villes/",
    "ville": "api/villes/{code_insee}/",
    "suggestions": "api/suggestions/",
    "statistiques": "api/statistiques/",
    "lots": "api/lots/",
    "corrections": "api/corrections/",
    "modifications": "api/modifications/",
    "export_entreprises": "api/exports/entreprises.{form}",
    "export_etablissements": "api/exports/etablissements.{form}",
    "export_villes": "api/exports/villes.{form}",
    "appariements": "api/appariements/",
    "reconciliation": "api/reconciliation/",
    "schema": "api/schema/",
    "docs": "api/docs/",
}


class IndexView(APIView):
    """The addresses under /api/."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        root = f"{request.scheme}://{request.get_host()}{get_script_prefix()}"
        return Response({name: f"{root}{address}" for name, address in ADDRESSES.items()})


class SchemaView(SpectacularAPIView):
    """The OpenAPI schema: JSON, or YAML for who asks with Accept: application/vnd.oai.openapi."""

    renderer_classes = [
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer,
    ]


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files, its script in a request of its own: nothing is inline."""

    url_name = "api-schema"
    template_name = "api/docs.html"


LIST: dict[str, Any] = {"get": "list"}
DETAIL: dict[str, Any] = {"get": "retrieve"}
COMPANIES = LIST | {"post": "create"}
COMPANY = DETAIL | {"put": "update", "patch": "partial_update", "delete": "destroy"}

# Kept in the cache: what many ask for at once. A company by itself is read faster than it would be found there.
urlpatterns = [
    path("", public(IndexView.as_view()), name="api-index"),
    path("entreprises/", public(EntrepriseViewSet.as_view(COMPANIES), kept=True), name="api-entreprises"),
    path(
        "entreprises/<str:siren>/",
        public(EntrepriseViewSet.as_view(COMPANY), versioned=True),
        name="api-entreprise",
    ),
    path(
        "entreprises/<str:siren>/corrections/<str:field>/",
        TakeBackViewSet.as_view({"delete": "take_back"}),
        name="api-entreprise-correction",
    ),
    path("corrections/", CorrectionViewSet.as_view(LIST), name="api-corrections"),
    path("modifications/", ModificationViewSet.as_view(LIST), name="api-modifications"),
    path(
        "entreprises/<str:siren>/etablissements/",
        public(EtablissementViewSet.as_view({"get": "of_entreprise"})),
        name="api-entreprise-etablissements",
    ),
    path(
        "entreprises/<str:siren>/successions/",
        public(SuccessionViewSet.as_view({"get": "of_entreprise"})),
        name="api-entreprise-successions",
    ),
    path(
        "etablissements/<str:siret>/successions/",
        public(SuccessionViewSet.as_view({"get": "of_etablissement"})),
        name="api-etablissement-successions",
    ),
    path("etablissements/", public(EtablissementViewSet.as_view(LIST), kept=True), name="api-etablissements"),
    path(
        "etablissements/<str:siret>/", public(EtablissementViewSet.as_view(DETAIL)), name="api-etablissement"
    ),
    path("villes/", public(VilleViewSet.as_view(LIST), kept=True), name="api-villes"),
    path("villes/<str:code_insee>/", public(VilleViewSet.as_view(DETAIL)), name="api-ville"),
    path("suggestions/", public(SuggestionsView.as_view(), kept=True), name="api-suggestions"),
    path("statistiques/", public(StatistiquesView.as_view(), kept=True), name="api-statistiques"),
    path("lots/", LotsView.as_view(), name="api-lots"),
    *(
        re_path(
            rf"^exports/{view.table}\.(?P<form>{'|'.join(FORMATS)})$",
            view.as_view(),
            name=f"api-export-{view.table}",
        )
        for view in (EntrepriseExportView, EtablissementExportView, VilleExportView)
    ),
    path("schema/", public(SchemaView.as_view(), kept=True), name="api-schema"),
    path("appariements/", AppariementsView.as_view(), name="api-appariements"),
    path("reconciliation/", reconciliation.ReconciliationView.as_view(), name="api-reconciliation"),
    path(
        "reconciliation/suggest/<str:what>",
        reconciliation.SuggestView.as_view(),
        name="api-reconciliation-suggest",
    ),
    path(
        "reconciliation/properties",
        reconciliation.ProposeView.as_view(),
        name="api-reconciliation-properties",
    ),
    path(
        "reconciliation/view/<str:identifier>/",
        reconciliation.ViewView.as_view(),
        name="api-reconciliation-view",
    ),
    path(
        "reconciliation/preview/<str:identifier>/",
        reconciliation.PreviewView.as_framed(),
        name="api-reconciliation-preview",
    ),
    path("docs/", DocsView.as_view(), name="api-docs"),
]
