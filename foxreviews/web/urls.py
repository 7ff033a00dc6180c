"""The addresses of pages, and of what browsers and robots look for at the root of a site."""

from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from foxreviews.web.home import home
from foxreviews.web.robots import robots

urlpatterns = [
    path("", home, name="home"),
    path("fr/", home, {"language": "fr"}, name="home-fr"),
    path("en/", home, {"language": "en"}, name="home-en"),
    path("favicon.ico", RedirectView.as_view(url=static("web/favicon.svg")), name="favicon"),
    path("robots.txt", robots, name="robots"),
]
