"""The pages in a real browser: the system's Chromium, the server as in production, a few thousand companies."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.pages.npm_packages import MissingPackageError, fetched
from tests import commands
from tests.acceptance.web import serving
from tests.conftest import LOADED_ROWS

HERE = Path(__file__).parent
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
expect.set_options(timeout=60_000)  # ms, on a busy machine
HIDDEN = (
    "UPDATE enterprise_entreprise SET statut_diffusion = 'P', categorie_juridique = '1000' WHERE siren = %s"
)
# One establishment more of each company: they opened and closed in the months of the last years
MONTHS = """
    INSERT INTO enterprise_etablissement
        (siret, siren, departement, naf_code, is_active, date_creation, date_fermeture)
    SELECT siren || '00070', siren, departement, naf_code, n % 3 > 0, current_date - (n * 37 % 1700)::int,
           CASE WHEN n % 3 = 0 THEN current_date - (n * 53 % 900)::int END
    FROM (SELECT *, row_number() OVER (ORDER BY siren) AS n FROM enterprise_entreprise) AS numbered
"""
BRANCHES = """
    INSERT INTO enterprise_etablissement
        (siret, siren, est_siege, nom_commercial, libelle_voie, code_postal, ville_nom, code_commune, departement,
         naf_code, latitude, longitude)
    SELECT siren || lpad(n::text, 5, '0'), siren, n = 10, 'ENSEIGNE ' || n, 'RUE DES LILAS',
           code_postal, ville_nom, code_commune, departement, naf_code, 45.7 + n / 700.0, 4.8 + mod(n * 7, 10) / 90.0
    FROM enterprise_entreprise, generate_series(10, 60) AS n WHERE siren = %s
"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core, from its package: fetched once."""
    try:
        packages = fetched(HERE.name, HERE.parent)
    except MissingPackageError as error:
        pytest.skip(f"no axe-core, the rules of accessibility: {error}")
    return (packages / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium")
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium has none for root
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program, args=[*sandbox, "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(
    shared_database: dict[str, str],
    companies_file: Callable[[int], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    """The addresses of pages of every kind, by name; `root` is the server's."""
    folder = tmp_path_factory.mktemp("browser")
    for arguments in (
        ("generate_villes", folder / "villes.csv"),
        ("import_villes", folder / "villes.csv"),
        ("import_entreprises_bulk", companies_file(LOADED_ROWS)),
    ):
        _run(shared_database, *arguments)
    with psycopg.connect(shared_database["DATABASE_URL"], autocommit=True) as connection:
        found = connection.execute(
            "SELECT siren FROM enterprise_entreprise WHERE is_active AND code_commune IS NOT NULL AND naf_code <> ''"
            " AND categorie_juridique <> '1000' ORDER BY siren LIMIT 2"
        ).fetchall()
        (company,), (hidden,) = found
        connection.execute(BRANCHES, [company])
        connection.execute(HIDDEN, [hidden])
        connection.execute(MONTHS)
    _run(shared_database, "search_rebuild")
    _run(shared_database, "shell", "-c", "from foxreviews.enterprise import comptages; comptages.refresh()")
    with serving(shared_database, folder / "server.log") as server:
        yield {
            "root": f"http://127.0.0.1:{server.port}",
            "home": "/",
            "results": "/recherche?q=boulangerie",
            "local results": "/recherche?q=restaurant+lyon",
            "nothing": "/recherche?q=boulangerie+xqzwvk+vvvv&departement=69",
            "company": f"/entreprise/{company}",
            "hidden company": f"/entreprise/{hidden}",
            "establishment": f"/etablissement/{company}00010",
            "town": "/ville/69123-lyon",
            "departement": "/departement/69-rhone",
            "activities": "/activites",
            "division": "/activite/56-restauration",
            "activity": "/activite/56.10A-restauration-traditionnelle",
            "statistics": "/statistiques",
            "statistics of a part": "/statistiques?region=84&naf_section=I",
            "ceased included": "/recherche?q=boulangerie&cessees=1&region=84",
            "match": "/rapprocher",
            "components": "/style",
            "error": "/nothing-here",
            "english": "/en/recherche?q=boulangerie",
        }


def _run(environment: dict[str, str], *arguments: object) -> None:
    done = commands.run(environment, *arguments)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def visit(browser: Browser, site: dict[str, str]) -> Iterator[Callable[..., Page]]:
    """visit("home", width=360, theme="dark", script=False): the page, opened by a visitor of its own."""
    contexts = []

    def opened(name: str, width: int = 1440, theme: str = "light", *, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=script,
            reduced_motion="reduce",
            locale="fr-FR",
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("console", lambda message: _note(page, message.text))
        page.on("pageerror", lambda error: _note(page, str(error)))
        answer: Any = page.goto(site["root"] + site[name])
        assert answer.status == (404 if name == "error" else 200)
        return page

    yield opened
    for context in contexts:
        context.close()


def _note(page: Page, text: str) -> None:
    """What a browser says of a page that is an error is no complaint."""
    if "status of 404" not in text:
        page.complaints.append(text)  # type: ignore[attr-defined]
