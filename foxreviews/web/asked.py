"""What the address of a list asks for: the API's parameters, and the addresses of lists that differ in one of them."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from rest_framework.request import Request

from foxreviews.api.entreprises.params import EntrepriseParams
from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.api.pagination import KeysetPagination
from foxreviews.core.keyset import Slice, Window
from foxreviews.web.language import address

FILTERS = (
    "departement",
    "ville",
    "code_postal",
    "naf",
    "naf_section",
    "categorie_entreprise",
    "est_employeur",
)
WITH_CEASED = "cessees"
KNOWN = ("q", *FILTERS, "ordering", "cursor")


def only(request: HttpRequest, *names: str) -> Request:
    """The request with these of its parameters: others come with links from elsewhere and mean nothing here."""
    known, limited = QueryDict(mutable=True), copy(request)
    for name in names:
        if value := request.GET.get(name, "").strip():
            known[name] = value
    limited.GET = known  # type: ignore[assignment]  # it is only read
    return Request(limited)


@dataclass(frozen=True)
class Asked:
    """A list of companies as the address asks for it."""

    values: Mapping[str, str]  # as they are in the address, without the cursor
    params: Mapping[str, Any]  # validated
    window: Window
    with_ceased: bool

    @classmethod
    def read(cls, request: HttpRequest) -> "Asked":
        """Raises InvalidParametersError, InvalidCursorError."""
        known = only(request, *KNOWN)
        pages = EnterpriseCursorPagination()
        params = EntrepriseParams.read(known, also=pages.parameters)
        values = {name: known.query_params[name] for name in KNOWN if name in known.query_params}
        values.pop("cursor", None)
        with_ceased = request.GET.get(WITH_CEASED) == "1"
        if with_ceased:
            values[WITH_CEASED] = "1"
        return cls(values, params, pages.window(known), with_ceased)

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: self.values[name] for name in FILTERS if name in self.values}

    def url(self, **changed: str) -> str:
        """The first page of the list with these parameters; an empty one is left out."""
        values = {name: value for name, value in ({**self.values, **changed}).items() if value}
        return f"{address('results')}?{urlencode(values)}" if values else address("results")

    @property
    def json_url(self) -> str:
        """The same list from the API."""
        values = {name: value for name, value in self.values.items() if name != WITH_CEASED}
        state = {} if self.with_ceased else {"is_active": "true"}
        return f"{reverse('api-entreprises')}?{urlencode(values | state)}"


def around(pages: KeysetPagination, page: Slice, request: HttpRequest) -> dict[str, str]:
    """The addresses of the pages next to this one, as `previous` and `next`; "" at an end."""
    links = pages.answer(page, Request(request), []).data
    return {name: _path(links[name]) for name in ("previous", "next")}


def _path(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
