"""The languages of pages: French, and English for those who would rather have it."""

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGES = ("fr", "en")


def preferred(request: HttpRequest) -> str:
    """The first language of Accept-Language that pages have; French where there is none."""
    accepted = (
        name.partition("-")[0]
        for name, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    )
    return next((name for name in accepted if name in LANGUAGES), LANGUAGES[0])
