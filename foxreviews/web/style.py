"""The living page of components: every piece of the pages in one place, with the names that try them hardest."""

from django.http import HttpRequest, HttpResponse

from foxreviews.enterprise.names import Kind
from foxreviews.matching.model import Decision
from foxreviews.matching.short_list import Line
from foxreviews.web import charts
from foxreviews.web.batches import Batch, Company, Found
from foxreviews.web.hits import Branch, Hit
from foxreviews.web.lists import Bar
from foxreviews.web.maps import Map, Pin
from foxreviews.web.page import page, shown
from foxreviews.web.tiles import tiles
from foxreviews.web.wording import KINDS

HOSTILE = (
    "<script>alert('fox')</script>",
    "\u202eمخبز الثعلب\u202c",
    "РАУРАL АВС",
    "Ets 🦊👩‍👩‍👧‍👦 & Cie",
    "X" * 500,
)
COMPANIES = tuple(
    Company("732829320", "73282932000012", nom, confidence, "69003 Lyon", is_active)
    for nom, confidence, is_active in (
        (HOSTILE[4], 0.86, True),
        (HOSTILE[1], 0.1, True),
        (HOSTILE[3], 0.02, False),
    )
)
FOUND = (
    Found(Decision.ACCEPT, 0.99, ("the same name", "in the same town"), COMPANIES[1:2]),
    Found(Decision.REVIEW, 0.86, ("nearly the same name", "85 % alike", "in another street"), COMPANIES),
    Found(Decision.NONE, 0.0, ("no company is called like it",), ()),
    Found(Decision.NONE, 0.2, ("nothing is near enough", "words of the name"), COMPANIES[1:]),
    Found(Decision.REVIEW, 0.5, ("the same name", "2 companies have that name"), COMPANIES[:2]),
)


@page
def style(request: HttpRequest) -> HttpResponse:
    """Nothing here is read from the database."""
    companies = [
        Hit("#", nom, "732829320", True, False, "Boulangerie", "12 RUE DES LILAS", "69003 Lyon")
        for nom in HOSTILE
    ]
    companies.append(
        Hit("#", "LE FOURNIL", "732829320", False, False, "Boulangerie", "", "44000 Nantes",
            "AU BON PAIN", KINDS[Kind.ENSEIGNE], Branch("#", "AU BON PAIN", "44000 Nantes"))
    )  # fmt: skip
    companies.append(Hit("#", "", "732829320", True, True, "", "", "75011 Paris"))
    batch = Batch(
        ("nom",), {"nom": (0,)}, tuple(Line(at, (nom,)) for at, nom in enumerate(HOSTILE, 2)), FOUND
    )
    counts = {each.code: number**2 for number, each in enumerate(tiles(None))}
    return shown(
        request,
        "web/style.html",
        {
            "hits": companies,
            "batch": batch,
            "tiles": tiles(counts),
            "bars": [Bar("Lyon", "#", 1200, 100), Bar("Villeurbanne", "#", 420, 35), Bar("Bron", "#", 9, 1)],
            "chart": charts.months(
                [
                    {
                        "mois": f"{2021 + n // 12}-{n % 12 + 1:02}",
                        "creations": 90 + n * 7 % 61,
                        "fermetures": n * 5 % 53,
                    }
                    for n in range(60)
                ]
            ),
            "map": Map([Pin(1, 200, 180), Pin(2, 80, 300)], scale=120, scale_km="5"),
        },
    )
