"""deploy/varnish/foxreviews.vcl, in a real Varnish before the real web server."""

import csv
import http.client
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests import commands
from tests.summary import find_program
from tests.waiting import DEADLINE, wait_until

CHECKOUT = Path(__file__).parents[2]
VCL = CHECKOUT / "deploy" / "varnish" / "foxreviews.vcl"
VARNISH = find_program("varnishd")
PORT_ATTEMPTS = 10
FIRST = "/api/entreprises/?departement=69"

pytestmark = pytest.mark.skipif(VARNISH is None, reason="varnishd is not installed")


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def is_hit(self) -> bool:
        return self.headers["X-Cache"] == "HIT"


class Site:
    """Varnish, and the web server called blue behind it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self.web: subprocess.Popen[bytes] | None = None
        self.port, self.varnish = self._start_varnish()

    def _start_varnish(self) -> "tuple[int, subprocess.Popen[bytes]]":
        """With another port where another program took it before Varnish did."""
        log = (self.folder / "varnish.log").open("w")
        for _ in range(PORT_ATTEMPTS):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port: int = probe.getsockname()[1]
            command = [
                *(str(VARNISH), "-F", "-j", "none", "-T", "none", "-n", str(self.folder / "work")),
                *("-f", str(self.folder / "site.vcl")),
                *("-a", f"127.0.0.1:{port}", "-s", "malloc,64m", "-p", "thread_pool_min=5"),
            ]  # fmt: skip
            varnish = subprocess.Popen(command, stdout=log, stderr=log)
            wait_until(
                lambda port=port, varnish=varnish: varnish.poll() is not None or _listens(port), "no Varnish"
            )
            if varnish.poll() is None:
                log.close()
                return port, varnish
        pytest.fail((self.folder / "varnish.log").read_text())

    def start_web(self, **environment: str) -> None:
        self.web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "--log-level", "warning",
             "--bind", f"unix:{self.folder}/foxreviews-blue/web.sock", "config.wsgi"],
            cwd=CHECKOUT, env=self.environment | environment,
        )  # fmt: skip
        wait_until(lambda: self.get("/health/live").status == 200, "the web server does not answer")

    def stop_web(self) -> None:
        if self.web:
            self.web.terminate()
            self.web.wait(DEADLINE)
            self.web = None

    def get(self, url: str, **headers: str) -> Answer:
        return self.ask("GET", url, **headers)

    def ask(self, method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, url, body or None, {"Host": "localhost"} | named)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def version(self) -> str:
        """What the web server itself says, past Varnish."""
        with closing(socket.socket(socket.AF_UNIX)) as server:
            server.connect(str(self.folder / "foxreviews-blue" / "web.sock"))
            server.sendall(b"HEAD /api/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            with server.makefile("rb") as answer:
                head = answer.read().decode()
        (version,) = re.findall(r"^X-Dataset-Version: (\S+)", head, re.MULTILINE)
        return str(version)

    def ban(self, version: str, **headers: str) -> int:
        return self.ask("BAN", "/", X_Dataset_Version=version, **headers).status

    def first_name(self) -> str:
        return str(json.loads(self.get(FIRST).body)["results"][0]["nom"])

    def rename(self, folder: Path, nom: str) -> None:
        """Import the first company again, under another name."""
        siren = json.loads(self.get(FIRST).body)["results"][0]["siren"]
        with (folder / "entreprises.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        changed = next(row | {"nom": nom} for row in rows if row["siren"] == siren)
        with (folder / "changed.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerow(changed)
        done = commands.run(
            self.environment, "import_entreprises_bulk", folder / "changed.csv", "--min-ratio", "0"
        )
        assert done.returncode == 0, done.stderr


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def serving(environment: dict[str, str], *replaced: tuple[str, str]) -> Iterator[Site]:
    """The file as it is but for its paths, and for times that would make a slow machine fail."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for colour in ("blue", "green"):
            (folder / f"foxreviews-{colour}").mkdir()
        text = VCL.read_text()
        ours = (
            ("/run/", f"{folder}/"),
            (".interval = 2s", ".interval = 100ms"),
            (".timeout = 2s", ".timeout = 60s"),
        )
        for before, after in (*ours, *replaced):
            assert before in text
            text = text.replace(before, after)
        (folder / "site.vcl").write_text(text)
        site = Site(folder, environment | {"TRUSTED_PROXIES": "1", "THROTTLE_RATE": "150/hour"})
        try:
            yield site
        finally:
            site.stop_web()
            site.varnish.terminate()
            site.varnish.wait(DEADLINE)


