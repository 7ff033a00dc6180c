"""A hundred hostile names in a real browser, on a phone: no script runs, nothing is wider than the screen."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page

from foxreviews.reference.identifiers import is_siren
from foxreviews.web.wording import legible
from tests import commands
from tests.acceptance.web import serving
from tests.browser.test_pages import WIDE
from tests.hostile import HOSTILE, MAX_NAME

PHONE = {"width": 360, "height": 740}
NAMES = [name[:MAX_NAME] for name in HOSTILE]
PLACE = {"adresse": "12 RUE DES LILAS", "code_postal": "69003", "ville": "LYON", "naf": "10.71C"}
# What an import takes out of a name is put back: others write rows, too
AS_GIVEN = "UPDATE enterprise_entreprise SET nom = %s, nom_commercial = %s WHERE siren = %s"
BRANCH = """
    INSERT INTO enterprise_etablissement
        (siret, siren, nom_commercial, libelle_voie, code_postal, ville_nom, departement)
    VALUES (%s, %s, %s, %s, '69003', 'Lyon', '69')
"""
SUGGEST = """path => htmx.ajax('GET', path, '#suggestions')
    .then(() => document.getElementById('suggestions').hidden = false)"""


@dataclass
class Phone:
    """A page on a phone, and what has happened on it that must not: dialogs, errors, what the policy has refused."""

    page: Page
    root: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        answer = self.page.goto(f"{self.root}{path}")
        assert answer
        assert answer.status == 200, path

    def assert_unharmed(self) -> None:
        assert self.complaints == []
        assert self.page.evaluate(WIDE) <= 0
        assert self.page.url.startswith(self.root)
        assert self.page.locator("footer").is_visible(), "the page goes on to its foot"


@pytest.fixture(scope="module")
def sirens() -> list[str]:
    """One for each name."""
    valid = (f"{number:09}" for number in count(900_000_000) if is_siren(f"{number:09}"))
    return [next(valid) for _ in NAMES]


@pytest.fixture(scope="module")
def root(
    shared_database: dict[str, str], tmp_path_factory: pytest.TempPathFactory, sirens: list[str]
) -> Iterator[str]:
    """A server whose companies, loaded at once, and establishments have these names."""
    folder = tmp_path_factory.mktemp("hostile")
    _write(folder / "companies.csv", sirens)
    _run(shared_database, "import_entreprises_bulk", folder / "companies.csv")
    with psycopg.connect(shared_database["DATABASE_URL"], autocommit=True) as connection:
        for siren, name in zip(sirens, NAMES, strict=True):
            assert connection.execute(AS_GIVEN, [name, name, siren]).rowcount == 1, name
            connection.execute(BRANCH, [f"{siren}00017", siren, name, name[:150]])
    _run(shared_database, "search_rebuild")
    with serving(shared_database, folder / "server.log") as server:
        yield f"http://127.0.0.1:{server.port}"


def _write(path: Path, sirens: list[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["siren", "nom", *PLACE])
        rows.writerows([siren, name, *PLACE.values()] for siren, name in zip(sirens, NAMES, strict=True))


def _run(environment: dict[str, str], *arguments: object) -> None:
    done = commands.run(environment, *arguments)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def phone(browser: Browser, root: str) -> Iterator[Phone]:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce", locale="fr-FR")
    opened = Phone(context.new_page(), root)
    opened.page.on("console", lambda message: opened.complaints.append(message.text))
    opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.page.on("dialog", lambda dialog: opened.complaints.append(dialog.message))
    yield opened
    context.close()


@pytest.fixture
def quiet(phone: Phone) -> Phone:
    """The phone, with nothing to say of the test before."""
    phone.complaints.clear()
    return phone


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_name_does_no_harm(quiet: Phone, sirens: list[str], number: int) -> None:
    siren, name = sirens[number], NAMES[number]
    quiet.open(f"/entreprise/{siren}")
    quiet.assert_unharmed()
    page = quiet.page
    assert page.locator("h1").text_content() == legible(name)
    graph = json.loads(page.locator("script[type='application/ld+json']").text_content() or "")["@graph"]
    assert graph[0]["name"] == legible(name)
    picture = page.request.get(page.locator("meta[property='og:image']").get_attribute("content") or "")
    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
    page.evaluate(SUGGEST, f"/suggestions?q={siren}")
    quiet.assert_unharmed()
    quiet.open(f"/etablissement/{siren}00017")
    quiet.assert_unharmed()


def test_a_list_of_them_fits_the_screen(quiet: Phone) -> None:
    quiet.open("/recherche?departement=69")
    seen = 0
    while True:
        quiet.assert_unharmed()
        seen += quiet.page.locator(".hits > li").count()
        following = quiet.page.locator("a[rel=next]")
        if not following.count():
            break
        quiet.open(str(following.get_attribute("href")).partition("#")[0])
    assert seen == len(NAMES)
