"""What an address asks for: the API's parameters, and the addresses that differ in one of them."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from rest_framework.request import Request

from foxreviews.api.entreprises.params import IN_INDEX_ORDER, EntrepriseFilters, EntrepriseParams
from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.api.pagination import KeysetPagination
from foxreviews.core.keyset import Slice, Window
from foxreviews.web.language import address

FILTERS = (
    "region", "departement", "ville", "code_postal", "naf_section", "naf", "categorie_juridique",
    "tranche_effectif", "categorie_entreprise", "est_employeur", "date_creation_min", "date_creation_max",
)  # fmt: skip
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


def queried(path: str, values: Mapping[str, str]) -> str:
    """The path with these parameters; an empty one is left out."""
    given = {name: value for name, value in values.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


@dataclass(frozen=True)
class Selection:
    """The companies that pass the filters of an address."""

    page: ClassVar[str] = "statistiques"  # whose addresses it makes, see urls.py

    values: Mapping[str, str]  # as they are in the address, without the cursor
    params: Mapping[str, Any]  # validated

    @classmethod
    def read(cls, request: HttpRequest) -> "Selection":
        """Raises InvalidParametersError."""
        known = only(request, *FILTERS)
        return cls(_in_order(known), EntrepriseFilters.read(known))

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: self.values[name] for name in FILTERS if name in self.values}

    def url(self, **changed: str) -> str:
        """The first page of the same with these parameters; an empty one is left out."""
        return queried(address(self.page), {**self.values, **changed})

    def without(self, name: str, value: str) -> str:
        """The same without one value of a filter."""
        others = [each for each in self.values[name].split(",") if each.strip() != value]
        return self.url(**{name: ",".join(others)})


@dataclass(frozen=True)
class Asked(Selection):
    """A list of companies as the address asks for it."""

    page: ClassVar[str] = "results"

    window: Window
    with_ceased: bool

    @classmethod
    def read(cls, request: HttpRequest) -> "Asked":
        """Raises InvalidParametersError, InvalidCursorError."""
        known = only(request, *KNOWN)
        pages = EnterpriseCursorPagination()
        params = EntrepriseParams.read(known, also=pages.parameters)
        values = _in_order(known)
        with_ceased = request.GET.get(WITH_CEASED) == "1"
        if with_ceased:
            values[WITH_CEASED] = "1"
        return cls(values, params, pages.window(known), with_ceased)

    def with_all(self) -> "Asked":
        """The same with ceased companies."""
        return replace(self, values={**self.values, WITH_CEASED: "1"}, with_ceased=True)

    def with_query(self, q: str) -> "Asked":
        """The same for other words."""
        return replace(self, values={**self.values, "q": q}, params={**self.params, "q": q})

    @property
    def is_in_index_order(self) -> bool:
        """Whether the list has one order alone: that of the search index, which knows no newest ones."""
        return "q" not in self.values and any(name in self.values for name in IN_INDEX_ORDER)

    @property
    def json_url(self) -> str:
        """The same list from the API."""
        return queried(reverse("api-entreprises"), self._in_api(WITH_CEASED))

    @property
    def csv_url(self) -> str:
        """All of the list as a file, in the order of SIREN where nothing is searched for."""
        path = reverse("api-export-entreprises", kwargs={"form": "csv"})
        return queried(path, self._in_api(WITH_CEASED, "ordering"))

    @property
    def feed_url(self) -> str:
        """The newest of the list as a feed; "" where none can say which those are."""
        if self.is_in_index_order:
            return ""
        values = {name: value for name, value in self.values.items() if name != "ordering"}
        return queried(address("feed"), values)

    def _in_api(self, *left_out: str) -> dict[str, str]:
        values = {name: value for name, value in self.values.items() if name not in left_out}
        return values if self.with_ceased else values | {"is_active": "true"}


def _in_order(known: Request) -> dict[str, str]:
    """The parameters in one order, without the cursor: two addresses of one list differ in nothing else."""
    given = known.query_params
    return {name: given[name] for name in KNOWN if name in given and name != "cursor"}


def around(pages: KeysetPagination, page: Slice, known: Request) -> dict[str, str]:
    """The addresses of the pages next to this one, as `previous` and `next`; "" at an end.

    `known` has the parameters by which the page was read (`only`): those that mean nothing bind no cursor.
    """
    links = pages.answer(page, known, []).data
    return {name: _path(links[name]) for name in ("previous", "next")}


def _path(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
