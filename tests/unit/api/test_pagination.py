import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core import signing
from django.db import models
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from foxreviews.api.entreprises.views import EnterpriseCursorPagination
from foxreviews.api.errors import InvalidParametersError
from foxreviews.api.pagination import InvalidCursorError, KeysetPagination, by_name
from foxreviews.core.keyset import Ordering, Slice, Window
from foxreviews.core.postgresql import routing
from foxreviews.enterprise.models import Entreprise
from foxreviews.location.models import Ville
from foxreviews.search.query.ranking import RELEVANCE

DATE = EnterpriseCursorPagination.orderings["-created_at"]
NOM = EnterpriseCursorPagination.orderings["nom"]


def request(**params: object) -> Request:
    return Request(APIRequestFactory().get("/api/entreprises/", params))


def cursor_to(window: Window) -> str:
    """The cursor in a link to the window."""
    response = EnterpriseCursorPagination().answer(Slice([], None, window), request(), [])
    return str(Request(APIRequestFactory().get(response.data["next"])).query_params["cursor"])


# What PostgreSQL and Python both hold in any time zone; hypothesis takes bounds without one.
EARLIEST, LATEST = (dt.datetime.fromisoformat(day) for day in ("0001-01-02", "9999-12-30"))
moments = st.datetimes(timezones=st.just(dt.UTC), min_value=EARLIEST, max_value=LATEST)


@given(moments, st.integers(1, 2**63 - 1), st.booleans())
def test_a_cursor_brings_back_its_date_to_the_microsecond(
    moment: dt.datetime, number: int, backward: bool
) -> None:
    window = Window(DATE, 20, (moment, number), backward)
    assert EnterpriseCursorPagination().window(request(cursor=cursor_to(window))) == window


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=255))
def test_a_cursor_brings_back_any_name(nom: str) -> None:
    window = Window(NOM, 20, (nom, 1))
    assert EnterpriseCursorPagination().window(request(cursor=cursor_to(window), ordering="nom")) == window


def test_the_longest_name_fits_in_the_address_of_a_request() -> None:
    cursor = cursor_to(Window(NOM, 20, ("🍕" * 255, 1)))
    assert len(cursor) < 2_000  # gunicorn refuses request lines over 4,094 bytes


class Thing(models.Model):
    """One field of each type that an ordering may have."""

    code = models.CharField(primary_key=True, max_length=9)
    number = models.BigIntegerField()
    share = models.FloatField()
    price = models.DecimalField(max_digits=9, decimal_places=2)
    day = models.DateField()
    moment = models.DateTimeField()
    is_open = models.BooleanField()
    key = models.UUIDField()

    class Meta:
        app_label = "tests"

    def __str__(self) -> str:
        return self.code


class ThingPagination(KeysetPagination):
    model = Thing
    orderings = by_name(
        Ordering("all", ("number", "share", "price", "day", "moment", "is_open", "key", "code"))
    )
    default = "all"


def test_a_cursor_brings_back_the_values_of_every_type_of_field() -> None:
    from uuid import UUID

    position: tuple[Any, ...] = (
        -(2**63),
        0.1,
        Decimal("12.30"),
        dt.date(2026, 2, 3),
        dt.datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=dt.UTC),
        False,
        UUID(int=5),
        "2A004",
    )
    window = Window(ThingPagination.orderings["all"], 20, position)
    link = ThingPagination().answer(Slice([], None, window), request(), []).data["next"]
    assert ThingPagination().window(Request(APIRequestFactory().get(link))) == window


def test_without_a_cursor_the_page_is_the_first_by_date_newest_first() -> None:
    assert EnterpriseCursorPagination().window(request()) == Window(DATE, 20)


def start_again(**params: object) -> None:
    with pytest.raises(InvalidCursorError, match="tart again without `cursor`"):
        EnterpriseCursorPagination().window(request(**params))


@pytest.mark.parametrize("cursor", ["", "x", "a:b", "é", "\x00", "x" * 4_000, ":", "WyJub20iXQ:xx", "🍕"])
def test_an_invented_cursor_is_refused_with_what_to_do(cursor: str) -> None:
    start_again(cursor=cursor)


