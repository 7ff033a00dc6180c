"""What a person meets: no barrier, no page wider than its screen, a keyboard that suffices, and JavaScript or none."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Visit = Callable[..., Page]
NAMES = (
    "home", "results", "local results", "nothing", "company", "hidden company", "establishment", "town",
    "departement", "activities", "division", "activity", "statistics", "statistics of a part", "ceased included",
    "match", "components", "error", "english",
)  # fmt: skip
WIDTHS, AXE_WIDTHS, THEMES = (320, 360, 768, 1440, 3840), (360, 768, 1440), ("light", "dark")
# Pixels beyond the screen: of the page, and of the boxes in it, also where they are clipped. A line is no box: forty
# accents on one letter cannot be broken. What is in a region that scrolls by itself may be wider than that.
WIDE = """() => Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll("main *")]
    .filter(each => each instanceof HTMLElement && !getComputedStyle(each).display.startsWith("inline"))
    .filter(each => !each.matches(".unseen, .unseen *, .scroll *"))
    .map(each => Math.floor(each.getBoundingClientRect().right))) - document.documentElement.clientWidth"""
SHIFT = """() => new Promise(resolve => {
    let sum = 0;
    new PerformanceObserver(list => list.getEntries().forEach(each => sum += each.value))
        .observe({type: 'layout-shift', buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
})"""
AXE = """() => axe.run(document, {resultTypes: ['violations']}).then(found =>
    found.violations.map(each => [each.id, each.impact, each.nodes.map(node => node.html).slice(0, 3)]))"""


@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_barrier_and_fits_its_screen_in_both_themes(visit: Visit, axe: str, name: str) -> None:
    page = visit(name)
    assert page.evaluate(SHIFT) < 0.02
    page.evaluate(axe)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(WIDE) <= 0, width
        for theme in THEMES if width in AXE_WIDTHS else ():
            page.emulate_media(color_scheme=theme)
            assert page.evaluate(AXE) == [], (width, theme)
    assert page.complaints == []  # type: ignore[attr-defined]


def test_without_javascript_a_visitor_finds_narrows_and_turns_pages(visit: Visit) -> None:
    page = visit("home", 360, script=False)
    page.get_by_role("searchbox").fill("boulangerie")
    page.get_by_role("button", name="Chercher").click()
    expect(page).to_have_url(re.compile(r"/recherche\?q=boulangerie"))
    count = page.locator("#summary strong").inner_text()
    page.get_by_role("link", name="Page suivante").click()
    expect(page.locator("#summary strong")).to_have_text(count)
    page.get_by_role("link", name="Page précédente").click()
    page.locator(".facet a").first.click()
    expect(page).to_have_url(re.compile("departement="))
    page.locator(".hits a").first.click()
    expect(page.locator(".facts")).to_contain_text("SIREN")
    assert page.locator("button.copy:visible").count() == 0


def test_from_everywhere_a_phone_reaches_the_rest_of_the_site(visit: Visit) -> None:
    page = visit("company", 360, script=False)
    link = page.locator("header").get_by_role("link", name="Statistiques")
    assert link.is_hidden()
    page.get_by_role("button", name="Menu").click()
    assert all(each.bounding_box()["height"] >= 44 for each in page.locator("#menu a").all())
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    link.click()
    expect(page).to_have_url(re.compile("/statistiques$"))
    page.set_viewport_size({"width": 768, "height": 900})
    assert page.get_by_role("button", name="Menu").is_hidden()
    expect(page.locator("header").get_by_role("link", name="Rapprocher une liste")).to_be_visible()


def test_on_a_phone_the_filters_below_the_list_are_one_touch_away(visit: Visit) -> None:
    page = visit("results", 360, script=False)
    page.get_by_role("link", name="Affiner la liste").click()
    expect(page.locator(".facet summary").first).to_be_in_viewport()
    page.set_viewport_size({"width": 1440, "height": 900})
    assert page.get_by_role("link", name="Affiner la liste").is_hidden(), "they stand beside it"


def test_suggestions_are_chosen_by_the_keyboard(visit: Visit, axe: str) -> None:
    page = visit("home")
    box = page.get_by_role("combobox")
    box.focus()
    page.keyboard.type("lyo")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#told")).to_contain_text("suggestions")
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "suggested-1")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("n")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    address = options.first.get_attribute("data-url")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(str(address).partition("-")[0])))


def test_enter_without_a_choice_searches(visit: Visit) -> None:
    page = visit("home")
    page.get_by_role("combobox").fill("boulangerie")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/recherche\?q=boulangerie"))


def test_a_list_changes_in_place_and_only_its_summary_is_told(visit: Visit) -> None:
    page = visit("results")
    page.evaluate("window.same = true")
    before = page.locator("#summary").inner_text()
    page.locator(".facet a").first.click()
    expect(page).to_have_url(re.compile("departement="))
    expect(page.locator("#summary")).not_to_have_text(before)
    assert page.evaluate("window.same")
    assert page.locator("[role=status], [aria-live]").count() == 2, (
        "the summary, and what is copied or suggested"
    )
    assert page.complaints == []  # type: ignore[attr-defined]
    page.locator(".parts .filter a").click()
    expect(page.locator("#summary")).to_have_text(before)
    for _ in range(2):
        address = page.url
        step(page, "back")
        expect(page).not_to_have_url(address)
    expect(page).to_have_url(re.compile(r"/recherche\?q=boulangerie$"))
    expect(page.locator("#summary")).to_have_text(before)


def step(page: Page, way: str) -> None:
    """Back or forward in the history, until the page there is loaded."""
    page.evaluate("way => { window.before = true; setTimeout(() => history[way]()); }", way)
    page.wait_for_function("() => !window.before && document.readyState === 'complete'")


def test_what_stands_around_a_list_that_changes_in_place_changes_too(visit: Visit) -> None:
    page = visit("local results")
    page.get_by_role("link", name="Retirer lyon").click()
    expect(page).to_have_url(re.compile(r"/recherche\?q=restaurant$"))
    expect(page.locator("h1")).to_have_text("Résultats pour restaurant")
    expect(page.locator("#language")).to_have_attribute("href", "/en/recherche?q=restaurant")
    expect(page.locator("#links a[type='application/json']")).to_have_attribute(
        "href", re.compile("q=restaurant&")
    )
    assert page.locator("h1, #language, #links").count() == 3
    assert page.complaints == []  # type: ignore[attr-defined]


NEAR = "place => Math.abs(window.scrollY - place) < 60"


@pytest.mark.parametrize("script", [True, False])
def test_back_and_forward_keep_the_place(visit: Visit, script: bool) -> None:
    page = visit("results", 360, script=script)
    hit = page.locator(".hits h2 a").nth(15)
    hit.scroll_into_view_if_needed()
    place = page.evaluate("window.scrollY")
    assert place > 500
    hit.click()
    expect(page.locator(".facts").first).to_be_visible()
    page.go_back()
    page.wait_for_function(NEAR, arg=place)


def test_back_and_forward_keep_the_place_where_a_list_has_changed_in_place(visit: Visit) -> None:
    page = visit("results", 360)
    following = page.get_by_role("link", name="Page suivante")
    following.scroll_into_view_if_needed()
    place = page.evaluate("window.scrollY")
    assert place > 500
    following.click()
    expect(page).to_have_url(re.compile("cursor="))
    page.wait_for_function(NEAR, arg=0)
    page.evaluate("window.scrollTo(0, 600)")
    page.wait_for_function("() => history.state.place > 500")
    step(page, "back")
    expect(page).to_have_url(re.compile(r"/recherche\?q=boulangerie$"))
    page.wait_for_function(NEAR, arg=place)
    step(page, "forward")
    expect(page).to_have_url(re.compile("cursor="))
    page.wait_for_function(NEAR, arg=600)
    page.wait_for_function("() => history.scrollRestoration === 'auto'")
    assert page.complaints == []  # type: ignore[attr-defined]


# Of what has the focus, "" where it can be seen: by its outline, or as a tile of a map by its edge
UNSEEN_FOCUS = """() => {
    const each = document.activeElement;
    const style = getComputedStyle(each);
    const tile = each.closest("svg") && each.querySelector("rect");
    const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        || tile && parseFloat(getComputedStyle(tile).strokeWidth) >= 3;
    return each === document.body || isSeen ? "" : each.outerHTML.slice(0, 200);
}"""


@pytest.mark.parametrize("name", ["home", "results", "company", "statistics", "match"])
def test_what_the_keyboard_is_on_can_be_seen(visit: Visit, name: str) -> None:
    page = visit(name)
    met = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        met.add(page.evaluate("document.activeElement.outerHTML"))
        assert page.evaluate(UNSEEN_FOCUS) == ""
    assert len(met) > 12


INK = "() => getComputedStyle(document.body).color.match(/[0-9.]+/g).slice(0, 3).map(Number)"


def test_printed_a_company_is_its_facts_its_address_and_nothing_to_click_on(
    visit: Visit, site: dict[str, str]
) -> None:
    page = visit("company", theme="dark")
    address = page.url
    page.emulate_media(media="print", color_scheme="dark")
    for unseen in ("nav", ".search", ".copy", ".paging", "footer .links", ".box"):
        assert page.locator(unseen).filter(visible=True).count() == 0, unseen
    for seen in ("h1", ".facts", "#etablissements", ".printed"):
        assert page.locator(seen).first.is_visible(), seen
    assert page.locator(".printed").inner_text() == address
    assert address.startswith(site["root"])
    assert max(page.evaluate(INK)) < 100, "dark ink, also where the screen is dark"


def test_taking_a_word_out_takes_it_out_of_the_search_box(visit: Visit) -> None:
    page = visit("local results")
    page.get_by_role("link", name="Retirer lyon").click()
    expect(page.locator("#q")).to_have_value("restaurant")


def test_the_first_tab_leads_to_the_content(visit: Visit) -> None:
    page = visit("company")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_number_is_copied_by_its_button(visit: Visit) -> None:
    page = visit("company")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("button.copy").nth(1)
    number = button.get_attribute("data-copy")
    button.click()
    expect(page.locator("#told")).to_have_text(str(number))
    assert page.evaluate("navigator.clipboard.readText()") == number


def test_a_page_is_five_requests_and_none_to_others(visit: Visit, site: dict[str, str]) -> None:
    page = visit("home")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_load_state("networkidle")
    assert len({*asked}) <= 5
    assert all(url.startswith(site["root"]) for url in asked)


def test_figures_are_narrowed_and_widened_without_javascript(visit: Visit) -> None:
    page = visit("statistics", 360, script=False)
    whole = page.locator(".figures dd").first.inner_text()
    page.locator(".bars a").first.click()
    expect(page).to_have_url(re.compile(r"/statistiques\?region="))
    page.locator(".tiles a").nth(12).click()
    expect(page).to_have_url(re.compile(r"/statistiques\?departement="))
    page.locator(".chart summary").first.click()
    expect(page.locator(".chart tbody tr").first).to_be_visible()
    page.get_by_role("link", name="Retirer").click()
    expect(page.locator(".figures dd").first).to_have_text(whole)


def test_a_list_is_taken_along_whole_as_csv_and_as_a_feed(visit: Visit, site: dict[str, str]) -> None:
    page = visit("results", script=False)
    total = int(re.sub(r"\D", "", page.locator("#summary strong").inner_text()))
    table = page.request.get(site["root"] + str(page.get_by_role("link", name="CSV").get_attribute("href")))
    assert table.status == 200
    assert len(table.text().splitlines()) == total + 1
    feed = page.locator("link[type='application/atom+xml']").get_attribute("href")
    answer = page.request.get(site["root"] + str(feed))
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert answer.text().count("<entry>") == min(total, 50)
