"""Every page of docs/ is in its index, leads to places that there are, and a how-to says what to do if it fails."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

DOCS = CHECKOUT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *CHECKOUT.glob("*.md")])
HOW_TOS = sorted((DOCS / "howto").glob("*.md"))
TROUBLE = "troubleshoot.md"  # the whole page is what to do


def name(page: Path) -> str:
    return str(page.relative_to(CHECKOUT))


def text_of(page: Path) -> str:
    """Without its blocks of code, where nothing is a link or a heading."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def headings(page: Path) -> Iterator[str]:
    """As links name them: small letters, hyphens for spaces, no other signs."""
    for line in re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_its_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text_of(page)):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not heading or heading in set(headings(target)), link


def test_the_index_has_each_page() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (DOCS / "README.md").read_text())
    named = {(DOCS / link).resolve() for link in links}
    assert not [
        name(page) for page in PAGES if DOCS in page.parents and page not in {*named, DOCS / "README.md"}
    ]


@pytest.mark.parametrize("page", [page for page in HOW_TOS if page.name != TROUBLE], ids=name)
def test_a_how_to_says_what_to_do_if_it_fails(page: Path) -> None:
    assert "\n## If it fails\n" in page.read_text()


def test_the_readme_leads_to_each_switch_and_to_the_index() -> None:
    readme = (CHECKOUT / "README.md").read_text()
    steps = re.findall(r"^- \*\*On\*\*.*$", (DOCS / "howto" / "grow.md").read_text(), re.MULTILINE)
    switches = {page for step in steps for page in re.findall(r"\]\(([\w-]+\.md)", step)}
    assert len(switches) > 7
    for page in {*switches, "grow.md"}:
        assert f"docs/howto/{page}" in readme
    assert "(docs/README.md)" in readme


@pytest.mark.parametrize("page", ["settings.md", "metrics.md"])
def test_a_reference_has_each_name_once(page: str) -> None:
    text = (DOCS / "reference" / page).read_text()
    names = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert len(names) > 20
    assert sorted(names) == sorted(set(names))


def test_the_page_about_pages_has_each_of_their_modules() -> None:
    text = (DOCS / "reference" / "web.md").read_text()
    modules = [path.name for path in (CHECKOUT / "foxreviews" / "web").glob("[a-z]*.py")]
    assert not [module for module in modules if f"`{module}`" not in text]
