"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/api/docs/")),
    path("api/", include("foxreviews.api.urls")),
    path("admin/", admin.site.urls),
]
