"""gunicorn as in production: what several workers count is one answer, and nothing grows or stays behind."""

import http.client
import json
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.web import WORKERS, Server, serving
from tests.waiting import DEADLINE, wait_until

REQUESTS = 40  # of each kind, twice


def answered(metrics: str) -> int:
    """Requests to routes of the API that /metrics has counted."""
    counts = r'^foxreviews_request_seconds_count\{[^}]*route="api-[^}]*\} (\S+)$'
    return int(sum(map(float, re.findall(counts, metrics, re.MULTILINE))))


def memory(pid: int) -> int:
    """Bytes of resident memory."""
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * 4096


def handles(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_hundreds_of_requests_are_counted_once_and_leave_nothing_behind(server: Server) -> None:
    paths = ("/api/entreprises/", "/api/villes/?q=lyon", "/api/nothing/", "/metrics", "/health/ready")

    def ask() -> None:
        for n in range(REQUESTS):
            for path in paths:
                assert server.get(path)[0] in {200, 404}, (n, path)

    ask()
    warm = {pid: (memory(pid), handles(pid)) for pid in server.workers()}
    files = {path.name: path.stat().st_size for path in server.figures_folder().iterdir()}
    ask()
    for pid, (held, open_files) in warm.items():
        assert memory(pid) < held + 5_000_000
        assert handles(pid) <= open_files + 4  # connections that are being closed
    assert {path.name: path.stat().st_size for path in server.figures_folder().iterdir()} == files
    text = server.get("/metrics")[1]
    assert answered(text) == 2 * 2 * REQUESTS  # the address that no route has is no page
    assert f'route="none",status="404"}} {2.0 * REQUESTS}' in text
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["logger"] == "foxreviews.request"]
    assert len(requests) == 2 * 3 * REQUESTS
    assert len({line["request"] for line in requests}) == len(requests)
    assert {line["process"] for line in requests} <= set(warm)


def test_its_folder_of_figures_goes_with_it_also_after_one_that_was_killed(
    empty_database: dict[str, str], tmp_path: Path
) -> None:
    with serving(empty_database, tmp_path / "first.log") as killed:
        left = killed.figures_folder()
        workers = killed.workers()
        killed.process.kill()
        killed.process.wait(DEADLINE)
    assert left.is_dir()
    with serving(empty_database, tmp_path / "second.log") as server:
        assert not left.exists()
        folder = server.figures_folder()
        assert folder.is_dir()
    assert not folder.exists()
    assert workers


def test_a_worker_that_ends_is_replaced_and_its_counts_stay(server: Server) -> None:
    before = answered(server.get("/metrics")[1])
    for _ in range(20):
        server.get("/api/villes/")
    first, *_ = server.workers()
    subprocess.run(["kill", "-TERM", str(first)], check=True)
    wait_until(
        lambda: first not in server.workers() and len(server.workers()) == WORKERS, "it is not replaced"
    )
    assert answered(server.get("/metrics")[1]) == before + 20
    live = {int(path.stem.rpartition("_")[2]) for path in server.figures_folder().glob("gauge_live*.db")}
    assert first not in live


@pytest.mark.parametrize(
    ("request_text", "status", "code"),
    [
        (b"no HTTP\r\n\r\n", 400, "malformed-request"),
        (b"GET / HTTP/7.7\r\n\r\n", 400, "malformed-request"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nno header\r\n\r\n", 400, "malformed-request"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431, "headers-too-long"),
        (b"GET /?" + b"a" * 21_000 + b" HTTP/1.1\r\n\r\n", 414, "address-too-long"),
        (b"POST /api/lots/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411, "length-required"),
        (b"POST /api/lots/ HTTP/1.1\r\nContent-Length: 999999\r\n\r\n", 413, "content-too-large"),
    ],
)
def test_what_the_server_itself_refuses_is_a_problem_as_any_other(
    server: Server, request_text: bytes, status: int, code: str
) -> None:
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE) as client:
        client.sendall(request_text)
        answer = http.client.HTTPResponse(client)
        answer.begin()
        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert json.loads(answer.read())["code"] == code


def test_a_list_that_the_server_itself_refuses_is_a_page(server: Server) -> None:
    for path, said in (
        ("/rapprocher/fichier", "La liste est trop lourde"),
        ("/en/rapprocher/resultat", "too large"),
    ):
        with socket.create_connection(("127.0.0.1", server.port), DEADLINE) as client:
            client.sendall(f"POST {path} HTTP/1.1\r\nContent-Length: 999999\r\n\r\n".encode())
            answer = http.client.HTTPResponse(client)
            answer.begin()
            assert (answer.status, answer.headers["Content-Type"]) == (413, "text/html; charset=utf-8")
            assert said in answer.read().decode()
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
