"""Static files have a hash of their content in their names, and are kept for good under them."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import find
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.test import Client

from foxreviews.web import assets
from foxreviews.web.assets import HashedFiles

pytestmark = pytest.mark.django_db
CSS = "web/site.css"


def content(client: Client, address: str) -> tuple[int, bytes, str]:
    with closing(client.get(address)) as response:
        body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, body, response["Cache-Control"]


def test_a_page_names_files_that_browsers_and_a_cdn_keep_for_good(client: Client) -> None:
    links = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text))
    assert links
    for link in links:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", link)
        assert content(client, link)[2] == "max-age=315360000, public, immutable"
    assert static(CSS) in links
    assert content(client, static(CSS))[1] == Path(str(find(CSS))).read_bytes()


def test_under_its_plain_name_a_file_is_there_for_a_minute(client: Client) -> None:
    assert content(client, f"/static/{CSS}")[2] == "max-age=60, public"


@pytest.mark.parametrize("name", ["web/site.000000000000.css", "web/nothing.3f2a91c04b7d.css", "web/", ""])
def test_a_name_that_no_content_has_is_not_there(client: Client, name: str) -> None:
    status, _, control = content(client, f"/static/{name}")
    assert (status, control) == (404, "no-store")


def test_another_content_is_another_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = set()
    for text in ("a {}", "b {}"):
        (tmp_path / "site.css").write_text(text)
        monkeypatch.setattr(assets.finders, "find", lambda _name: tmp_path / "site.css")
        assets._hashed.cache_clear()
        names.add(staticfiles_storage.url(CSS))
    assets._hashed.cache_clear()
    assert len(names) == 2


def test_while_a_page_is_being_written_names_are_plain(settings: Any) -> None:
    settings.DEBUG = True
    assert static(CSS) == f"/static/{CSS}"


def test_a_cdn_is_named_before_the_same_names() -> None:
    at_cdn = HashedFiles(base_url="https://cdn.example.org/static/").url(CSS)
    assert at_cdn == f"https://cdn.example.org{static(CSS)}"


@pytest.mark.parametrize("address", ["/admin/login/", "/api/docs/"])
def test_what_other_pages_name_is_there_too(client: Client, address: str) -> None:
    links = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get(address).text))
    assert links
    assert {content(client, link)[0] for link in links} == {200}
