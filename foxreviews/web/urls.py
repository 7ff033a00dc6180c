"""The addresses of pages, and of what browsers and robots look for at the root of a site."""

from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from foxreviews.api.public import public
from foxreviews.web.home import home
from foxreviews.web.robots import robots

urlpatterns = [
    path("", public(home, vary=["Accept-Language"]), name="home"),
    path("fr/", public(home, vary=[]), {"language": "fr"}, name="home-fr"),
    path("en/", public(home, vary=[]), {"language": "en"}, name="home-en"),
    path("favicon.ico", RedirectView.as_view(url=static("web/favicon.svg")), name="favicon"),
    path("robots.txt", robots, name="robots"),
]
