"""deploy/nginx/foxreviews.conf, in a real nginx before the real web server."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

CHECKOUT = Path(__file__).parents[2]
SITE = CHECKOUT / "deploy" / "nginx" / "foxreviews.conf"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
LIMIT = 300  # seconds that a start may take on a busy machine
AROUND = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
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

    def ask(self, method: str, url: str, port: int = 0, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, url, headers={"Host": "localhost"} | named)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def start_web(self) -> "subprocess.Popen[bytes]":
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "--log-level", "warning",
             "--bind", f"unix:{self.folder}/foxreviews-blue/web.sock", "config.wsgi"],
            cwd=CHECKOUT, env=self.environment,
        )  # fmt: skip
        limit = time.monotonic() + LIMIT
        while self.get("/api/").status != 200:
            assert web.poll() is None, "the web server has ended"
            assert time.monotonic() < limit, "the web server does not answer"
            time.sleep(0.05)
        return web


@pytest.fixture
def site(empty_database: dict[str, str]) -> Iterator[Site]:
    """The file as it is but for its paths, its port and its name."""
    with TemporaryDirectory() as name, socket.socket() as probe, socket.socket() as other:
        folder = Path(name)
        folder.chmod(0o755)
        for colour in ("blue", "green"):
            (folder / f"foxreviews-{colour}").mkdir(mode=0o755)
        probe.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        port, figures = probe.getsockname()[1], other.getsockname()[1]
        text = (
            SITE.read_text().replace("/run/", f"{folder}/").replace("listen 80;", f"listen 127.0.0.1:{port};")
        )
        text = text.replace("/var/lib/nginx/foxreviews", f"{folder}/cache").replace(
            "/var/log/nginx", str(folder)
        )
        text = text.replace("listen 127.0.0.1:8000;", f"listen 127.0.0.1:{figures};")
        (folder / "site.conf").write_text(re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE))
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
        probe.close()
        other.close()
        server = subprocess.Popen([str(NGINX), "-c", str(folder / "nginx.conf")])
        try:
            _wait_for(port, server)
            yield Site(
                folder, port, figures, empty_database | {"TRUSTED_PROXIES": "1", "THROTTLE_RATE": "5/min"}
            )
        finally:
            server.terminate()
            server.wait(LIMIT)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    limit = time.monotonic() + LIMIT
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, "nginx has ended"
        assert time.monotonic() < limit, "nginx does not listen"
        time.sleep(0.02)


def test_answers_are_compressed_kept_for_seconds_and_limited_by_the_address_that_nginx_saw(
    site: Site,
) -> None:
    web = site.start_web()
    try:
        first = site.get("/api/entreprises/?naf=62", Accept_Encoding="gzip")
        assert (first.status, first.headers["X-Cache"]) == (200, "MISS")
        again = site.get("/api/entreprises/?naf=62")
        assert (again.status, again.headers["X-Cache"], again.body) == (200, "HIT", json_of_an_empty_list())
        known = site.get("/api/entreprises/?naf=62", If_None_Match=again.headers["ETag"])
        assert (known.status, known.body) == (304, b"")
        assert site.get("/api/schema/", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
        assert site.get("/health/live").status == 200
        assert b"# HELP" in site.get("/metrics", site.figures).body
        assert site.get("/metrics").code == "not-allowed"
        assert site.ask("HEAD", "/api/entreprises/?naf=62").status == 200
        assert site.get("/api/entreprises/?naf=62", Accept="text/csv").code == "not-acceptable"
        invented = [
            site.get(f"/api/entreprises/?naf={number}", X_Forwarded_For=f"192.0.2.{number}")
            for number in range(10, 20)
        ]
        assert invented[-1].code == "too-many-requests", (
            "what a client writes into X-Forwarded-For is not believed"
        )
    finally:
        web.terminate()
        web.wait(LIMIT)


def test_what_nginx_refuses_is_said_like_the_other_errors(site: Site) -> None:
    assert site.get("/api/").code == "unavailable"
    assert site.get("/admin/").code == "not-allowed"
    assert site.get("/api/entreprises/?q=" + "a" * 9_000).code == "address-too-long"
    many = [site.get("/api/") for _ in range(150)]
    assert {answer.code for answer in many} == {"unavailable", "too-many-requests"}


def json_of_an_empty_list() -> bytes:
    return b'{"next":null,"previous":null,"results":[]}'
