"""What a visitor sees where something is wrong, from the real server: each in the design of the pages."""

import os
from functools import partial
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path

import psycopg
import pytest

from foxreviews.localdb.cluster import Cluster
from tests import commands
from tests.acceptance.web import Server, serving
from tests.integration.web.pages import Page
from tests.waiting import DEADLINE, wait_until

DOUBLE = "INSERT INTO enterprise_doublon (siren, doublon_de) VALUES ('777777770', '666666660')"
COMPANY = (
    "INSERT INTO enterprise_entreprise (siren, nom, departement) VALUES ('732829320', 'LE FOURNIL', '69')"
)
PAGES = ("/", "/recherche?q=fournil", "/entreprise/732829320-le-fournil", "/statistiques", "/recherche.atom",
         "/departement/69-rhone", "/en/recherche?q=fournil")  # fmt: skip
STOPPED = ("/", "/en/recherche?q=fournil", "/entreprise/732829320-le-fournil", "/statistiques")
LIMIT = 3


def get(server: Server, path: str, **headers: str) -> tuple[int, HTTPMessage, Page]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    try:
        connection.request(
            "GET", path, headers={name.replace("_", "-"): each for name, each in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.headers, Page(answer.read().decode())
    finally:
        connection.close()


def check(status: int, headers: HTTPMessage, page: Page, path: str) -> None:
    """A whole page: it can be read, searched from, styled, and is kept by nobody."""
    assert headers["Content-Type"] == "text/html; charset=utf-8", path
    assert headers["Cache-Control"] == "no-store", path
    assert "default-src 'self'" in headers["Content-Security-Policy"], path
    assert "Set-Cookie" not in headers, path
    assert page.all("html") == [{"lang": "en" if path.startswith("/en/") else "fr"}]
    assert len(page.all("input", name="q")) == len(page.all("h1")) == 1
    assert page.all("link", rel="stylesheet")
    assert "noindex" in page.all("meta", name="robots")[0]["content"]
    assert str(status) in page.text
    assert (page.wrong, page.open) == ([], [])


@pytest.mark.usefixtures("made_before")
def test_each_error_is_a_page_also_while_the_database_is_stopped(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start()
    environment = os.environ | {
        "DATABASE_URL": cluster.url, "SECRET_KEY": "x" * 50, "TRUSTED_PROXIES": "1", "THROTTLE_RATE": f"{LIMIT}/hour",
        **{name: str(tmp_path / name) for name in ("SEARCH_INDEX_DIR", "LOG_DIR", "BACKUP_DIR")},
    }  # fmt: skip
    assert commands.run(environment, "migrate", "--verbosity", "0").returncode == 0
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(COMPANY)
        connection.execute(DOUBLE)
    with serving(environment, tmp_path / "web.log") as server:
        for path in PAGES:
            assert get(server, path)[0] == 200, path
        for path, status in (
            ("/nothing", 404), ("/en/entreprise/111111111", 404), ("/entreprise/777777770", 410),
            ("/en/entreprise/777777770", 410), ("/recherche?departement=000", 400),
        ):  # fmt: skip
            answer = get(server, path)
            assert answer[0] == status, path
            check(*answer, path)

        many = [get(server, "/activites", X_Forwarded_For="192.0.2.7") for _ in range(LIMIT + 1)]
        assert [answer[0] for answer in many] == [200] * LIMIT + [429]
        check(*many[-1], "/activites")
        assert int(many[-1][1]["Retry-After"]) > 0
        assert get(server, "/activites", X_Forwarded_For="192.0.2.8")[0] == 200

        cluster.stop()
        answers = []  # a page that is kept answers until its version is asked for again

        def fails(path: str) -> bool:
            answers.append(get(server, path))
            return answers[-1][0] != 200

        for path in STOPPED:
            wait_until(partial(fails, path), f"{path} answers without its database")
            answer = answers[-1]
            assert answer[0] == 503, (path, answer[2].text)
            assert answer[1]["Retry-After"]
            check(*answer, path)
        assert get(server, "/api/entreprises/")[1]["Content-Type"] == "application/problem+json"

        cluster.start()
        for path in PAGES:
            wait_until(
                lambda path=path: get(server, path)[0] == 200, f"{path} does not answer again", pause=0.2
            )
