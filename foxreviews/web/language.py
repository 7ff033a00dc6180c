"""The languages of pages, and their addresses: French at the root, English below /en/."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

LANGUAGES = {"fr": "Français", "en": "English"}
DEFAULT = "fr"
STAFF = "admin/"  # before the language in the addresses of pages for staff


def prefix(language: str) -> str:
    """What the addresses of a language begin with."""
    return "" if language == DEFAULT else f"{language}/"


def language_of(request: HttpRequest) -> str:
    """The language of an address, also of one that no route has."""
    first = request.path_info.removeprefix("/").removeprefix(STAFF).partition("/")[0]
    return first if first in LANGUAGES else DEFAULT


def address(name: str, *arguments: str, language: str = "") -> str:
    """The address of a page, in the language that is being spoken."""
    return reverse(f"{name}-{language or get_language()}", args=arguments)


def alternates(path: str) -> dict[str, str]:
    """The address that search engines keep, in each language; `path` is in the one that is being spoken."""
    page = path.removeprefix(f"/{prefix(get_language() or DEFAULT)}")
    return {each: f"/{prefix(each)}{page}" for each in LANGUAGES}


def translations(request: HttpRequest) -> dict[str, str]:
    """The address of this page in each language, with its parameters; of the first page where this is no page."""
    match, query = request.resolver_match, request.META.get("QUERY_STRING", "")
    name, _, language = (match.url_name if match and match.url_name else "").rpartition("-")
    if match is None or language not in LANGUAGES:
        return {each: address("home", language=each) for each in LANGUAGES}
    arguments = [value for key, value in match.kwargs.items() if key != "language"]
    found = {each: address(name, *arguments, language=each) for each in LANGUAGES}
    return {each: f"{path}?{query}" if query else path for each, path in found.items()}
