"""Every address of the site, but for /health/ and /metrics: telemetry.probes answers them."""

from django.contrib import admin
from django.urls import include, path

from foxreviews.web import errors

urlpatterns = [
    path("api/", include("foxreviews.api.urls")),  # first: routes are tried in turn, and pages have many
    path("", include("foxreviews.web.urls")),
    path("admin/", admin.site.urls),
]

# Pages have error pages; under /api/ also the errors that no view sees are problem+json.
handler400, handler403, handler404, handler500 = (
    errors.handler400,
    errors.handler403,
    errors.handler404,
    errors.handler500,
)
