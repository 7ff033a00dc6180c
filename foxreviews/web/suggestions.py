"""What the search box offers at every keystroke, as a piece of a page. Without JavaScript nobody asks for it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foxreviews.api.suggestions import ENSEIGNE, MIN_LETTERS, Suggestion, suggestions
from foxreviews.reference.words import key
from foxreviews.search.query.places import ACTIVITE, VILLE
from foxreviews.web import slugs
from foxreviews.web.language import address
from foxreviews.web.page import page

LIMIT = 8


@page
def suggested(request: HttpRequest) -> HttpResponse:
    """Companies, signs, towns and trades as options of a list box."""
    typed = request.GET.get("q", "")
    found = suggestions(typed, LIMIT) if len(key(typed)) >= MIN_LETTERS else []
    options = [
        {"kind": each.kind, "label": each.label, "detail": each.detail, "url": url(each)} for each in found
    ]
    response = render(request, "web/suggestions.html", {"options": options})
    response["X-Robots-Tag"] = "noindex"
    return response


def url(suggestion: Suggestion) -> str:
    """The page of what is suggested."""
    if suggestion.kind == ENSEIGNE:
        return address("etablissement", suggestion.siret)
    if suggestion.kind == ACTIVITE:
        return slugs.activite(suggestion.code)
    if suggestion.kind == VILLE:  # the town's own slug may have its département
        return address("ville", slugs.key(suggestion.code, suggestion.label))
    return slugs.of_siren(suggestion.code, suggestion.label)
