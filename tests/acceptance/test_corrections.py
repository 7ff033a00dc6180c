"""Staff correct companies on a real web server: docs/howto/correct-a-company.md as typed, and two writers at once."""

import json
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest

from foxreviews.core.locks import _keys
from foxreviews.enterprise.corrections import LOCK
from tests import commands
from tests.acceptance.web import Server, serving
from tests.conftest import CHECKOUT
from tests.waiting import DEADLINE

PAGE = (CHECKOUT / "docs" / "howto" / "correct-a-company.md").read_text()
SIREN, OTHER = "732829320", "552100554"
ADDRESS = f"/api/entreprises/{SIREN}/"
ROUNDS = 5
TOWN = (
    "INSERT INTO location_ville (code_insee, nom, slug, departement, codes_postaux, nom_recherche) VALUES "
    "('69383', 'Lyon', 'lyon-3e', '69', '{69003}', 'LYON')"
)
COMPANY = f"INSERT INTO enterprise_entreprise (siren, nom, departement) VALUES ('{SIREN}', 'ACME', '42')"


class Site:
    """A web server, and staff with a token."""

    def __init__(self, server: Server, environment: dict[str, str]) -> None:
        self.server, self.environment = server, environment
        done = commands.run(environment | {"DJANGO_SUPERUSER_PASSWORD": "a-long-password-of-marie"},
                            "createsuperuser", "--noinput", "--username", "marie", "--email", "")  # fmt: skip
        assert done.returncode == 0, done.stderr
        made = commands.run(environment, *self.typed(1)[0].split()[2:])
        assert made.returncode == 0, made.stderr
        self.token = made.stdout.split()[2]

    @staticmethod
    def typed(section: int) -> list[str]:
        """The commands of a section of the page."""
        text = PAGE.split(f"\n## {section}. ")[1].split("\n## ")[0]
        blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        return [line for block in blocks for line in block.splitlines()]

    def type(self, folder: Path, *sections: int) -> str:
        """Type the commands of these sections; what they print."""
        lines = [line for section in sections for line in self.typed(section)]
        script = "\n".join(lines).replace("127.0.0.1:8000", f"127.0.0.1:{self.server.port}")
        done = subprocess.run(
            ["sh", "-ec", script], cwd=folder, capture_output=True, text=True, check=False,
            env={"PATH": self.environment["PATH"], "TOKEN": self.token},
        )  # fmt: skip
        assert done.returncode == 0, (script, done.stdout, done.stderr)
        return done.stdout

    def ask(
        self, method: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=DEADLINE)
        try:
            given = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, ADDRESS, body and json.dumps(body), given | named)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), json.loads(answer.read())
        finally:
            connection.close()

    def execute(self, statement: str) -> list[Any]:
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as session:
            found = session.execute(statement)
            return found.fetchall() if found.description else []


@pytest.fixture(scope="module")
def site(shared_database: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    environment = shared_database | {"DATABASE_POOL_SIZE": "4", "SECRET_KEY": "of-this-test-alone"}
    with serving(environment, tmp_path_factory.mktemp("web") / "web.log") as server:
        site = Site(server, environment)
        site.execute(f"{TOWN}; {COMPANY}")
        yield site


def test_what_the_page_tells_to_type_works(site: Site, tmp_path: Path) -> None:
    site.type(tmp_path, 2)
    assert site.execute("SELECT nom, ville_nom, departement FROM enterprise_entreprise") == [
        ("BOULANGERIE DU PORT", "Lyon", "69")
    ]
    site.type(tmp_path, *(2, 3))
    assert site.execute("SELECT siren, nom, is_active FROM enterprise_entreprise ORDER BY id") == [
        (SIREN, "ACME", False), (OTHER, "FOURNIL DU QUAI", True),
    ]  # fmt: skip
    listed = site.type(tmp_path, 2, 5)
    assert '"author":"marie"' in listed
    assert '"reason":"Mistake"' in listed


def test_of_two_writers_at_once_one_is_told_that_it_has_changed(site: Site) -> None:
    together = Barrier(2)

    def write(name: str, seen: str) -> int:
        together.wait(DEADLINE)
        return site.ask("PATCH", {"nom": name}, If_Match=seen)[0]

    with ThreadPoolExecutor(2) as both:
        for number in range(ROUNDS):
            seen = site.ask("GET")[1]["ETag"]
            names = [f"ONE {number}", f"TWO {number}"]
            answers = [*both.map(write, names, [seen, seen])]
            assert sorted(answers) == [200, 412]
            winner = names[answers.index(200)]
            assert site.ask("GET")[2]["nom"] == winner
            (entry,) = site.execute(
                "SELECT new_value FROM enterprise_modification WHERE field = 'nom' ORDER BY id DESC LIMIT 1"
            )
            assert entry == (winner,)


def test_of_two_writers_who_move_it_to_another_town_one_is_told(site: Site) -> None:
    """In partitions, the row that the second one waits for goes away."""
    together = Barrier(2)

    def write(code_postal: str, seen: str) -> int:
        together.wait(DEADLINE)
        return site.ask("PATCH", {"code_postal": code_postal, "ville_nom": "X"}, If_Match=seen)[0]

    with ThreadPoolExecutor(2) as both:
        for number in range(ROUNDS):
            seen = site.ask("GET")[1]["ETag"]
            answers = [*both.map(write, [f"0100{number}", f"1300{number}"], [seen, seen])]
            assert sorted(answers) == [200, 412]


def test_while_an_import_merges_nobody_corrects(site: Site) -> None:
    seen = site.ask("GET")[1]["ETag"]
    with psycopg.connect(site.environment["DATABASE_URL"]) as merging:
        merging.execute("SELECT pg_advisory_xact_lock(%s, %s)", _keys(LOCK))
        status, headers, body = site.ask("PATCH", {"nom": "LATER"}, If_Match=seen)
        assert (status, body["code"]) == (503, "busy")
        assert int(headers["Retry-After"]) > 0
    assert site.ask("PATCH", {"nom": "LATER"}, If_Match=seen)[0] == 200
