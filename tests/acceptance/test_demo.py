"""make demo, from nothing to four lines that answer, and back to nothing."""

import json
import re
import shlex
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from tests.acceptance.conftest import Checkout

ROWS = 1000
PATIENCE = 600.0  # seconds, on a machine with much else to do


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """A demo that runs: its process, what it has printed, and the seconds until it was ready."""

    def __init__(self, checkout: Checkout, rows: int) -> None:
        self.started = time.monotonic()
        self.log = checkout.folder / "demo.log"
        with self.log.open("w") as output:
            arguments = ("demo", "--port", str(free_port()), "--rows", str(rows))
            self.process = checkout.start(*arguments, output=output)

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, pattern: str) -> None:
        while not re.search(pattern, self.output):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < self.started + PATIENCE, self.output
            time.sleep(0.1)

    def curl_lines(self) -> list[str]:
        self.wait_for(r"Ready: http://(?s:.*)(curl (?s:.*)){4}\n")
        return re.findall(r"^ *(curl .*)", self.output, re.MULTILINE)


@contextmanager
def running(checkout: Checkout, rows: int = ROWS) -> Iterator[Demo]:
    demo = Demo(checkout, rows)
    try:
        yield demo
    finally:
        demo.process.terminate()
        demo.process.wait(PATIENCE)


def answer(line: str) -> dict[str, object]:
    """What the curl line would print."""
    _, url = shlex.split(line)
    with urlopen(url, timeout=PATIENCE) as response:
        found: dict[str, object] = json.load(response)
        return found


def kill_at(checkout: Checkout, pattern: str) -> str:
    """Start a demo and kill it once it says so; what it has said."""
    demo = Demo(checkout, ROWS + 1)
    demo.wait_for(pattern)
    demo.process.kill()
    demo.process.wait()
    return demo.output


@pytest.fixture(scope="module")
def killed(checkout: Checkout) -> str:
    """What a demo has said that was killed when it was ready, and left its servers."""
    return kill_at(checkout, "Ready: ")


def assert_it_is_alone(checkout: Checkout) -> None:
    """While a demo runs, its checkout has no other, and keeps its database."""
    done = checkout.manage("demo", "--port", str(free_port()))
    assert done.returncode == 3
    assert "A demo already runs" in done.stderr
    refused = checkout.manage("localdb", "destroy", "--yes")
    assert refused.returncode == 3
    assert "which a demo serves now. Stop it first" in refused.stderr


def test_a_first_start_is_alone_ends_with_four_lines_that_answer_and_a_stop_leaves_nothing(
    checkout: Checkout,
):
    with running(checkout) as demo:
        demo.wait_for("tables")
        assert_it_is_alone(checkout)
        lines = demo.curl_lines()
        assert len(lines) == 4
        for line in lines[:3]:
            assert answer(line)["results"], line
        assert answer(lines[1])["engine"] == "tantivy"
        assert answer(lines[3])["siren"] in lines[3]
    assert demo.process.returncode == 0, demo.output
    assert checkout.processes() == []


def test_a_demo_killed_while_it_loads_starts_over(checkout: Checkout, request: pytest.FixtureRequest):
    kill_at(checkout, "a file of companies")
    assert checkout.processes()  # its server
    said = request.getfixturevalue("killed")
    assert re.search(rf"companies: {ROWS + 1:,}", said), said


def test_what_a_killed_demo_left_is_replaced_by_a_second_start_which_finds_its_data(
    checkout: Checkout, killed: str
):
    assert any("gunicorn" in line for line in checkout.processes())
    with running(checkout, ROWS + 1) as demo:
        demo.wait_for("Ready: ")
        assert "loaded by an earlier demo" in demo.output
        assert "a file of companies" not in demo.output
    assert checkout.processes() == []


def test_companies_that_a_person_changed_are_never_replaced(checkout: Checkout, killed: str):
    code = "from foxreviews.enterprise.models import Entreprise; Entreprise.objects.first().delete()"
    assert checkout.manage("shell", "-c", code).returncode == 0
    with running(checkout, 50) as demo:
        demo.wait_for("Ready: ")
        assert "served as they are" in demo.output


def test_a_port_in_use_is_said_before_any_work(checkout: Checkout):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = checkout.manage("demo", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr == f"CommandError: Port {port} is in use. Choose another: make demo PORT={port + 1}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--port", "http"), "PORT must be a number from 1 to 65535, not 'http'"),
        (("--rows", "many"), "ROWS must be a whole number of companies, not 'many'"),
        (("--host", "192.0.2.1"), "HOST=192.0.2.1 is not an address of this machine"),
    ],
)
def test_a_wrong_value_is_named(checkout: Checkout, arguments: tuple[str, ...], message: str):
    done: subprocess.CompletedProcess[str] = checkout.manage("demo", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
