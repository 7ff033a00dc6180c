"""The addresses that describe the API: its index, its schema, its documentation."""

from django.urls import get_script_prefix
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

ADDRESSES = {
    "entreprises": "api/entreprises/",
    "entreprise": "api/entreprises/{siren}/",
    "villes": "api/villes/",
    "ville": "api/villes/{code_insee}/",
    "suggestions": "api/suggestions/",
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
