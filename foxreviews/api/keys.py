"""Keys of clients: who sends one may come more often, and is counted by it, wherever the requests come from.

Many may share an address (an office, a university, a cloud); a key tells one of them from the others. It is a name and
its signature with SECRET_KEY: nothing is stored. API_KEYS_REVOKED takes keys back; another SECRET_KEY takes back all.
"""

import re

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foxreviews.core.errors import FoxreviewsError, UsageError
from foxreviews.core.messages import say

HEADER = "X-Api-Key"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)


class UnknownKeyError(FoxreviewsError):
    """The key is none of ours, or was taken back."""

    status = 401
    code = "unknown-key"


def make(name: str) -> str:
    """The key of a client of this name. Raises UsageError."""
    if not NAME.fullmatch(name):
        rule = _("A name has small letters, digits and hyphens, 40 at most, not «{name}».")
        raise UsageError(say(rule, name=name))
    if name in settings.API_KEYS_REVOKED:
        taken_back = _("API_KEYS_REVOKED names {name}: choose another name, such as {other}.")
        raise UsageError(say(taken_back, name=name, other=f"{name[:38]}-2"))
    return _signer().sign(name)


def holder(request: HttpRequest) -> str:
    """Whose key the request has; "" where it has none. Raises UnknownKeyError."""
    if not (key := request.META.get("HTTP_X_API_KEY", "")):
        return ""
    try:
        name = _signer().unsign(key)
    except BadSignature:
        name = ""
    if not name or name in settings.API_KEYS_REVOKED:
        raise UnknownKeyError(_("The key in X-Api-Key is not known, or was taken back. Ask without it."))
    return name


def _signer() -> Signer:
    return Signer(salt="foxreviews.api.keys", sep=".")
