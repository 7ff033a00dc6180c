"""deploy/nginx/foxreviews.conf, in a real nginx before the real web server."""

import http.client
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.summary import find_program
from tests.waiting import DEADLINE, wait_until

CHECKOUT = Path(__file__).parents[2]
SITE = CHECKOUT / "deploy" / "nginx" / "foxreviews.conf"
NGINX = find_program("nginx")
PORT_ATTEMPTS = 10
AROUND = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def code(self) -> str:
        """Of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json"
        return str(json.loads(self.body)["code"])


@dataclass
class Site:
    """nginx, and the web server called blue behind it."""

    folder: Path
    port: int
    figures: int  # the port for this machine alone
    environment: dict[str, str]

    def get(self, url: str, port: int = 0, **headers: str) -> Answer:
        return self.ask("GET", url, port, **headers)

    def ask(self, method: str, url: str, port: int = 0, body: bytes = b"", **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=DEADLINE)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, url, body or None, {"Host": "localhost"} | named)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def start_web(self, **environment: str) -> "subprocess.Popen[bytes]":
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "--log-level", "warning",
             "--bind", f"unix:{self.folder}/foxreviews-blue/web.sock", "config.wsgi"],
            cwd=CHECKOUT, env=self.environment | environment,
        )  # fmt: skip
        socket_file = self.folder / "foxreviews-blue" / "web.sock"
        wait_until(lambda: socket_file.exists() or web.poll() is not None, "the web server does not start")
        wait_until(lambda: self.get("/health/live").status == 200, "the web server does not answer")
        assert web.poll() is None, "the web server has ended"
        return web

    def errors(self) -> list[str]:
        """What nginx says of requests."""
        return (self.folder / "error.log").read_text().splitlines()


@pytest.fixture
def site(empty_database: dict[str, str]) -> Iterator[Site]:
    """The file as it is but for its paths, ports and name, and for times that would make a slow machine fail."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for colour in ("blue", "green"):
            (folder / f"foxreviews-{colour}").mkdir(mode=0o755)
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
        port, figures, server = _start(folder)
        environment = empty_database | {
            "TRUSTED_PROXIES": "1",
            "THROTTLE_RATE": "5/hour",
            "CDN_SECONDS": "3600",
        }
        try:
            yield Site(folder, port, figures, environment)
        finally:
            server.terminate()
            server.wait(DEADLINE)


def _start(folder: Path) -> tuple[int, int, "subprocess.Popen[bytes]"]:
    """Its two ports, and nginx; with other ports where another program took one before nginx did."""
    for _ in range(PORT_ATTEMPTS):
        with socket.socket() as probe, socket.socket() as other:
            probe.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            port, figures = probe.getsockname()[1], other.getsockname()[1]
        (folder / "site.conf").write_text(_site(folder, port, figures))
        server = subprocess.Popen([str(NGINX), "-c", str(folder / "nginx.conf")])
        pid = folder / "nginx.pid"  # written once it listens
        wait_until(
            lambda pid=pid, server=server: pid.exists() or server.poll() is not None, "nginx does not start"
        )
        if server.poll() is None:
            return port, figures, server
    pytest.fail((folder / "error.log").read_text())


def _site(folder: Path, port: int, figures: int) -> str:
    text = SITE.read_text()
    for ours, of_this_test in (
        ("/run/", f"{folder}/"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("listen 127.0.0.1:8000;", f"listen 127.0.0.1:{figures};"),
        ("/var/lib/nginx/foxreviews", f"{folder}/cache"),
        ("/var/log/nginx", str(folder)),
        ("rate=20r/s", "rate=1r/m"),
    ):
        assert ours in text
        text = text.replace(ours, of_this_test)
    return re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)


