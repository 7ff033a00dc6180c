"""Establishments that pass filters, in PostgreSQL: in the order of their SIRET, or the nearest to a point first."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.db.models import BooleanField, F, FloatField, Func, IntegerField, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from psycopg.sql import SQL

from foxreviews.core import sql
from foxreviews.core.errors import UsageError
from foxreviews.core.keyset import Ordering, Row, Slice, Window, cut, read, whole_rows
from foxreviews.core.messages import say
from foxreviews.enterprise import filters as of_entreprises
from foxreviews.enterprise.by_siren import ACCENTED, PLAIN
from foxreviews.enterprise.filters import Period, of_activity
from foxreviews.enterprise.grid import Point, ring
from foxreviews.enterprise.models import Etablissement
from foxreviews.reference.naf import Beginnings

BY_SIRET = Ordering("siret", ("siret",))
BY_DISTANCE = Ordering("distance", ("distance", "siret"))
MAX_RADIUS_KM = 100.0
MET = sql.load(__file__, "met_establishments")
MAX_READ = 1_000  # establishments that are filtered by one query
MAX_COUNTED = 200_000
COUNTS = sql.load(__file__, "counts")
OF_SIRENS = sql.load(__file__, "of_sirens")
FIRST_RING_KM = 0.5
WIDER = 3  # times the width of the ring before


TOO_MANY = _(
    "More than {most} establishments pass. Narrow them with a filter (ville, code_postal, departement, naf, near), or "
    "leave `facets` out."
)


class TooManyToCountError(UsageError):
    """More establishments pass the filters than are counted."""

    code = "too-many-to-count"


@dataclass(frozen=True)
class Near:
    """What is within a distance of a point."""

    centre: Point
    radius_km: float


@dataclass(frozen=True)
class Filters:
    """What establishments must have. An empty field asks nothing."""

    sirens: tuple[str, ...] = ()  # of one of these companies
    sirets: tuple[str, ...] = ()  # one of them
    est_siege: bool | None = None
    is_active: bool | None = None
    est_employeur: bool | None = None
    villes: tuple[str, ...] = ()  # INSEE codes: one of them
    codes_postaux: tuple[str, ...] = ()  # one of them
    departements: tuple[str, ...] = ()  # one of them
    naf: tuple[Beginnings, ...] = ()
    tranches: tuple[str, ...] = ()  # workforce bands: one of them
    creation: Period | None = None
    near: Near | None = None
    entreprises: of_entreprises.Filters = of_entreprises.EVERYTHING  # what their companies must have


def of_companies(
    asked: Sequence[tuple[str, Collection[str]]],
    filters: Filters,
    beyond: Callable[[str], bool],
    size: int,
    *,
    backward: bool,
) -> list[Row]:
    """Up to `size` establishments of the companies, given by SIREN, in their order, the latest SIRET first.

    Of each company those that have the most of its words, which pass the filters, and whose SIRET is `beyond`.
    """
    words = {"words": [" ".join(sorted(words)) for _, words in asked], "accented": ACCENTED, "plain": PLAIN}
    met = sql.rows(MET, words | {"sirens": [siren for siren, _ in asked]})
    sirets = iter([row["siret"] for row in (reversed(met) if backward else met) if beyond(row["siret"])])
    rows: list[Row] = []
    while len(rows) < size and (some := list(islice(sirets, MAX_READ))):
        passing = {row["siret"]: row for row in whole_rows(_within(filters).filter(siret__in=some))}
        rows += [passing[siret] for siret in some if siret in passing]
    return rows[:size]


def _within(filters: Filters) -> QuerySet[Any]:
    """Those that pass, with `near` within its distance, which each has."""
    found = passing(filters)
    if filters.near is None:
        return found
    measured = found.annotate(distance=_distance(filters.near.centre))
    within = measured.filter(_cells(filters.near.centre, filters.near.radius_km))
    return within.filter(distance__lte=filters.near.radius_km * 1000)


def page(filters: Filters, window: Window) -> Slice:
    """The window of the establishments that pass the filters. With `near` each row has its `distance` in metres."""
    if filters.near and window.ordering.name == BY_DISTANCE.name:
        measured = passing(filters).annotate(distance=_distance(filters.near.centre))
        return _by_distance(measured, filters.near, window)
    return read(_within(filters), window)


def counts(filters: Filters, columns: Collection[str]) -> tuple[int, dict[str, dict[str, int]]]:
    """How many pass the filters, and how many have each value of each column, "true" and "false" of a Boolean.

    One statement. Raises TooManyToCountError.
    """
    fields = {field.column: field.attname for field in Etablissement._meta.concrete_fields}
    names = [fields[column] for column in columns]
    some = _within(filters).order_by().values(*names)[: MAX_COUNTED + 1]
    found, parameters = some.query.sql_with_params()
    statement = sql.compose(COUNTS, found=SQL(found), columns=sql.columns(names))
    total, counted = 0, dict[str, dict[str, int]]({column: {} for column in columns})
    for row in sql.rows(statement, parameters):
        place = f"{row['missing']:0{len(names)}b}".find("0")
        if place < 0:
            total = row["count"]
        else:
            value = row[names[place]]
            spelt = str(value).lower() if isinstance(value, bool) else value or ""
            counted[[*columns][place]][spelt] = row["count"]
    if total > MAX_COUNTED:
        raise TooManyToCountError(say(TOO_MANY, most=MAX_COUNTED))
    return total, counted


def passing(filters: Filters) -> QuerySet[Etablissement]:
    """The establishments that the filters let through, `near` aside."""
    lookups: dict[str, Any] = {
        "ville_id__in": filters.villes,
        "code_postal__in": filters.codes_postaux,
        "departement__in": filters.departements,
        "siret__in": filters.sirets,
        "tranche_effectif__in": filters.tranches,
    }
    found = Etablissement.objects.filter(**{lookup: value for lookup, value in lookups.items() if value})
    if len(filters.sirens) == 1:  # a SIRET begins with its company's SIREN: a range of the key
        (siren,) = filters.sirens
        found = found.filter(siret__gte=f"{siren}00000", siret__lte=f"{siren}99999")
    elif filters.sirens:
        found = found.filter(siret__in=RawSQL(OF_SIRENS, [list(filters.sirens)]))  # noqa: S611 - a text of our own
    if filters.creation:
        found = found.filter(**filters.creation.lookups("date_creation"))
    if filters.entreprises != of_entreprises.EVERYTHING:
        found = found.filter(siren__in=of_entreprises.passing(filters.entreprises).values("siren"))
    for beginnings in filters.naf:
        found = found.filter(of_activity(beginnings))
    for name in ("est_siege", "is_active", "est_employeur"):
        if (wanted := getattr(filters, name)) is not None:
            found = found.filter(**{name: wanted})
    return found


def _by_distance(found: QuerySet[Any], near: Near, window: Window) -> Slice:
    """The nearest first, ring after ring: a page costs what lies around its place, not what lies before it."""
    start = window.position[0] / 1000 if window.position else near.radius_km if window.backward else 0.0
    rows: list[Row] = []
    width = FIRST_RING_KM
    while True:
        inner = max(start - width, 0.0) if window.backward else start
        outer = start if window.backward else min(start + width, near.radius_km)
        within = found.filter(_cells(near.centre, outer, inner), distance__range=(inner * 1000, outer * 1000))
        rows = read(within, replace(window, size=window.size + 1)).rows
        if len(rows) > window.size or (inner <= 0.0 if window.backward else outer >= near.radius_km):
            break
        width *= WIDER
    return cut(rows[::-1] if window.backward else rows, window)


def _cells(centre: Point, outer_km: float, inner_km: float = 0.0) -> RawSQL:
    """Whether the cell is one of the ring. Written out: Django composes each of some fifty ranges from objects."""
    cells = ring(centre, inner_km, outer_km)
    spans = " OR ".join(f"cell BETWEEN {first} AND {last}" for first, last in cells)
    return RawSQL(f"({spans})", (), output_field=BooleanField())  # noqa: S611 - whole numbers of our own


def _distance(centre: Point) -> Func:
    return Func(
        F("latitude"),
        F("longitude"),
        *(Value(degrees, output_field=FloatField()) for degrees in centre),
        function="enterprise_distance",
        output_field=IntegerField(),
    )
