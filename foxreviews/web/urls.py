"""The addresses of pages, and of what browsers and robots look for at the root of a site."""

from django.templatetags.static import static
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from foxreviews.api.public import public
from foxreviews.web.activite import activite, activites
from foxreviews.web.card import card
from foxreviews.web.departement import departement
from foxreviews.web.entreprise import entreprise
from foxreviews.web.etablissement import etablissement
from foxreviews.web.home import home
from foxreviews.web.language import LANGUAGES, prefix
from foxreviews.web.results import results
from foxreviews.web.robots import robots
from foxreviews.web.sitemaps import shard, sitemap
from foxreviews.web.style import style
from foxreviews.web.suggestions import suggested
from foxreviews.web.ville import ville

PAGES = {
    "home": ("", home),
    "results": ("recherche", results),
    "suggestions": ("suggestions", suggested),
    "entreprise": ("entreprise/<str:key>", entreprise),
    "etablissement": ("etablissement/<str:siret>", etablissement),
    "ville": ("ville/<str:key>", ville),
    "departement": ("departement/<str:key>", departement),
    "activites": ("activites", activites),
    "activite": ("activite/<str:key>", activite),
    "style": ("style", style),
    "card": ("og/<str:siren>.png", card),
}


# Made of many companies, and asked for again and again; a card is, in the minutes after a link was shared
KEPT = {"card", "home", "results", "suggestions", "ville", "departement", "activites", "activite"}


def _pages(language: str) -> list[URLPattern]:
    """`name-fr`, `name-en`: see language.address."""
    return [
        path(
            f"{prefix(language)}{route}",
            public(view, kept=name in KEPT, vary=[]),
            {"language": language},
            name=f"{name}-{language}",
        )
        for name, (route, view) in PAGES.items()
    ]


urlpatterns = [
    *(each for language in LANGUAGES for each in _pages(language)),
    path("fr/", RedirectView.as_view(url="/", permanent=True), name="home-elsewhere"),
    path("favicon.ico", RedirectView.as_view(url=static("web/favicon.svg")), name="favicon"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", public(sitemap, vary=[]), name="sitemap"),
    path("sitemaps/<str:name>.xml.gz", public(shard, vary=[]), name="sitemap-shard"),
]
