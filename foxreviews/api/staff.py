"""Who may write: staff with a token and Django's permissions, on what they have seen (If-Match)."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from foxreviews.core.errors import FoxreviewsError
from foxreviews.core.messages import say
from foxreviews.enterprise.corrections import Author

IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "location": "header",
    "description": "The `ETag` of the company's detail as it was read; several with commas, or *.",
}


class PreconditionRequired(FoxreviewsError):
    """A change of what may have changed since it was read."""

    status = 428
    code = "precondition-required"


class NoToken(NotAuthenticated):
    """Nobody says who asks."""

    default_detail = _(
        "Staff alone may do this: send a token, as in Authorization: Token 9944b09199c62bcf9418."
    )


class WrongToken(AuthenticationFailed):
    """The token is of nobody, or of an account that is switched off."""

    default_detail = _("No active account has this token: `manage.py drf_create_token` makes one.")


class NotAllowed(FoxreviewsError):
    """The account may not do this."""

    status = 403
    code = "not-allowed"


class StaffToken(TokenAuthentication):
    """A token of Django REST framework: `manage.py drf_create_token USER` makes it."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        try:
            return super().authenticate(request)
        except AuthenticationFailed as error:
            raise WrongToken from error

    def authenticate_credentials(self, key: str) -> tuple[Any, Any]:
        if "\0" in key:  # PostgreSQL takes none
            raise WrongToken
        return super().authenticate_credentials(key)


class MayWrite(BasePermission):
    """Whether the account is staff and has the permission that the view names for the method (`permissions`)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: Any = request.user
        if user is None or not user.is_authenticated:
            raise NoToken
        needed = view.permissions.get(request.method)  # type: ignore[attr-defined]
        if needed is None:
            raise MethodNotAllowed(request.method or "")
        if not (user.is_staff and user.has_perm(needed)):
            lacks = _("The account {account} lacks the permission {permission}, or is no staff.")
            raise NotAllowed(say(lacks, account=user.get_username(), permission=needed))
        return True


def author(request: Request, reason: str) -> Author:
    """Who asks, and why."""
    return Author(request.user.get_username(), reason)


def expected(request: Request) -> Collection[str] | None:
    """The versions in If-Match; None for *. Raises PreconditionRequired.

    An ETag of the detail ends in the company's version. That of a public answer is weak, and nginx makes any weak that
    it compresses, so the mark of weakness is passed over: the version is of what is stored, not of bytes.
    """
    given = request.META.get("HTTP_IF_MATCH", "").strip()
    if not given:
        raise PreconditionRequired(
            _("Send the ETag of the company's detail as If-Match: nobody overwrites what they have not seen.")
        )
    if given == "*":
        return None
    return {tag.strip().removeprefix("W/").strip('"').rpartition("-")[2] for tag in given.split(",")}
