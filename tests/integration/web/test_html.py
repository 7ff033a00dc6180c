"""The HTML of every kind of page, held to the W3C's own checker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from benchmarks.pages import html_checker, npm_packages
from foxreviews.enterprise import comptages
from foxreviews.enterprise.models import Entreprise
from tests.integration.web.test_pages import ADDRESSES

pytestmark = pytest.mark.django_db


def test_every_kind_of_page_is_valid_html_in_both_languages(
    client: Client, scene: Entreprise, person: Entreprise, etablissement: Callable[..., Any], tmp_path: Path
) -> None:
    etablissement(person.siren, 10, est_siege=True)
    comptages.refresh()
    addresses = (
        *ADDRESSES, f"/entreprise/{person.siren}", f"/etablissement/{person.siren}00010", "/nothing",
        "/entreprise/777777770", "/recherche?departement=000",
    )  # fmt: skip
    files = []
    for number, path in enumerate(f"{prefix}{each}" for prefix in ("", "/en") for each in addresses):
        page = client.get(path.format(siren=scene.siren), follow=True)
        file = tmp_path / f"{number:02}{path.translate(dict.fromkeys(map(ord, '/?{}'), '_'))}.html"
        file.write_bytes(page.content)
        files.append(file)
    wrong = tmp_path / "wrong.html"
    wrong.write_text("<!doctype html><html lang=fr><title>a</title><p><div></p>")
    try:
        found = html_checker.problems([*files, wrong])
    except npm_packages.MissingPackageError as error:
        pytest.skip(f"no checker of HTML: {error}")
    assert [each for each in found if not each.startswith("wrong.html")] == []
    assert found, "what is wrong is seen"
