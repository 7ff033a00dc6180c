"""The language of a problem: what a client prefers of English and French, by Accept-Language.

Only problems are said in it: an answer is the same for all who ask the same, so nothing else may depend on it.
"""

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework.request import Request

LANGUAGES = ("en", "fr")  # the first where the client does not say


def preferred(accept_language: str) -> str:
    """The language of the header: fr of «fr-CH, fr;q=0.9, en;q=0.8», en of none."""
    for name, quality in parse_accept_lang_header(accept_language):
        language = name.partition("-")[0]
        if quality and language in LANGUAGES:
            return language
    return LANGUAGES[0]


def language_of(request: HttpRequest | Request) -> str:
    """That of a request."""
    return preferred(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
