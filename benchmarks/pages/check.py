"""Whether the pages of a running server hold: valid HTML by the Nu Html Checker, Lighthouse's scores on a phone.

    make check-pages PORT=8000     next to make demo
    .venv/bin/python -m benchmarks.pages.check --json    as JSON, for programs

Each kind of page is looked at in both languages, and measured by Lighthouse as on a slow phone; an error it does not
measure. Exits 0 where all pages are valid and no score is below 98, else 1. Both programs come from npm, once.
"""

import json
import re
import sys
import tempfile
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import command
from benchmarks.pages import html_checker, lighthouse
from foxreviews.core.errors import FoxreviewsError

LIMIT = 98  # of 100, each category of Lighthouse
RESULTS = "/recherche?q=boulangerie"
UNLISTED = {"results", "nothing found", "components"}  # search engines are told to leave them out
# Kinds of pages that others lead to: a link on a page of that kind
FOUND = {
    "company": ("results", r'href="(/entreprise/[^"?#]+)"'),
    "establishment": ("company", r'href="(/etablissement/[^"?#]+)"'),
    "town": ("home", r'href="(/ville/[^"?#]+)"'),
    "département": ("home", r'href="(/departement/[^"?#]+)"'),
    "activity": ("home", r'href="(/activite/[^"?#]+)"'),
    "division": ("activities", r'href="(/activite/[^"?#]+)"'),
}


class Site:
    """A server on this machine, and what its pages have answered."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.root = f"http://127.0.0.1:{port}"

    def get(self, path: str) -> str:
        """The HTML of a page, also of an error. Raises FoxreviewsError where nothing answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except (OSError, HTTPException) as error:
            raise FoxreviewsError(
                f"Nothing answers at {self.root} ({error}). First, beside this: make demo PORT={self.port}"
            ) from error
        finally:
            connection.close()

    def paths(self) -> dict[str, str]:
        """A page of each kind."""
        paths = {
            "home": "/", "results": RESULTS, "nothing found": "/recherche?q=boulangerie+xqzwvk",
            "activities": "/activites", "statistics": "/statistiques", "match": "/rapprocher", "components": "/style",
            "error": "/nothing-here",
        }  # fmt: skip
        for kind, (on, link) in FOUND.items():
            if on in paths and (found := re.search(link, self.get(paths[on]))):
                paths[kind] = found[1]
        return paths


def main(arguments: Sequence[str] | None = None) -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--port", type=int, default=8000, help="where the server answers on this machine")
    parser.add_argument("--json", action="store_true", help="print it as JSON, for programs")
    options = parser.parse_args(arguments)
    site = Site(options.port)
    paths = site.paths()
    invalid = html_problems(site, paths)
    scores: dict[str, dict[str, Any]] = {
        kind: lighthouse.scores(site.root + path, is_indexed=kind not in UNLISTED)
        for kind, path in paths.items()
        if kind != "error"
    }
    holds = not invalid and all(
        each[name] >= LIMIT for each in scores.values() for name in lighthouse.CATEGORIES
    )
    if options.json:
        found = {"holds": holds, "pages": [*paths], "invalid": invalid, "lighthouse": scores, "limit": LIMIT}
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        _show(len(paths), invalid, scores)
    return 0 if holds else 1


def html_problems(site: Site, paths: dict[str, str]) -> list[str]:
    """What the Nu Html Checker says of each page, in both languages."""
    with tempfile.TemporaryDirectory(prefix="foxreviews-pages-") as folder:
        files = []
        for kind, path in paths.items():
            for language, address in (("fr", path), ("en", f"/en{path}")):
                file = Path(folder) / f"{kind.replace(' ', '-')}.{language}.html"
                file.write_text(site.get(address), encoding="utf-8")
                files.append(file)
        return html_checker.problems(files)


def _show(pages: int, invalid: list[str], scores: dict[str, dict[str, Any]]) -> None:
    console = Console(file=sys.stdout, highlight=False)
    console.print(f"HTML of {pages} kinds of pages in two languages: {len(invalid) or 'no'} problems")
    for each in invalid:
        console.print(f"  {each}", markup=False)
    table = Table(title=f"Lighthouse, as on a phone; the limit is {LIMIT}")
    for name in ("page", *lighthouse.CATEGORIES, "does not hold"):
        table.add_column(name, justify="right" if name in lighthouse.CATEGORIES else "left")
    for kind, found in scores.items():
        cells = [
            f"{found[name]}" if found[name] >= LIMIT else f"[bold red]{found[name]}[/]"
            for name in lighthouse.CATEGORIES
        ]
        table.add_row(kind, *cells, ", ".join(found["failed"]))
    console.print(table)


if __name__ == "__main__":
    command.run(main)
