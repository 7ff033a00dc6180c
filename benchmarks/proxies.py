"""The proxies of deploy/ before a web server of this machine: as they are shipped, but for paths, ports and names."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.command import CHECKOUT
from foxreviews.core.errors import FoxreviewsError

DEPLOY = CHECKOUT / "deploy"
START_SECONDS = 30.0
HAPROXY_PLACES = ("10.0.0.11:8001", "10.0.0.11:8002", "10.0.0.12:8001", "10.0.0.12:8002")
# Around the site, as docs/howto/deploy.md has it (step 6)
NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_processes auto;
worker_rlimit_nofile 40000;
events {{ worker_connections 16384; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def program(name: str) -> str | None:
    """Where it is, also among what only root usually calls."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def web_socket(folder: Path) -> Path:
    """Where nginx looks for the web server."""
    (folder / "foxreviews-blue").mkdir(mode=0o755, exist_ok=True)
    (folder / "foxreviews-green").mkdir(mode=0o755, exist_ok=True)
    return folder / "foxreviews-blue" / "web.sock"


@contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """The port of nginx before `web_socket(folder)`."""
    port, figures = _free_ports(2)
    (folder / "site.conf").write_text(nginx_site(folder, port, figures))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    with _started([str(program("nginx")), "-c", str(folder / "nginx.conf")], port):
        yield port


@contextmanager
def haproxy(folder: Path, web: int) -> Iterator[int]:
    """The port of HAProxy before the web server on the port `web`; the other three places are empty."""
    port, figures, *empty = _free_ports(5)
    (folder / "haproxy.cfg").write_text(haproxy_configuration(folder, port, figures, [web, *empty]))
    with _started([str(program("haproxy")), "-db", "-f", str(folder / "haproxy.cfg")], port):
        yield port


def nginx_site(folder: Path, port: int, figures: int) -> str:
    """deploy/nginx/foxreviews.conf on these ports, with all its files in the folder."""
    text = (DEPLOY / "nginx" / "foxreviews.conf").read_text()
    for theirs, ours in (
        ("/run/", f"{folder}/"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("listen 127.0.0.1:8000;", f"listen 127.0.0.1:{figures};"),
        ("/var/lib/nginx/foxreviews", f"{folder}/cache"),
        ("/var/log/nginx", str(folder)),
    ):
        text = _replaced(text, theirs, ours)
    return re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)


def haproxy_configuration(folder: Path, port: int, figures: int, web: Sequence[int]) -> str:
    """deploy/haproxy/foxreviews.cfg on these ports, and those of its four web servers."""
    text = (DEPLOY / "haproxy" / "foxreviews.cfg").read_text()
    pairs = [
        ("    user haproxy\n    group haproxy\n", ""),
        (
            "maxconn 20000",
            "no strict-limits\n    maxconn 20000",
        ),  # also where an account may open fewer files
        ("log /dev/log local0", f"log {folder}/nobody.sock local0"),
        ("/run/haproxy/admin.sock", f"{folder}/admin.sock"),
        ("bind :::80 v4v6", f"bind 127.0.0.1:{port}"),
        ("bind 127.0.0.1:8405", f"bind 127.0.0.1:{figures}"),
        ("hdr Host directory.example.org", "hdr Host localhost"),
    ]
    pairs += [(place, f"127.0.0.1:{each}") for place, each in zip(HAPROXY_PLACES, web, strict=True)]
    for theirs, ours in pairs:
        text = _replaced(text, theirs, ours)
    return text


def _replaced(text: str, theirs: str, ours: str) -> str:
    if theirs not in text:
        raise FoxreviewsError(
            f"The configuration of deploy/ has no {theirs!r} any more: see benchmarks/proxies.py."
        )
    return text.replace(theirs, ours)


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@contextmanager
def _started(arguments: Sequence[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until(lambda: process.poll() is not None or _listens(port), f"{arguments[0]} does not listen.")
        if process.poll() is not None:
            raise FoxreviewsError(f"It ended as it began. Type: {' '.join(arguments)}")
        yield
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(holds: Callable[[], bool], otherwise: str) -> None:
    limit = time.monotonic() + START_SECONDS
    while not holds():
        if time.monotonic() > limit:
            raise FoxreviewsError(otherwise)
        time.sleep(0.05)
