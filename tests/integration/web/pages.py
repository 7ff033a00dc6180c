"""What a page says, read as a browser reads it."""

import gzip
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source"}


@dataclass
class Page(HTMLParser):
    """A parsed page: its tags, its text without scripts, and what is wrong in its nesting."""

    html: str
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attributes]
        if len({*names}) < len(names):
            self.wrong.append(f"{tag} has an attribute twice")
        self.tags.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if "script" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).replace("\xa0", " ").replace("\u202f", " ").split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            found
            for name, found in self.tags
            if name == tag and all(found.get(key) == value for key, value in wanted.items())
        ]

    def links(self) -> set[str]:
        """The paths that the page leads to, without places in pages."""
        found = {each["href"].partition("#")[0] for each in self.all("a")}
        return {path for path in found if path.startswith("/")}

    def structured(self) -> list[dict[str, Any]]:
        (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', self.html, re.DOTALL)
        graph: list[dict[str, Any]] = json.loads(text)["@graph"]
        return graph


def read(response: HttpResponse) -> Page:
    return Page(response.content.decode())


def compressed(response: HttpResponse) -> int:
    """Bytes on the wire."""
    return len(gzip.compress(response.content))
