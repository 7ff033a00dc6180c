"""The first page: what this is, a search box, how much there is and how old."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import override
from django.views.decorators.http import require_safe

from foxreviews.core.sql import estimate
from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.models import ImportRun
from foxreviews.location.models import Ville
from foxreviews.reference.fictional import are_fictional
from foxreviews.web.language import preferred

SAMPLE = 50  # companies, by whose towns fictional data is recognised


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


@require_safe
def home(request: HttpRequest, language: str | None = None) -> HttpResponse:
    """In the language of the address, or else of the browser."""
    chosen = language or preferred(request)
    with override(chosen):
        page = render(request, f"web/home.{chosen}.html", {"contents": Contents.read(), "language": chosen})
    page["Content-Language"] = chosen
    if language is None:
        patch_vary_headers(page, ["Accept-Language"])
    return page
