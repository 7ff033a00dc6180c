"""The first page, and what browsers and robots look for at the root of a site."""

import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.templatetags.static import static
from django.test import Client

from foxreviews.importing.models import ImportRun

pytestmark = pytest.mark.django_db
Company = Callable[..., Any]
NOT_ALLOWED = re.compile(r"<(script|style)\b|\son\w+=|\sstyle=|javascript:|https?://", re.IGNORECASE)


@pytest.mark.parametrize(
    ("address", "accepted", "language"),
    [
        ("/", "", "fr"),
        ("/", "en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("/", "de, fr-CA;q=0.5", "fr"),
        ("/", "de", "fr"),
        ("/fr/", "en", "fr"),
        ("/en/", "fr", "en"),
    ],
)
def test_the_page_speaks_the_language_of_its_address_or_of_the_browser(
    client: Client, address: str, accepted: str, language: str
) -> None:
    page = client.get(address, headers={"Accept-Language": accepted})
    assert (page.status_code, page["Content-Language"]) == (200, language)
    assert f'<html lang="{language}">' in page.text
    assert ("Accept-Language" in page.get("Vary", "")) == (address == "/")


def test_it_searches_and_says_how_much_there_is_and_how_old(client: Client, company: Company) -> None:
    assert "annuaire est vide" in client.get("/fr/").text
    company("LE FOURNIL", ville_nom="Lyon")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 4000000 WHERE relname = 'enterprise_entreprise'")
    ended = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)  # the 29th in Paris
    ImportRun.objects.create(source="FILE", status=ImportRun.Status.DONE, finished_at=ended)
    french, english = client.get("/fr/").text, client.get("/en/").text
    assert '<form action="/api/entreprises/"' in french
    assert "4\u202f000\u202f000" in french.replace("\xa0", "\u202f")
    assert "29 novembre 2026" in french
    assert "4,000,000" in english
    assert "29 November 2026" in english
    assert "invented" not in english


def test_it_says_that_invented_companies_are_invented(client: Client, company: Company) -> None:
    company("LE FOURNIL", ville_nom="Saint-Aubin-la-Fictive")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 1 WHERE relname = 'enterprise_entreprise'")
    assert "these companies are invented" in client.get("/en/").text


@pytest.mark.parametrize("address", ["/fr/", "/en/", "/no-such-page"])
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(client: Client, address: str) -> None:
    page = client.get(address)
    policy = page["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not NOT_ALLOWED.search(page.text)


def test_every_link_of_the_page_answers(client: Client) -> None:
    links = {*re.findall(r'(?:href|action)="(/[^"]*)"', client.get("/").text)}
    assert {"/api/docs/", "/api/schema/", "/en/"} <= links
    files = {link for link in links if link.startswith("/static/")}
    for link in links - files:
        assert client.get(link).status_code == 200, link
    for link in files:
        with closing(client.get(link)) as answer:
            assert answer.status_code == 200, link


def test_robots_and_icons_are_answered(client: Client) -> None:
    robots = client.get("/robots.txt")
    assert (robots.status_code, robots["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert "Disallow: /api/" in robots.text
    assert client.get("/favicon.ico")["Location"] == static("web/favicon.svg")


@pytest.mark.parametrize("address", ["/health", "/health/"])
def test_health_is_whether_it_is_ready(client: Client, address: str) -> None:
    assert client.get(address).json()["status"] in {"ready", "degraded", "unready"}
    assert client.get(address).json().keys() == client.get("/health/ready").json().keys()