def test_answers_are_kept_for_all_until_an_import_and_personal_ones_never(
    loaded_database: dict[str, str], tmp_path: Path
) -> None:
    with serving(loaded_database) as site:
        site.start_web(CDN_SECONDS="3600")
        urls = [FIRST, *(f"/api/villes/?page_size={n}" for n in range(1, 10))]
        forms = ("*/*", "application/json, text/plain, */*")
        answers = [site.get(url, Accept=accept) for accept in forms * 10 for url in urls]
        assert sum(answer.is_hit for answer in answers) == 190  # of 200
        assert {answer.status for answer in answers} == {200}
        hit = site.get(FIRST, Accept_Encoding="gzip", Cookie="sessionid=of-an-admin")
        assert (hit.is_hit, hit.headers["Content-Encoding"]) == (True, "gzip")
        assert site.get(FIRST, If_None_Match=hit.headers["ETag"]).status == 304

        # What is one client's: its rate, its key, its errors, what it sends.
        assert "RateLimit" not in hit.headers
        assert site.get("/api/entreprises/?page_size=0").headers["RateLimit"]
        for _ in range(2):
            assert not site.get(FIRST, Authorization="Bearer key").is_hit
            assert not site.get("/api/entreprises/732829320/").is_hit
            assert site.get("/admin/login/").status == site.get("/metrics").status == 403
            lots = json.dumps({"siren": ["732829320"]}).encode()
            assert not site.ask("POST", "/api/lots/", lots, Content_Type="application/json").is_hit

        # A page has the language of its address, and is one for all browsers.
        browsers = ("fr-CH", "en-GB", "de")
        pages = [site.get(url, Accept_Language=each) for url in ("/", "/en/") for each in browsers]
        assert [page.headers["Content-Language"] for page in pages] == ["fr"] * 3 + ["en"] * 3
        assert sum(page.is_hit for page in pages) == 4

        before = hit.headers["X-Dataset-Version"]
        site.rename(tmp_path, "RENARD ROUX")
        assert site.first_name() != "RENARD ROUX"  # it is kept for an hour here
        # Each worker knows it within a second.
        wait_until(lambda: before not in {site.version() for _ in range(6)}, "the version stays", pause=1.0)
        assert site.ban(site.version(), X_Forwarded_For="192.0.2.1") == 405
        assert site.ban("*") == 400
        assert site.ban(site.version()) == 200
        assert site.first_name() == "RENARD ROUX"
        assert site.get(FIRST).is_hit

        pages = [f"/api/entreprises/?departement=69&page_size={n}" for n in range(1, 100)]
        refused = [site.get(f"{page}{naf}") for naf in ("", "&naf=62") for page in pages]
        assert refused[-1].status == 429
        assert not any(answer.is_hit for answer in refused if answer.status == 429)
        assert site.get(FIRST).is_hit  # what is kept costs the client nothing


def test_without_a_word_an_answer_is_new_within_seconds_and_an_old_one_stands_in_for_a_server_that_is_away(
    loaded_database: dict[str, str], tmp_path: Path
) -> None:
    with serving(loaded_database, ("req.grace = 10s", "req.grace = 0s")) as site:
        site.start_web(CDN_SECONDS="1", THROTTLE_RATE="100000/min")
        assert site.first_name()
        site.rename(tmp_path, "RENARD ROUX")
        wait_until(lambda: site.first_name() == "RENARD ROUX", "the old answer stays")
        site.stop_web()
        wait_until(lambda: site.get("/api/villes/?page_size=99").status == 503, "it still answers")

        def is_stale() -> bool:
            answer = site.get(FIRST)
            assert answer.status == 200
            return int(answer.headers["Age"]) > 2

        wait_until(is_stale, "no old answer")
        assert site.first_name() == "RENARD ROUX"
        away = site.get("/api/villes/?page_size=98")
        assert (away.status, away.headers["Content-Type"]) == (503, "application/problem+json")
        assert json.loads(away.body)["code"] == "unavailable"
        assert away.headers["Retry-After"]
        page = site.get("/recherche?q=renard")
        assert (page.status, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
        assert b'name="q"' in page.body
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        site.start_web(CDN_SECONDS="1", THROTTLE_RATE="100000/min")
        wait_until(lambda: int(site.get(FIRST).headers["Age"]) <= 1, "it stays old")


def test_an_error_of_a_server_that_is_there_is_answered_by_what_was_kept(
    loaded_database: dict[str, str], tmp_path: Path
) -> None:
    """As when PostgreSQL is away, and Varnish has not noticed yet."""
    live = ("GET /health/ready", "GET /health/live")
    with serving(loaded_database, ("req.grace = 10s", "req.grace = 0s"), live) as site:
        site.start_web(CDN_SECONDS="1")
        version = site.get(FIRST).headers["X-Dataset-Version"]
        site.stop_web()
        server, _, _ = site.environment["DATABASE_URL"].rpartition("/")
        site.start_web(DATABASE_URL=f"{server}/nothing")
        answer = site.get(FIRST)
        assert (answer.status, answer.headers["X-Dataset-Version"]) == (200, version)
        assert int(answer.headers["Age"]) > 1  # the web server takes longer to start
        assert json.loads(site.get("/api/villes/").body)["code"] == "database-unavailable"
