"""A list is matched, reviewed and taken home; the operator looks: by keyboard, on a phone, without JavaScript."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Download, Page, Route, expect

from foxreviews.matching.short_list import MAX_BYTES
from foxreviews.web.match import LINES_AT_ONCE
from tests import commands
from tests.browser.test_pages import AXE, WIDE, Visit

SIZES, THEMES = (360, 768, 1440), ("light", "dark")
ACCOUNT, PASSWORD = "operator", "correct horse battery staple"
NAMES = """
    SELECT nom, adresse, code_postal, ville_nom FROM enterprise_entreprise
    WHERE is_active AND statut_diffusion = 'O' AND length(nom) > 12 ORDER BY siren LIMIT %s
"""
REJECTS = """
    INSERT INTO importing_importreject (run_id, line, "offset", reason, "column", raw)
    SELECT max(id), n, n * 90, 'siren-key', 'siren', repeat('=73282932' || n || ';<b>X</b>;', 9)
    FROM importing_importrun, generate_series(2, 80) AS n GROUP BY n
"""
COUNTED = """
    UPDATE importing_importrun SET report = report || '{"rejected": 79, "rejects_by_reason": {"siren-key": 79}}'
"""


@pytest.fixture(scope="module")
def text(site: dict[str, str], shared_database: dict[str, str]) -> str:
    """A list: companies as they are called, some misspelt or with a name alone, some that nobody knows."""
    with psycopg.connect(shared_database["DATABASE_URL"], autocommit=True) as connection:
        found = connection.execute(NAMES, [LINES_AT_ONCE + 4]).fetchall()
        connection.execute(REJECTS)
        connection.execute(COUNTED)
    lines = [";".join(row) for row in found]
    for at in range(0, 12, 2):  # in a hurry: without a letter, without a place, or the first word alone
        nom, _, _, ville = found[at]
        lines[at] = f"{nom[:4]}{nom[5:]};;;" if at < 6 else f"{nom.split()[0]};;;{ville}"
    lines[5:5] = ["Zwyxqvk;;;", f"{'W' * 300};;75011;Paris", "<script>alert(1)</script> & مخبز;;;"]
    return "\n".join(["nom;adresse;code_postal;ville", *lines])


def paste(page: Page, text: str) -> None:
    page.get_by_label("Collez la liste").fill(text)
    page.get_by_role("button", name="Trouver les entreprises").click()


def finished(page: Page) -> None:
    expect(page.locator("[data-waiting]")).to_have_count(0)
    expect(page.locator("#start")).to_be_visible()


def rows(download: Download) -> list[dict[str, str]]:
    assert download.suggested_filename == "rapprochement.csv"
    with Path(download.path()).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def fits_without_barrier(page: Page, axe: str) -> None:
    page.evaluate(axe)
    for width in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(WIDE) <= 0, width
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            assert page.evaluate(AXE) == [], (width, theme)
    page.emulate_media(color_scheme="light")
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_list_is_matched_step_by_step_reviewed_by_keyboard_and_taken_home(
    visit: Visit, axe: str, text: str
) -> None:
    page = visit("match")
    paste(page, text)
    finished(page)
    count = text.count("\n")
    lines = page.locator("tr[data-number]")
    assert lines.count() == count
    assert sum(int(each) for each in page.locator("[data-count]").all_inner_texts()) == count
    fits_without_barrier(page, axe)

    page.locator("#start").click()
    to_review = page.locator("tr[data-decision=review]")
    waiting = int(page.locator("[data-count=review]").inner_text())
    assert waiting == to_review.count() >= 2
    first, second = to_review.nth(0), to_review.nth(1)
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(first).not_to_be_focused()
    page.keyboard.press("k")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(first.locator("input[data-key=Enter]")).to_be_checked()
    expect(page.locator("#told")).to_contain_text(f"Ligne {first.get_attribute('data-number')}")
    expect(first).to_contain_text("choisie par vous")
    expect(second).to_be_focused()
    page.keyboard.press("n")
    expect(second.locator("input[data-key=n]")).to_be_checked()
    expect(second).to_contain_text("aucune, par vous")
    expect(page.locator("[data-count=review]")).to_have_text(str(waiting - 2))

    page.get_by_role("radio", name="à vérifier").check()
    assert page.locator("tr[data-decision=accept]").first.is_hidden()
    expect(first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger la liste en CSV").first.click()
    by_number = dict(
        zip((each.get_attribute("data-number") for each in lines.all()), rows(download.value), strict=True)
    )
    accepted, refused = (by_number[each.get_attribute("data-number")] for each in (first, second))
    assert (accepted["match_decision"], accepted["match_reviewed"]) == ("accept", "yes")
    assert (refused["match_decision"], refused["match_siren"], refused["match_reviewed"]) == (
        "none",
        "",
        "yes",
    )
    assert sum(row["match_decision"] == "review" for row in by_number.values()) == waiting - 2


def test_the_other_companies_are_chosen_by_their_numbers(visit: Visit, text: str) -> None:
    page = visit("match")
    paste(page, text)
    finished(page)
    row = page.locator("tr[data-number]:has(input[data-key='1'])").first
    row.focus()
    page.keyboard.press("1")
    expect(row.locator("input[data-key='1']")).to_be_checked()
    # In the group of radio buttons the arrows are the browser's, and Enter sends nothing.
    row.locator("input[data-key='1']").focus()
    page.keyboard.press("ArrowDown")
    expect(row.locator("input[data-key='1']")).not_to_be_checked()
    chosen = row.locator("input:checked").get_attribute("value")
    page.keyboard.press("Enter")
    expect(row).not_to_be_focused()
    assert row.locator("input:checked").get_attribute("value") == chosen, "what was chosen by hand stays"
    expect(page).to_have_url(re.compile("/rapprocher/resultat"))


@pytest.mark.parametrize("width", [360, 1440])
def test_without_javascript_a_list_is_matched_and_taken_home(visit: Visit, text: str, width: int) -> None:
    page = visit("match", width, script=False)
    paste(page, text)
    lines = page.locator("tr[data-number]")
    expect(lines).to_have_count(text.count("\n"))
    assert page.evaluate(WIDE) <= 0
    assert page.locator("progress").count() == 0
    row = page.locator("tr[data-decision=review]").first
    row.get_by_role("radio", name="aucune d’elles").check()
    number = row.get_attribute("data-number")
    numbers = [each.get_attribute("data-number") for each in lines.all()]
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger la liste en CSV").first.click()
    assert rows(download.value)[numbers.index(number)]["match_reviewed"] == "yes"


def test_a_file_is_chosen_and_one_that_is_too_large_is_not_sent(visit: Visit, text: str) -> None:
    page = visit("match")
    large = {"name": "large.csv", "mimeType": "text/csv", "buffer": b"nom\n" + b"A" * MAX_BYTES}
    page.get_by_label("Ou choisissez un fichier").set_input_files(large)
    page.get_by_role("button", name="Trouver les entreprises").click()
    assert "trop lourde" in page.locator("#fichier").evaluate("each => each.validationMessage")
    expect(page).to_have_url(re.compile("/rapprocher$"))
    small = {"name": "clients.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252", errors="replace")}
    page.get_by_label("Ou choisissez un fichier").set_input_files(small)
    page.get_by_role("button", name="Trouver les entreprises").click()
    finished(page)


def test_what_is_wrong_with_a_list_is_said_above_it(visit: Visit, axe: str) -> None:
    page = visit("match")
    page.on("console", lambda _message: None)
    paste(page, "prix;ville\n12;Lyon")
    expect(page.get_by_role("alert")).to_contain_text("Aucune colonne n’a de noms")
    expect(page.get_by_label("Collez la liste")).to_have_value("prix;ville\n12;Lyon")
    page.evaluate(axe)
    assert page.evaluate(AXE) == []


def test_a_page_that_must_wait_goes_on_and_one_that_fails_can(visit: Visit, text: str) -> None:
    page = visit("match")
    answers = iter((429, 503))

    def answer(route: Route) -> None:
        if status := next(answers, None):
            route.fulfill(status=status, headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route("**/rapprocher/lignes", answer)
    paste(page, text)
    expect(page.locator("#failed")).to_be_visible()
    page.get_by_role("button", name="Continuer").click()
    finished(page)
    assert page.locator("tr[data-number]").count() == text.count("\n")


def test_nothing_is_lost_by_closing_a_page_without_being_asked(visit: Visit, text: str) -> None:
    page = visit("match")
    paste(page, text)
    finished(page)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("tr[data-decision=review] input[type=radio]").first.check()
    page.get_by_role("link", name="Une autre liste").click(no_wait_after=True)
    expect(page).to_have_url(re.compile("/rapprocher/resultat"))
    assert asked == ["beforeunload"]


@pytest.fixture
def operator(
    browser: Browser, site: dict[str, str], shared_database: dict[str, str], text: str
) -> Iterator[Callable[[str], Page]]:
    """operator("/admin/exploitation"): the page, opened by who has logged in."""
    account = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "DJANGO_SUPERUSER_EMAIL": ""}
    commands.run(shared_database | account, "createsuperuser", "--noinput", "--username", ACCOUNT)
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", locale="fr-FR"
    )
    page = context.new_page()
    page.complaints = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.complaints.append(message.text))  # type: ignore[attr-defined]

    def opened(path: str) -> Page:
        page.goto(site["root"] + path)
        if "/admin/login" in page.url:
            page.locator("#id_username").fill(ACCOUNT)
            page.locator("#id_password").fill(PASSWORD)
            page.locator("[type=submit]").click()
            page.wait_for_url(f"**{path}")
        return page

    yield opened
    context.close()


def test_the_operator_logs_in_and_finds_imports_rejects_and_what_the_checks_say(
    operator: Callable[[str], Page], axe: str
) -> None:
    page = operator("/admin/exploitation")
    expect(page.get_by_role("heading", name="Derniers imports")).to_be_visible()
    expect(page.locator(".facts").first).to_contain_text("à jour")
    fits_without_barrier(page, axe)
    page.get_by_role("button", name="Lancer search_status").click()
    expect(page.locator("#check")).to_contain_text("Génération")
    page.get_by_role("button", name="Lancer doctor").click()
    expect(page.locator("#check")).to_contain_text("migrations")
    expect(page.locator("#check")).to_be_focused()
    expect(page).to_have_url(re.compile("/admin/exploitation$"))
    fits_without_barrier(page, axe)
    page.locator(".grid a").first.click()
    expect(page.get_by_role("heading", name="Enregistrements rejetés")).to_be_visible()
    fits_without_barrier(page, axe)
    page.get_by_label("Motif").select_option("siren-key")
    page.get_by_role("button", name="Filtrer").click()
    expect(page).to_have_url(re.compile("motif=siren-key"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Les télécharger tous en CSV").click()
    assert "'=73282932" in Path(download.value.path()).read_text(encoding="utf-8-sig")
