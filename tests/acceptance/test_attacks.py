"""The production server under what takes others down: a database that hangs, clients that send nothing."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from psycopg.conninfo import make_conninfo

from benchmarks.attacks import hanging
from tests.acceptance.web import Server
from tests.waiting import wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes in /proc")
AT_ONCE = 24  # requests: three times as many as the server has threads


def problem(server: Server, path: str) -> tuple[int, Any]:
    status, body = server.get(path)
    return status, json.loads(body)


def exchange(server: Server, *pieces: bytes) -> bytes:
    """What is answered to a request that arrives in pieces."""
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        for piece in pieces:
            client.sendall(piece)
        answer = b""
        while chunk := client.recv(65_536):
            answer += chunk
    return answer


ODD = {
    "a script name": (b"GET /api/ HTTP/1.1\r\nHost: localhost\r\nSCRIPT_NAME: /elsewhere\r\n", 200),
    "a path of its own": (b"GET /api/ HTTP/1.1\r\nHost: localhost\r\nPATH_INFO: /admin/\r\n", 200),
    "no host": (b"GET /api/ HTTP/1.0\r\n", 200),
    "an empty host": (b"GET /api/ HTTP/1.1\r\nHost:\r\n", 400),
    "no host in 1.1": (b"GET /api/ HTTP/1.1\r\n", 200),
    "two hosts": (b"GET /api/ HTTP/1.1\r\nHost: localhost\r\nHost: example.org\r\n", 400),
    "an unknown host": (b"GET /api/ HTTP/1.1\r\nHost: example.org\r\n", 400),
    "a host that is none": (b"GET /api/ HTTP/1.1\r\nHost: [::1%\r\n", 400),
    "many parameters": (
        b"GET /api/entreprises/?" + b"a=1&" * 1101 + b" HTTP/1.1\r\nHost: localhost\r\n",
        400,
    ),
}


def test_odd_heads_are_answered_and_are_one_line_in_the_log(server: Server) -> None:
    found, expected = {}, {}
    for name, (head, status) in ODD.items():
        answer = exchange(server, head + b"Connection: close\r\n\r\n")
        found[name] = answer.split(b"\r\n")[0].split(b" ")[1].decode()
        expected[name] = str(status)
    assert found == expected
    log = server.log.read_text()
    assert "Traceback" not in log
    lines = [json.loads(line) for line in log.splitlines() if '"refused' in line]
    assert {line["refused"] for line in lines} == {"DisallowedHost", "TooManyFieldsSent"}
    assert "example.org" not in log


SENT = (
    b"",
    b"GET /api/",
    b"GET /api/ HTTP/1.1\r\nHost: localhost\r\n",
    b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\nusername=",
)


def test_clients_that_do_not_finish_their_request_take_no_thread(server: Server) -> None:
    with ExitStack() as opened:
        clients = [
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            for _ in range(4 * AT_ONCE)
        ]
        for client, sent in zip(clients, SENT * AT_ONCE, strict=True):
            client.sendall(sent)
        assert server.get("/api/entreprises/")[0] == 200
        assert server.get("/health/live")[0] == 200
        _pieces_and_pipelines_are_answered(server)
        _endless_requests_are_refused(server)
        for client in clients[: len(SENT)]:
            assert client.recv(1) == b""  # closed after a while, by the server


def _pieces_and_pipelines_are_answered(server: Server) -> None:
    request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    assert exchange(server, *(last[at : at + 1] for at in range(len(last)))).count(b" 200 OK") == 1
    assert exchange(server, request + request + last).count(b" 200 OK") == 3


def _endless_requests_are_refused(server: Server) -> None:
    head = b"POST /api/entreprises/ HTTP/1.1\r\nHost: localhost\r\n"
    chunked = exchange(server, head + b"Transfer-Encoding: chunked\r\n\r\n")
    large = exchange(server, head + b"Content-Length: 999999999\r\n\r\n")
    assert chunked.startswith(b"HTTP/1.1 411 ")
    assert large.startswith(b"HTTP/1.1 413 ")
    for refused in (chunked, large):
        assert b"application/problem+json" in refused
        assert b"Content-Language: en" in refused
    french = head + b"Accept-Language: fr\r\n"
    said = {
        b"Indiquez la longueur": exchange(server, french + b"Transfer-Encoding: chunked\r\n\r\n"),
        "La requête dépasse 262\u202f144 octets".encode(): exchange(
            server, french + b"Content-Length: 999999999\r\n\r\n"
        ),
        "L’adresse dépasse".encode(): exchange(
            server,
            b"GET /api/?q=" + b"a" * 21_000 + b" HTTP/1.1\r\nHost: localhost\r\nAccept-Language: fr\r\n\r\n",
        ),
        "La requête n’est pas du HTTP".encode(): exchange(
            server, b"GET /api/ HTTP/1.1\r\nHost: localhost\r\nno header\r\nAccept-Language: fr\r\n\r\n"
        ),
    }
    for sentence, refused in said.items():
        assert sentence in refused
        assert b"Content-Language: fr" in refused


def data_directory(postgres: dict[str, Any]) -> Path:
    given = {"host": postgres["HOST"], "port": postgres["PORT"], "user": postgres["USER"]}
    with psycopg.connect(make_conninfo(dbname="postgres", **given)) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    return Path(folder)


@pytest.mark.skipif(bool(settings.DATABASE_URL), reason="stops its database server: only one of its own")
def test_a_database_that_hangs_is_said_and_is_used_again_when_it_goes_on(
    server: Server, postgres: dict[str, Any]
) -> None:
    wait_until(lambda: server.get("/api/entreprises/")[0] == 200, "it does not answer")
    with ThreadPoolExecutor(AT_ONCE) as clients:
        with hanging(data_directory(postgres)):
            # All are answered while it hangs: nothing here goes on before they are.
            # Each asks for another page: what the cache has is answered for a second.
            pages = [f"/api/entreprises/?page_size={n}" for n in range(1, AT_ONCE + 1)]
            answers = list(clients.map(lambda page: problem(server, page), pages))
            live, ready = server.get("/health/live"), server.get("/health/ready")
        assert {(status, body["code"]) for status, body in answers} == {(503, "database-unavailable")}
        assert (live[0], ready[0]) == (200, 503)
    wait_until(lambda: server.get("/health/ready")[0] == 200, "it is not ready again")
    wait_until(lambda: server.get("/api/entreprises/")[0] == 200, "it does not answer again")
    assert "Traceback" not in server.log.read_text()
