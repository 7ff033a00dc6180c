"""Pages of a list under /api/: `{"next", "previous", "results"}`, at one cost however deep.

The links carry a signed `cursor`: the ordering, the direction and the values of the row that a page starts
from (see core.keyset), and a digest of the filters; where there are replicas, also how far in the database's log the
page was read, so that the next one is from no earlier moment. It is signed so that a position is always one that we
gave, and bound to its list: in another one it would begin somewhere in the middle, and look like a first page.
A list has no count: at 4,000,000 rows COUNT(*) takes longer than the page. A search has one, from its index.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, ClassVar

import orjson
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from foxreviews.api.errors import InvalidParametersError
from foxreviews.core.errors import UsageError
from foxreviews.core.keyset import Ordering, Slice, Window, python_values, read
from foxreviews.core.messages import say
from foxreviews.core.postgresql import routing

VERSION = 1  # of what a cursor holds: a release that writes another one reads this one, too
# What a client may change on the way: which rows a list has does not depend on it. An ordering is in the cursor.
NO_FILTERS = {"cursor", "ordering", "page_size", "fields", "facets", "explain"}
OTHER_FILTERS = _(
    "This cursor continues a list with other filters. Keep the filters that it was given for, or start again without "
    "`cursor`."
)
OTHER_ORDER = _(
    "This cursor continues a list ordered by {name}, not by {asked}. Keep `ordering={name}`, or start again without "
    "`cursor`."
)


class InvalidCursorError(UsageError):
    """A cursor that this list did not give for this ordering."""

    code = "invalid-cursor"


class _Json:
    """The serializer of Signer: Django's own writes one é as six characters, this one as two bytes."""

    def dumps(self, value: Any) -> bytes:
        return orjson.dumps(value, default=str)

    def loads(self, data: bytes) -> Any:
        return orjson.loads(data)


def by_name(*orderings: Ordering) -> dict[str, Ordering]:
    """Orderings under the names that a request gives them."""
    return {ordering.name: ordering for ordering in orderings}


class KeysetPagination(BasePagination):
    """Pages of `model`'s whole rows in one of `orderings`."""

    model: ClassVar[type[Model]]
    orderings: ClassVar[Mapping[str, Ordering]]
    default: ClassVar[str]
    relevance: ClassVar[Ordering | None] = None  # one more ordering with `q`, where it is the default
    page_size: ClassVar[int] = 20
    max_page_size: ClassVar[int] = 100

    # The query parameters that are read here; a list's filters are read by its Params.
    parameters: ClassVar[tuple[str, ...]] = ("ordering", "page_size", "cursor")

    def paginate_queryset(
        self,
        queryset: QuerySet[Any, Any],
        request: Request,
        view: APIView | None = None,  # noqa: ARG002 - DRF's signature
    ) -> list[Any]:
        self.page, self.request = read(queryset, self.window(request)), request
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return self.answer(self.page, self.request, data)

    def window(self, request: Request) -> Window:
        """The window that the request asks for. Raises InvalidParametersError, InvalidCursorError."""
        ordering = self._ordering(request)
        size = self._size(request.query_params.get("page_size", str(self.page_size)))
        cursor = request.query_params.get("cursor")
        return Window(ordering, size) if cursor is None else self._decode(cursor, request, ordering, size)

    def answer(
        self, page: Slice, request: Request, results: Any, more: Mapping[str, Any] | None = None
    ) -> Response:
        """The response that shows `results`, the page's rows, with links to the pages around it, and `more`."""
        around = {"next": page.next, "previous": page.previous}
        read_up_to = routing.position() if page.next or page.previous else None
        links = {name: self._link(window, request, read_up_to) for name, window in around.items()}
        return Response({**links, **(more or {}), "results": results})

    def _ordering(self, request: Request) -> Ordering:
        orderings, default = self.orderings, self.default
        if self.relevance and "q" in request.query_params:
            orderings, default = {**orderings, self.relevance.name: self.relevance}, self.relevance.name
        name = request.query_params.get("ordering", default)
        if name not in orderings:
            raise InvalidParametersError(
                {"ordering": [say(_("It is one of {names}."), names=", ".join(orderings))]}
            )
        return orderings[name]

    def _size(self, text: str) -> int:
        # Three digits at most: int() of a long text is slow.
        if not (
            text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= self.max_page_size
        ):
            sentence = _("It is a whole number from 1 to {most}.")
            raise InvalidParametersError({"page_size": [say(sentence, most=self.max_page_size)]})
        return int(text)

    @property
    def _signer(self) -> signing.Signer:
        return signing.Signer(salt=f"foxreviews.cursor.{self.model._meta.label_lower}")

    def _link(self, window: Window | None, request: Request, read_up_to: int | None) -> str | None:
        if window is None:
            return None
        url = request.build_absolute_uri()
        if window.is_first:
            return remove_query_param(url, "cursor")
        parts = [VERSION, _list_of(request), window.ordering.name, window.backward, window.position]
        if read_up_to is not None:
            parts.append(read_up_to)
        signed = self._signer.sign_object(parts, serializer=_Json)
        return replace_query_param(url, "cursor", signed)

    def _decode(self, cursor: str, request: Request, ordering: Ordering, size: int) -> Window:
        try:
            _version, of_list, name, backward, raw, *read_up_to = self._signer.unsign_object(
                cursor, serializer=_Json
            )
            if name != ordering.name:
                raise InvalidCursorError(say(OTHER_ORDER, name=name, asked=ordering.name))
            if of_list != _list_of(request):
                raise InvalidCursorError(OTHER_FILTERS)
            position = None if raw is None else python_values(self.model, ordering, raw)
        except (signing.BadSignature, TypeError, ValueError, ValidationError) as error:
            raise InvalidCursorError(
                _("This cursor is not one that this list gave. Start again without `cursor`.")
            ) from error
        routing.require(*read_up_to or [None])
        return Window(ordering, size, position, backward)

    # What drf-spectacular reads for the schema.

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:  # noqa: ARG002
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        ordering: dict[str, Any] = {"type": "string", "enum": list(self.orderings), "default": self.default}
        meant = "The order of the rows; a minus sign reverses it."
        if self.relevance:
            ordering = {"type": "string", "enum": [*self.orderings, self.relevance.name]}
            meant += (
                f" The default is `{self.default}`; with `q` it is `{self.relevance.name}`, which needs `q`."
            )
        described = {
            "ordering": (ordering, meant),
            "page_size": (size, "How many rows a page has."),
            "cursor": ({"type": "string"}, "Where the page starts. Take it from `next` and `previous`."),
        }
        return [
            {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
            for name, (schema, text) in described.items()
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


def _list_of(request: Request) -> str:
    """A short word for which rows the list of a request has: what its address names, and its filters."""
    given = request.query_params
    filters = sorted((name, sorted(given.getlist(name))) for name in given.keys() - NO_FILTERS)
    named = {**request.resolver_match.kwargs} if request.resolver_match else {}
    named.pop("language", None)  # of a page: the list is the same in each
    return blake2b(orjson.dumps([named, filters]), digest_size=6).hexdigest()
