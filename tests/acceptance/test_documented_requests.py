"""docs/howto/call-the-api.md, openrefine.md and sitemaps.md: what they tell to type is answered as they say."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import psycopg
import pytest

from tests import commands
from tests.acceptance.web import CHECKOUT, Server, serving

ROWS = 2_000
SITE = "127.0.0.1:8000"
BAKERY = """
    INSERT INTO enterprise_entreprise (siren, nom, code_postal, ville_nom, departement, naf_code)
    VALUES ('732829320', 'BOULANGERIE DU PORT', '69002', 'Lyon', '69', '10.71C')
"""
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the pages tell to type curl")


@pytest.fixture(scope="module")
def site(
    shared_database: dict[str, str],
    companies_file: Callable[[int], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """The production server, with fictional companies, the bakery of the pages, and their index."""
    done = commands.run(shared_database, "import_entreprises_bulk", companies_file(ROWS))
    assert done.returncode == 0, done.stderr
    with psycopg.connect(shared_database["DATABASE_URL"]) as session:
        session.execute(BAKERY)
    done = commands.run(shared_database, "search_rebuild")
    assert done.returncode == 0, done.stderr
    with serving(shared_database, tmp_path_factory.mktemp("documented") / "web.log") as running:
        yield running


def blocks(page: str, language: str = "sh") -> list[str]:
    text = (CHECKOUT / "docs" / "howto" / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def type_block(block: str, site: Server) -> str:
    """What it prints; each of its commands must succeed."""
    typed = block.replace(SITE, f"127.0.0.1:{site.port}")
    done = subprocess.run(["sh", "-ec", typed], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (block, done.stdout, done.stderr)
    return done.stdout


def test_the_api_is_called_as_the_page_says(site: Server) -> None:
    said = [type_block(block, site) for block in blocks("call-the-api.md")]
    lists, searches, lots, matched, numbers, new, kept, refused = said
    assert lists.count('"next"') == 2
    assert '"tier":"typo_in_name"' in searches
    assert '"facets"' in searches
    assert '"not_found":{"siren":["552100554"]' in lots
    assert '"siren":"732829320"' in matched
    assert f'"total":{ROWS + 1}' in numbers
    assert "<feed" in new
    assert kept.endswith("304\n")
    assert "departement" in refused


def test_the_loop_of_the_page_reads_a_list_to_its_end(site: Server) -> None:
    (loop,) = blocks("call-the-api.md", "python")
    printed = StringIO()
    with redirect_stdout(printed):
        exec(loop.replace(SITE, f"127.0.0.1:{site.port}"), {})
    total = type_block(f"curl -sf 'http://{SITE}/api/statistiques/?departement=69'", site)
    count = re.search(r'"entreprises":\{"total":(\d+)', total.replace(" ", ""))
    assert count
    assert int(count[1]) == int(printed.getvalue()) > 0


def test_openrefine_finds_what_the_page_says(site: Server) -> None:
    check, by_hand = (type_block(block, site) for block in blocks("openrefine.md"))
    assert '"defaultTypes"' in check
    assert '"id":"732829320"' in check
    assert '"rows"' in by_hand
    assert '"properties"' in by_hand


def test_the_sitemaps_are_where_the_page_says(site: Server) -> None:
    (said,) = (type_block(block, site) for block in blocks("sitemaps.md"))
    assert "Sitemap: http" in said
    assert "<sitemapindex" in said
    pages, companies = map(int, said.splitlines()[-2:])
    assert pages > 800
    assert companies > 1_000
