"""The living page of components: every piece of the pages in one place, with the names that try them hardest."""

from django.http import HttpRequest, HttpResponse

from foxreviews.enterprise.names import Kind
from foxreviews.web import charts
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
    counts = {each.code: number**2 for number, each in enumerate(tiles(None))}
    return shown(
        request,
        "web/style.html",
        {
            "hits": companies,
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
