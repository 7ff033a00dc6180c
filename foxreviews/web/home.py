"""The first page: what this is, a search box, how much there is and how old, and ways in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse

from foxreviews.core.sql import estimate
from foxreviews.enterprise.filters import EVERYTHING
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportRun
from foxreviews.location.models import Ville
from foxreviews.reference.fictional import are_fictional
from foxreviews.reference.naf import label
from foxreviews.search.engine import search_engine
from foxreviews.search.engines.postgres import PostgresEngine
from foxreviews.web import slugs, structured
from foxreviews.web.language import address
from foxreviews.web.page import page, shown
from foxreviews.web.tiles import tiles

SAMPLE = 50  # companies, by whose towns fictional data is recognised
MAX_TOWNS = 18
# Of everyday life, by an everyday word for each
TRADES = {
    "boulangerie": "10.71C", "coiffure": "96.02A", "électricité": "43.21A", "garage": "45.20A", "immobilier": "68.31Z",
    "informatique": "62.01Z", "maçonnerie": "43.99C", "peinture": "43.34Z", "pharmacie": "47.73Z",
    "plomberie": "43.22A", "restaurant": "56.10A", "taxi": "49.32Z",
}  # fmt: skip


@dataclass(frozen=True)
class Contents:
    """What the directory holds: estimates, and when an import last ended; None where none did."""

    companies: int
    towns: int
    updated_at: datetime | None
    are_fictional: bool

    @classmethod
    def read(cls) -> "Contents":
        """Four short statements: no row is counted."""
        last = ImportRun.objects.filter(status=ImportRun.Status.DONE).order_by("-id").first()
        towns = list(Entreprise.objects.order_by("id").values_list("ville_nom", flat=True)[:SAMPLE])
        return cls(
            # The planner is told of a load, and of an emptied table, a moment later.
            companies=max(estimate(Entreprise._meta.db_table), len(towns)) if towns else 0,
            towns=estimate(Ville._meta.db_table),
            updated_at=last.finished_at if last else None,
            are_fictional=are_fictional(towns),
        )


@page
def home(request: HttpRequest) -> HttpResponse:
    """The search box, and ways in by département, town and trade."""
    contents = Contents.read()
    root = request.build_absolute_uri("/").rstrip("/")
    return shown(
        request,
        "web/home.html",
        {
            "contents": contents,
            "feed_url": address("feed"),
            "tiles": tiles(_counts() if contents.companies else None),
            "towns": [{"nom": nom, "url": slugs.ville(code, slug)} for code, nom, slug in _largest()],
            "trades": [
                {"word": word, "label": label(code), "url": slugs.activite(code)}
                for word, code in TRADES.items()
            ],
            "structured": structured.script(structured.website(root, request.path, address("results"))),
        },
    )


def _counts() -> Mapping[str, int] | None:
    """Companies by département, as the index counts them; None without an index: PostgreSQL would read every row."""
    engine = search_engine()
    if engine.name == PostgresEngine.name:
        return None
    return engine.count(EVERYTHING, ["departement"]).facets.get("departement")


def _largest() -> list[tuple[str, str, str]]:
    """The most populous towns, by name. In the order of their index: 0.1 ms, 60 ms in another."""
    towns = Ville.objects.filter(commune=None).annotate(inhabitants=Coalesce("population", 0))
    some = towns.order_by("-inhabitants", "-code_insee").values_list("code_insee", "nom", "slug")
    found = list(some[:MAX_TOWNS])
    return sorted(found, key=lambda town: town[1])
