"""/api/statistiques/: how many companies and establishments there are, by what they have, and who came and went."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from functools import lru_cache

from django.utils.timezone import localdate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foxreviews.api.entreprises import facets
from foxreviews.api.entreprises.companies import filters
from foxreviews.api.entreprises.facets import FACETS
from foxreviews.api.entreprises.params import EntrepriseFilters
from foxreviews.api.errors import problems
from foxreviews.api.params import departements
from foxreviews.core.keyset import Row
from foxreviews.enterprise import comptages
from foxreviews.enterprise.comptages import Counts
from foxreviews.enterprise.filters import Filters, Period
from foxreviews.search.engine import search_engine
from foxreviews.search.index.schema import DAYS

MAX_KEPT = 500  # selections of a count, in each process: those of 35,000 towns take 70 ms to put in order
MAX_MONTHS = 120  # the last ten years
MAX_MONTHS_CREATED = 60  # of companies, which are counted day by day when they are asked for
NOT_OF_ESTABLISHMENTS = ("categorie_juridique", "categorie_entreprise", "est_employeur")  # nobody counts them
OF_ESTABLISHMENTS = tuple(name for name in FACETS if name not in NOT_OF_ESTABLISHMENTS)
COUNTED_BY = {"region", "departement", "is_active"}  # the filters that the count of establishments has


class ValueSerializer(serializers.Serializer[Row]):
    """How many have a value."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as a field it does not hide Field.label
    count = serializers.IntegerField()


class CountsSerializer(serializers.Serializer[Row]):
    """How many there are, and by what they have: the most frequent values first; of towns and trades the first 50."""

    total = serializers.IntegerField(
        allow_null=True,
        help_text="Null where PostgreSQL, counting while the index is not ready, has no time left.",
    )
    facets = serializers.DictField(
        child=ValueSerializer(many=True, allow_null=True),
        help_text="Null where one was not counted: see `total`.",
    )


class CreationsSerializer(serializers.Serializer[Row]):
    """Companies that came in a month."""

    mois = serializers.CharField(help_text="2026-01.")
    creations = serializers.IntegerField(help_text="Companies whose date of creation it has.")


class CompaniesSerializer(CountsSerializer):
    """Companies, as the search index has them."""

    mois = CreationsSerializer(
        many=True,
        allow_null=True,
        help_text="Those of the last 60 months in which some were created, the latest last; null where not counted.",
    )

    engine = serializers.CharField(
        help_text="What has counted: tantivy; postgres while the index is not ready."
    )


class EstablishmentsSerializer(CountsSerializer):
    """Establishments, as of the last count."""

    moment = serializers.DateTimeField(help_text="When they were counted, UTC.")


class MonthSerializer(serializers.Serializer[Row]):
    """What came and went in a month."""

    mois = serializers.CharField(help_text="2026-01.")
    creations = serializers.IntegerField(help_text="Establishments whose date of creation it has.")
    fermetures = serializers.IntegerField(help_text="Establishments that closed in it.")


class StatistiquesSerializer(serializers.Serializer[Row]):
    """`etablissements` and `mois` are null with another filter than région, département and state."""

    entreprises = CompaniesSerializer()
    etablissements = EstablishmentsSerializer(allow_null=True)
    mois = MonthSerializer(many=True, allow_null=True, help_text="The last 120 months, the latest last.")


class StatistiquesView(APIView):
    """Numbers of the directory."""

    @extend_schema(
        summary="Numbers of the directory",
        description="How many companies pass the filters, by département, région, section, division, trade, town, "
        "workforce, legal form, category, employer, year and month of creation, as of the last change that the "
        "search index has. Establishments and their months are counted after each import, and filtered by région, "
        "département and state.",
        parameters=[EntrepriseFilters],
        responses={200: StatistiquesSerializer, **problems(400, 406, 429, 503)},
    )
    def get(self, request: Request) -> Response:
        params = EntrepriseFilters.read(request)
        wanted = filters(params)
        hits = search_engine().count(wanted, facets.indexed(FACETS))
        months = created(wanted)
        companies = {
            "total": hits.total,
            "facets": facets.shown(tuple(FACETS), hits.facets),
            "engine": hits.engine,
            "mois": months
            if months is None
            else [{"mois": month, "creations": count} for month, count in months.items()],
        }
        places = None
        if not params.keys() - COUNTED_BY:
            places = establishments(comptages.moment(), departements(params), params.get("is_active"))
        return Response(
            {
                "entreprises": companies,
                "etablissements": places and places[0],
                "mois": places and places[1],
            }
        )


def created(wanted: Filters) -> dict[str, int] | None:
    """How many companies that pass were created in each of the last months that have some: "2026-01", the latest last.

    None where PostgreSQL answers for the index, and lacks the time.
    """
    today, period = localdate(), wanted.creation or Period()
    number = today.year * 12 + today.month - MAX_MONTHS_CREATED  # since the year 0
    since = dt.date(number // 12, number % 12 + 1, 1)
    first, last = max(period.first or since, since), min(period.last or today, today)
    if first > last:
        return {}
    within = replace(wanted, creation=Period(first, last))
    days = search_engine().count(within, [DAYS]).facets.get(DAYS)
    if days is None:
        return None
    months = Counter[str]()
    for day, count in days.items():
        months[f"{day[:4]}-{day[4:6]}"] += count
    return dict(sorted(months.items()))


@lru_cache(MAX_KEPT)
def establishments(
    moment: str, departements: tuple[str, ...], is_active: bool | None
) -> tuple[Row, list[Row]] | None:
    """The establishments of a count and their months; None where nobody has counted yet."""
    if not moment:
        return None
    counts = comptages.counted(departements, is_active)
    known = {name: counts.get(name, {}) for name in facets.indexed(OF_ESTABLISHMENTS)}
    shown = {
        "total": sum(known["is_active"].values()),
        "facets": facets.shown(OF_ESTABLISHMENTS, known),
        "moment": moment,
    }
    return shown, _months(counts)


def _months(counts: Counts) -> list[Row]:
    came, went = (counts.get(name, {}) for name in ("mois_creation", "mois_fermeture"))
    months = sorted({*came, *went} - {""})[-MAX_MONTHS:]
    return [
        {"mois": month, "creations": came.get(month, 0), "fermetures": went.get(month, 0)} for month in months
    ]
