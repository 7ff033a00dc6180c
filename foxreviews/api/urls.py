"""Every route under /api/."""

from typing import Any

from django.urls import path

from foxreviews.api.entreprises.views import EntrepriseViewSet
from foxreviews.api.suggestions import SuggestionsView
from foxreviews.api.views import DocsView, IndexView, SchemaView
from foxreviews.api.villes.views import VilleViewSet

LIST: dict[str, Any] = {"get": "list"}
DETAIL: dict[str, Any] = {"get": "retrieve"}

urlpatterns = [
    path("", IndexView.as_view(), name="api-index"),
    path("entreprises/", EntrepriseViewSet.as_view(LIST), name="api-entreprises"),
    path("entreprises/<str:siren>/", EntrepriseViewSet.as_view(DETAIL), name="api-entreprise"),
    path("villes/", VilleViewSet.as_view(LIST), name="api-villes"),
    path("villes/<str:code_insee>/", VilleViewSet.as_view(DETAIL), name="api-ville"),
    path("suggestions/", SuggestionsView.as_view(), name="api-suggestions"),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
]
