#!/usr/bin/env python
"""Take docs/images and the card of links from the pages of a running server: make images PORT=8000 (next to make demo).

The companies are those of the demo: invented. The browser is the system's Chromium.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

CHECKOUT = Path(__file__).resolve().parents[1]
IMAGES = CHECKOUT / "docs" / "images"
CARD = CHECKOUT / "foxreviews" / "web" / "static" / "web" / "card.png"
MARK = CARD.with_name("favicon.svg")
MAX_BYTES = 80_000
SIZE = {"width": 800, "height": 560}
PAGES = {
    "home.png": ("/", "light"),
    "results.png": ("/recherche?q=boulangrie+paris", "light"),
    "company.png": ("", "dark"),  # the first one of the results
}
CARD_PAGE = """<!doctype html><style>
body { margin: 0; height: 630px; display: grid; place-content: center; justify-items: center; background: #fbf4ec;
  color: #221c18; font: 700 84px "Iowan Old Style", Charter, Georgia, "DejaVu Serif", serif; }
svg { width: 220px; height: 220px; } p { margin: 24px 0 0; font: 40px system-ui, sans-serif; color: #5f554e; }
</style>%s foxreviews<p>Toutes les entreprises de France</p>"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8000, help="where the server answers")
    port = parser.parse_args().port
    program = shutil.which("chromium")
    if program is None:
        print("There is no Chromium. Type: sudo apt-get install chromium", file=sys.stderr)
        return 2
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium has none for root
        browser = playwright.chromium.launch(executable_path=program, args=sandbox)
        _take_pages(browser, f"http://127.0.0.1:{port}")
        _take_card(browser)
        browser.close()
    heavy = [path for path in (*IMAGES.glob("*.png"), CARD) if path.stat().st_size > MAX_BYTES]
    for path in heavy:
        print(f"{path} has {path.stat().st_size:,} bytes, more than {MAX_BYTES:,}.", file=sys.stderr)
    return 1 if heavy else 0


def _take_pages(browser: Browser, root: str) -> None:
    results, _ = PAGES["results.png"]
    for name, (path, theme) in PAGES.items():
        page = browser.new_page(viewport=SIZE, color_scheme=theme)
        page.goto(root + (path or results))
        if not path:
            page.locator(".hits a").first.click()
            page.wait_for_load_state()
        page.screenshot(path=IMAGES / name)
        page.close()


def _take_card(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 630})
    page.set_content(CARD_PAGE % MARK.read_text())
    page.screenshot(path=CARD)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