def test_answers_are_compressed_kept_for_seconds_and_limited_by_the_address_that_nginx_saw(
    site: Site,
) -> None:
    web = site.start_web()
    try:
        first = site.get("/api/entreprises/?naf=62", Accept_Encoding="gzip")
        assert (first.status, first.headers["X-Cache"]) == (200, "MISS")
        again = site.get("/api/entreprises/?naf=62")
        assert (again.status, again.headers["X-Cache"], again.body) == (200, "HIT", json_of_an_empty_list())
        staff = site.get("/api/entreprises/?naf=62", Authorization="Bearer key")
        assert (staff.headers["X-Cache"], staff.headers["Cache-Control"]) == ("BYPASS", "no-store")
        assert [each.headers["RateLimit"] for each in (first, again)] == ['"page";r=4;t=720', None]
        known = site.get("/api/entreprises/?naf=62", If_None_Match=again.headers["ETag"])
        assert (known.status, known.body) == (304, b"")
        assert site.get("/api/schema/", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
        assert site.get("/health/live").status == 200
        assert b"# HELP" in site.get("/metrics", site.figures).body
        assert site.get("/metrics").code == "not-allowed"
        assert site.ask("HEAD", "/api/entreprises/?naf=62").status == 200
        assert site.get("/api/entreprises/?naf=62", Accept="text/csv").code == "not-acceptable"
        numbers = json.dumps({"siret": [f"{number:014}" for number in range(10_000)]}).encode()
        assert site.ask("POST", "/api/lots/", body=numbers, Content_Type="application/json").status == 200
        rows = json.dumps({"rows": [{"nom": "A" * 100}] * 1_000}).encode()
        listed = site.ask("POST", "/api/appariements/", body=rows, Content_Type="application/json")
        assert listed.code == "no-search-index"  # it has arrived
        assert site.ask("POST", "/api/villes/", body=numbers).code == "content-too-large"
        form = {
            "Content_Type": "application/x-www-form-urlencoded",
            "Origin": f"http://localhost:{site.port}",
        }
        pasted = site.ask("POST", "/rapprocher/resultat", body=b"liste=nom%0A" + b"A" * 190_000, **form)
        assert (pasted.status, b"<!doctype html>" in pasted.body) == (
            503,
            True,
        )  # it has arrived, from this site
        written = [line for line in site.errors() if "temporary file" in line]
        assert any("POST /api/lots/" in line for line in written)
        assert not any("/rapprocher/" in line for line in written), "a list is in no file"
        large = site.ask("POST", "/rapprocher/resultat", body=b"liste=" + b"A" * 300_000, **form)
        assert (large.status, "La liste est trop lourde" in large.body.decode()) == (413, True)
        invented = [
            site.get(f"/api/entreprises/?naf={number}", X_Forwarded_For=f"192.0.2.{number}")
            for number in range(10, 20)
        ]
        assert invented[-1].code == "too-many-requests", (
            "what a client writes into X-Forwarded-For is not believed"
        )
    finally:
        web.terminate()
        web.wait(DEADLINE)


def test_an_old_answer_stands_in_for_a_web_server_that_is_away(site: Site) -> None:
    page = "/api/entreprises/?naf=62"
    web = site.start_web(CDN_SECONDS="1")
    try:
        assert site.get(page).status == 200
    finally:
        web.terminate()
        web.wait(DEADLINE)
    wait_until(lambda: site.get(page).headers["X-Cache"] == "STALE", "it does not get old")
    assert site.get(page).body == json_of_an_empty_list()


def test_what_nginx_refuses_is_said_like_the_other_errors(site: Site) -> None:
    assert site.get("/api/").code == "unavailable"
    assert site.get("/admin/").code == "not-allowed"
    assert site.get("/api/entreprises/?q=" + "a" * 21_000).code == "address-too-long"
    long = site.get("/api/", X_Long="a" * 65_536)
    assert (long.status, long.code) == (431, "headers-too-long")
    french = site.get("/admin/", Accept_Language="fr-FR,fr;q=0.9,en;q=0.5")
    assert (french.code, json.loads(french.body)["title"]) == ("not-allowed", "Interdit")
    assert french.headers["Content-Language"] == "fr"
    pages = [site.get("/entreprise/622012748")]
    many = [site.get("/api/") for _ in range(150)]
    assert {answer.code for answer in many} == {"unavailable", "too-many-requests"}
    pages.append(site.get("/"))
    assert [page.status for page in pages] == [503, 429]
    for page in pages:
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert b"<!doctype html>" in page.body
        assert page.headers["Retry-After"]
        assert b'name="q"' in page.body
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]


def json_of_an_empty_list() -> bytes:
    return b'{"next":null,"previous":null,"results":[]}'
