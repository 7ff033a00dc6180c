"""The addresses of pages, and of what browsers and robots look for at the root of a site."""

from collections.abc import Mapping

from django.templatetags.static import static
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from foxreviews.api.public import public
from foxreviews.web.activite import activite, activites
from foxreviews.web.card import card
from foxreviews.web.departement import departement
from foxreviews.web.entreprise import entreprise
from foxreviews.web.etablissement import etablissement
from foxreviews.web.feed import feed
from foxreviews.web.home import home
from foxreviews.web.language import LANGUAGES, STAFF, prefix
from foxreviews.web.match import lines, match, matched, matched_file
from foxreviews.web.operations import check, operations, rejects, rejects_file
from foxreviews.web.page import View
from foxreviews.web.results import results
from foxreviews.web.robots import robots
from foxreviews.web.sitemaps import shard, sitemap
from foxreviews.web.statistiques import statistiques
from foxreviews.web.style import style
from foxreviews.web.suggestions import suggested
from foxreviews.web.ville import ville

PAGES = {
    "home": ("", home),
    "results": ("recherche", results),
    "feed": ("recherche.atom", feed),
    "suggestions": ("suggestions", suggested),
    "entreprise": ("entreprise/<str:key>", entreprise),
    "etablissement": ("etablissement/<str:siret>", etablissement),
    "ville": ("ville/<str:key>", ville),
    "departement": ("departement/<str:key>", departement),
    "activites": ("activites", activites),
    "activite": ("activite/<str:key>", activite),
    "statistiques": ("statistiques", statistiques),
    "match": ("rapprocher", match),
    "style": ("style", style),
    "card": ("og/<str:siren>.png", card),
}
# What the form of a page is sent to
FORMS = {
    "matched": ("rapprocher/resultat", matched),
    "match-lines": ("rapprocher/lignes", lines),
    "match-file": ("rapprocher/fichier", matched_file),
}
FOR_STAFF = {
    "staff-operations": ("exploitation", operations),
    "staff-check": ("exploitation/controle/<str:name>", check),
    "staff-rejects": ("exploitation/rejets", rejects),
    "staff-rejects-file": ("exploitation/rejets.csv", rejects_file),
}


# Made of many companies, and asked for again and again. Not cards: the picture of each company would take the place of
# many lists, and it is drawn in little time.
KEPT = {
    "home", "results", "feed", "suggestions", "ville", "departement", "activites", "activite", "statistiques",
}  # fmt: skip


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


def _for_one(pages: Mapping[str, tuple[str, View]], language: str, before: str = "") -> list[URLPattern]:
    """The same of what is answered to one person: no cache has it."""
    return [
        path(f"{before}{prefix(language)}{route}", view, {"language": language}, name=f"{name}-{language}")
        for name, (route, view) in pages.items()
    ]


urlpatterns = [
    *(each for language in LANGUAGES for each in _pages(language)),
    *(each for language in LANGUAGES for each in _for_one(FORMS, language)),
    *(each for language in LANGUAGES for each in _for_one(FOR_STAFF, language, STAFF)),
    path("fr/", RedirectView.as_view(url="/", permanent=True), name="home-elsewhere"),
    path("favicon.ico", RedirectView.as_view(url=static("web/favicon.svg")), name="favicon"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", public(sitemap, vary=[]), name="sitemap"),
    path("sitemaps/<str:name>.xml.gz", public(shard, vary=[]), name="sitemap-shard"),
]
