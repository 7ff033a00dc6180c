"""A hundred visitors of a real register: from the first page to the page of their company, without JavaScript."""

from collections.abc import Callable
from io import StringIO
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

from django.core.management import call_command
from django.test import Client

from benchmarks.relevance.judgments import COLUMNS, Judgment, judged
from benchmarks.relevance.queries import queries, sampled_companies
from foxreviews.enterprise.blocks import companies
from tests.integration.web.pages import read

ALL = 1_000_000
EACH = 50  # of names as they are, and of misspelt ones
ARRIVED = 97  # of a hundred


def test_of_a_hundred_visitors_who_type_a_name_once_and_click_once_97_are_where_they_wanted(
    client: Client, shared_data: Path, index: Callable[[], None]
) -> None:
    call_command("import_entreprises_bulk", str(shared_data / "entreprises.csv"), stdout=StringIO())
    index()
    drafts = list(queries(sampled_companies(ALL, seed=16), EACH * 4, seed=16))
    directory = [frame for _, frame in companies(COLUMNS)]
    visitors = [
        judgment
        for kind in ("exact", "typo")
        for judgment in islice(judged([each for each in drafts if each.kind == kind], directory), EACH)
    ]
    lost = [visitor.query for visitor in visitors if not _arrives(client, visitor)]
    assert len(visitors) == 2 * EACH
    assert len(visitors) - len(lost) >= ARRIVED, lost


def _arrives(client: Client, visitor: Judgment) -> bool:
    """Types the query into the box of the first page, and clicks on what is looked for where it is listed."""
    home = read(client.get("/"))
    (form,) = home.all("form", role="search")
    (box,) = home.all("input", type="search")
    results = read(client.get(f"{form['action']}?{urlencode({box['name']: visitor.query})}"))
    for link in sorted(results.links()):
        if link.startswith("/entreprise/") and link.split("/")[2].partition("-")[0] in visitor.sirens:
            company = client.get(link)
            return company.status_code == 200 and bool(read(company).all("h1"))
    return False