def test_a_cursor_with_one_letter_changed_is_refused() -> None:
    cursor = cursor_to(Window(DATE, 20, (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), 7)))
    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        start_again(cursor=changed)


def test_a_cursor_of_another_list_is_refused() -> None:
    class VillePagination(EnterpriseCursorPagination):
        model = Ville

    window = Window(NOM, 20, ("A", 1))
    link = VillePagination().answer(Slice([], None, window), request(), []).data["next"]
    start_again(cursor=Request(APIRequestFactory().get(link)).query_params["cursor"], ordering="nom")


def test_a_cursor_of_another_ordering_is_refused_and_names_its_own() -> None:
    cursor = cursor_to(Window(NOM, 20, ("A", 1)))
    with pytest.raises(InvalidCursorError, match="`ordering=nom`, or start again without `cursor`"):
        EnterpriseCursorPagination().window(request(cursor=cursor))


def test_something_else_that_we_signed_is_no_cursor() -> None:
    start_again(cursor=signing.Signer().sign_object(["-created_at", False, None]))
    salt = f"foxreviews.cursor.{Entreprise._meta.label_lower}"
    for content in (
        5,
        [],
        ["-created_at", False],
        ["-created_at", False, ["x"]],
        ["-created_at", False, ["x", 1]],
    ):
        start_again(cursor=signing.Signer(salt=salt).sign_object(content))


@pytest.mark.parametrize("size", ["0", "101", "-1", "x", "", "1.0", "1e2", "٣", "9" * 5_000])
def test_a_page_size_out_of_bounds_is_refused_with_the_bounds(size: str) -> None:
    with pytest.raises(InvalidParametersError, match="page_size: It is a whole number from 1 to 100"):
        EnterpriseCursorPagination().window(request(page_size=size))


@pytest.mark.parametrize("size", [1, 100])
def test_a_page_has_one_row_at_least_and_a_hundred_at_most(size: int) -> None:
    assert EnterpriseCursorPagination().window(request(page_size=size)).size == size


def test_with_q_the_order_is_relevance_unless_another_is_asked_for() -> None:
    assert EnterpriseCursorPagination().window(request(q="x")) == Window(RELEVANCE, 20)
    assert EnterpriseCursorPagination().window(request(q="x", ordering="nom")) == Window(NOM, 20)
    with pytest.raises(InvalidParametersError, match="ordering: It is one of"):
        EnterpriseCursorPagination().window(request(ordering=RELEVANCE.name))


def test_an_unknown_ordering_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        InvalidParametersError, match="ordering: It is one of -created_at, created_at, nom, -nom"
    ):
        EnterpriseCursorPagination().window(request(ordering="siren"))


def test_links_are_absolute_and_keep_the_filters() -> None:
    first = request(naf="62", ville_nom="Saint-Étienne", page_size=3)
    page = Slice([], Window(DATE, 3, backward=True), Window(DATE, 3))
    data = EnterpriseCursorPagination().answer(page, first, []).data
    for link in (data["previous"], data["next"]):
        assert link.startswith("http://testserver/api/entreprises/?")
        params = Request(APIRequestFactory().get(link)).query_params
        assert (params["naf"], params["ville_nom"], params["page_size"]) == ("62", "Saint-Étienne", "3")
    assert "cursor=" in data["previous"]
    assert "cursor" not in data["next"]


def test_a_cursor_says_how_far_the_database_was_read_where_there_are_replicas(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And what it says is required of the next page; one of before, which says nothing, requires the primary."""
    window = Window(NOM, 20, ("DUPONT", 7))
    before = cursor_to(window)
    monkeypatch.setattr(routing, "position", lambda: 123_456_789_012)
    required: list[int | None] = []
    monkeypatch.setattr(routing, "require", required.append)
    cursor = cursor_to(window)
    assert len(before) < len(cursor) < len(before) + 20
    for each in (cursor, before):
        assert EnterpriseCursorPagination().window(request(ordering="nom", cursor=each)) == window
    assert required == [123_456_789_012, None]
