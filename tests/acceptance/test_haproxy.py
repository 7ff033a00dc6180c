"""deploy/haproxy/foxreviews.cfg, in a real HAProxy before two web hosts, each with an index and a daemon of its own.

Visitors ask all the time, each from an address of its own, while hosts are killed, hang and are upgraded by what
docs/howto/balancer.md tells to type. The tests come in the order of the file.
"""

import json
import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPMessage, IncompleteRead
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import psycopg
import pytest

from tests import commands
from tests.commands import Command
from tests.summary import find_program
from tests.waiting import DEADLINE, wait_until

CHECKOUT = Path(__file__).parents[2]
CONFIGURATION = CHECKOUT / "deploy" / "haproxy" / "foxreviews.cfg"
PAGE = CHECKOUT / "docs" / "howto" / "balancer.md"
HAPROXY, SOCAT, CURL, OPENSSL = map(find_program, ("haproxy", "socat", "curl", "openssl"))
PORT_ATTEMPTS = 10
COLOURS = {"blue": 8001, "green": 8002}
RATE = 20  # requests of a client, in a day
VISITORS = 4
PAGES = (
    "/api/entreprises/?departement=69",
    "/api/entreprises/?q=boulangerie",
    "/api/villes/",
    "/api/suggestions/?q=bou",
    "/",
)
ENOUGH = 40  # requests, in each state
PATIENT = ("timeout check 5s", "timeout check 60s")  # no probe fails because the machine is busy
addresses = count(1)

pytestmark = [
    pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed"),
    pytest.mark.skipif(SOCAT is None, reason="socat is not installed"),
    pytest.mark.skipif(CURL is None, reason="curl is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux has 127.0.0.2"),
]


@dataclass
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def code(self) -> str:
        """Of a problem."""
        assert self.headers["Content-Type"] == "application/problem+json"
        return str(json.loads(self.body)["code"])

    @property
    def remaining(self) -> int:
        """Of the client's rate, as the web server counts it."""
        return int(self.headers["RateLimit"].split("r=")[1].split(";")[0])


def visitor_address() -> str:
    """One that nobody has had."""
    number = next(addresses)
    return f"127.{100 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"


def connect(address: str, port: int, source: str) -> HTTPConnection:
    return HTTPConnection(address, port, timeout=DEADLINE, source_address=(source, 0))


def ask(
    connection: HTTPConnection, method: str, url: str, body: bytes | None = None, **headers: str
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, url, body, {"Host": "localhost"} | named)
    answer = connection.getresponse()
    return Answer(answer.status, answer.headers, answer.read())


@dataclass
class Host:
    """A web host: an address, two places for a web server, an index, a daemon."""

    name: str
    address: str
    folder: Path
    environment: dict[str, str]
    ports: dict[str, int]
    servers: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, colour: str) -> None:
        """By the line of the how-to; back when it is ready."""
        (line,) = re.findall(r"^ExecStart=(\S+gunicorn .*)$", PAGE.read_text(), re.MULTILINE)
        for theirs, of_this_test in (
            ("/srv/foxreviews/%i/.venv/bin/gunicorn", f"{shlex.quote(sys.executable)} -m gunicorn"),
            ("/run/foxreviews-%i/web.sock", str(self.folder / f"{colour}.sock")),
            ("10.0.0.11:${place#*:}", f"{self.address}:{self.ports[colour]}"),
            ("config.wsgi", "--workers 1 --log-level warning config.wsgi"),
        ):
            assert theirs in line
            line = line.replace(theirs, of_this_test)
        self.servers[colour] = subprocess.Popen(
            shlex.split(line), cwd=CHECKOUT, env=self.environment, process_group=0
        )
        wait_until(partial(self._is_ready, colour), f"{self.name} does not get ready", pause=0.1)

    def _is_ready(self, colour: str) -> bool:
        assert self.servers[colour].poll() is None, "the web server has ended"
        connection = connect(self.address, self.ports[colour], visitor_address())
        try:
            return ask(connection, "GET", "/health/ready").status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def stop(self, colour: str) -> None:
        """As systemd does."""
        self.servers[colour].terminate()
        self.servers.pop(colour).wait(DEADLINE)

    def signal(self, colour: str, number: int) -> None:
        """To all its processes."""
        os.killpg(self.servers[colour].pid, number)

    def kill(self, colour: str) -> None:
        self.signal(colour, signal.SIGKILL)
        self.servers.pop(colour).wait(DEADLINE)

    def end(self) -> None:
        for colour in [*self.servers]:
            self.kill(colour)

    def find(self, name: str) -> tuple[str, int]:
        """Which engine finds a name, and how many companies."""
        connection = connect(self.address, self.ports["blue"], visitor_address())
        try:
            found = json.loads(ask(connection, "GET", f"/api/entreprises/?q={name}").body)
        finally:
            connection.close()
        return found["engine"], len(found["results"])


@dataclass
class Visits:
    """What visitors were answered: how many requests, which failed, and which broke off in the middle of an answer."""

    asked: int = 0
    failed: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def wait_for_more(self) -> None:
        until = self.asked + ENOUGH
        wait_until(lambda: self.asked >= until, "nobody is answered")

    def make(self, request: Callable[[], Answer]) -> None:
        try:
            answer = request()
        except IncompleteRead as error:
            self.broken.append(repr(error))
        except (OSError, HTTPException) as error:
            self.failed.append(repr(error))
        else:
            if answer.status != 200:
                self.failed.append(f"{answer.status} {answer.body.decode(errors='replace')[:200]}")
        self.asked += 1


def read(connection: HTTPConnection, page: str) -> Answer:
    return ask(connection, "GET", page)


def post(connection: HTTPConnection, _page: str) -> Answer:
    numbers = json.dumps({"siren": ["732829320"]}).encode()
    return ask(connection, "POST", "/api/lots/", numbers, Content_Type="application/json")


@dataclass
class Balancer:
    folder: Path
    port: int
    figures: int

    def ask(
        self, method: str, url: str, source: str = "", body: bytes | None = None, **headers: str
    ) -> Answer:
        connection = connect("127.0.0.1", self.port, source or visitor_address())
        try:
            return ask(connection, method, url, body, **headers)
        finally:
            connection.close()

    def get(self, url: str, source: str = "", **headers: str) -> Answer:
        return self.ask("GET", url, source, **headers)

    def type(self, line: str) -> str:
        """A line of the how-to."""
        for theirs, of_this_test in (
            ("/run/haproxy/admin.sock", str(self.folder / "admin.sock")),
            ("http://127.0.0.1:8405/", f"http://127.0.0.1:{self.figures}/"),
            ("http://127.0.0.1/", f"http://127.0.0.1:{self.port}/"),
            ("directory.example.org", "localhost"),
        ):
            line = line.replace(theirs, of_this_test)
        done = subprocess.run(["sh", "-ec", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout

    def states(self) -> dict[str, str]:
        """Of the servers that are probed."""
        rows = [line.split(",") for line in self.type(typed("3.")[1]).splitlines()]
        return {row[1]: row[3].split()[0] for row in rows if row[0] == "web" and row[1] != "BACKEND"}

    def wait_for(self, **states: str) -> None:
        wanted = {name.replace("_", "-"): state for name, state in states.items()}
        wait_until(
            lambda: wanted.items() <= self.states().items(),
            lambda: f"{wanted}: {self.states()}",
            pause=0.1,
        )

    @contextmanager
    def visited(self, visit: Callable[[HTTPConnection, str], Answer] = read) -> Iterator[Visits]:
        """While the block runs, each visitor makes some requests over one connection, then another comes."""
        visits, ends = Visits(), Event()

        def come() -> None:
            while not ends.is_set():
                connection = connect("127.0.0.1", self.port, visitor_address())
                for page in PAGES:
                    visits.make(partial(visit, connection, page))
                    ends.wait(0.02)
                connection.close()

        threads = [Thread(target=come) for _ in range(VISITORS)]
        for thread in threads:
            thread.start()
        try:
            visits.wait_for_more()
            yield visits
            visits.wait_for_more()
        finally:
            ends.set()
            for thread in threads:
                thread.join()


def typed(section: str) -> list[str]:
    """The commands of a section of the how-to."""
    text = PAGE.read_text().split(f"\n## {section}")[1].split("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def hosts(shared_database: dict[str, str], companies_file: Callable[[int], Path]) -> Iterator[list[Host]]:
    """Both with a web server that is ready, in the place called blue."""
    done = commands.run(shared_database, "import_entreprises_bulk", companies_file(600))
    assert done.returncode == 0, done.stderr
    with ExitStack() as stack:
        made = []
        for number in (1, 2):
            folder = Path(stack.enter_context(TemporaryDirectory()))  # a socket's path must be short
            # Nobody else on this machine has this address, so no other program takes a port while a host is away.
            address = f"127.{60 + number}.{secrets.randbelow(250)}.{secrets.randbelow(250) + 1}"
            environment = shared_database | {
                "SEARCH_INDEX_DIR": str(folder / "search"), "LOG_DIR": str(folder / "logs"),
                "TRUSTED_PROXIES": "1", "THROTTLE_RATE": f"{RATE}/day",
            }  # fmt: skip
            ports = {colour: free_port(address) for colour in COLOURS}
            host = Host(f"web{number}", address, folder, environment, ports)
            with (folder / "daemon.log").open("w") as log:
                daemon = Command(environment, "search_catchup", "--follow", stdout=log)
            stack.callback(daemon.wait, DEADLINE)
            stack.callback(daemon.terminate)
            stack.callback(host.end)
            host.start("blue")
            made.append(host)
        yield made


@contextmanager
def balancing(hosts: list[Host], *replaced: tuple[str, str]) -> Iterator[Balancer]:
    """The file as it is but for its paths, addresses and account, and more frequent probes."""
    text = CONFIGURATION.read_text()
    for before, after in (
        ("    user haproxy\n    group haproxy\n", ""),
        ("log /dev/log local0", "log stdout format raw local0"),
        ("maxconn 20000", "maxconn 2000"),  # as many files as any account may open
        ("inter 2s fastinter 500ms downinter 1s", "inter 200ms fastinter 100ms downinter 100ms"),
        ("hdr Host directory.example.org", "hdr Host localhost"),
        *(
            (f"10.0.0.1{number}:{port}", f"{host.address}:{host.ports[colour]}")
            for number, host in enumerate(hosts, 1)
            for colour, port in COLOURS.items()
        ),
        *replaced,
    ):
        assert before in text, before
        text = text.replace(before, after)
    with TemporaryDirectory() as name:
        balancer, process = _start(Path(name), text)
        try:
            balancer.wait_for(web1_blue="UP", web1_green="DOWN", web2_blue="UP", web2_green="DOWN")
            yield balancer
        finally:
            process.kill()
            process.wait(DEADLINE)


def _start(folder: Path, text: str) -> "tuple[Balancer, subprocess.Popen[bytes]]":
    """With other ports where another program took one before HAProxy did."""
    for _ in range(PORT_ATTEMPTS):
        made = Balancer(folder, free_port("127.0.0.1"), free_port("127.0.0.1"))
        (folder / "haproxy.cfg").write_text(
            text.replace("bind :::80 v4v6", f"bind 127.0.0.1:{made.port}")
            .replace("127.0.0.1:8405", f"127.0.0.1:{made.figures}")
            .replace("/run/haproxy/", f"{folder}/")
        )
        with (folder / "haproxy.log").open("w") as log:
            command = [str(HAPROXY), "-db", "-f", str(folder / "haproxy.cfg")]
            process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(
            lambda process=process, port=made.port: process.poll() is not None or _listens(port),
            "HAProxy does not start",
        )
        if process.poll() is None:
            return made, process
    pytest.fail((folder / "haproxy.log").read_text())


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def balancer(hosts: list[Host]) -> Iterator[Balancer]:
    with balancing(hosts, PATIENT) as running:
        yield running


def test_each_host_answers_from_an_index_of_its_own_what_changes(
    hosts: list[Host], balancer: Balancer
) -> None:
    with psycopg.connect(hosts[0].environment["DATABASE_URL"]) as connection:
        connection.execute(
            "UPDATE enterprise_entreprise SET nom = 'ZYXWATT' WHERE siren = (SELECT min(siren) FROM "
            "enterprise_entreprise WHERE statut_diffusion = 'O')"
        )
    for host in hosts:
        wait_until(
            lambda host=host: host.find("zyxwatt") == ("tantivy", 1),
            f"{host.name} does not follow",
            pause=0.2,
        )
        assert any((host.folder / "search").iterdir())
    assert json.loads(balancer.get("/api/entreprises/?q=zyxwatt").body)["engine"] == "tantivy"


def test_what_the_how_to_tells_to_type_shows_what_it_says(balancer: Balancer) -> None:
    answered, states, up = map(balancer.type, typed("3."))
    assert answered == "200\n"
    assert "web,web1-blue,0,UP\nweb,web1-green,0,DOWN\n" in states
    assert re.findall(r'server="(\S+?)".* 1$', up, re.MULTILINE) == ["web1-blue", "web2-blue"]


def test_answers_are_compressed_and_name_no_server_and_the_log_has_no_queries(balancer: Balancer) -> None:
    answer = balancer.get("/api/entreprises/?naf=62", Accept_Encoding="gzip")
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.headers["ETag"].startswith('W/"')
    assert "Server" not in answer.headers
    log = (balancer.folder / "haproxy.log").read_text()
    assert re.search(r"^GET /api/entreprises/ 200 \d+ \d+ web/web[12]-blue 0$", log, re.MULTILINE)
    assert "naf=" not in log


def test_the_client_is_the_address_that_the_balancer_saw_whatever_it_writes_itself(
    balancer: Balancer,
) -> None:
    drain, _, ready = (line.replace("web1-", "web2-") for line in typed("5."))
    balancer.type(drain)  # each host counts for itself
    try:
        one, other = visitor_address(), visitor_address()
        forged = [{}, {"X_Forwarded_For": "192.0.2.1"}, {"X_Forwarded_For": "192.0.2.2, 192.0.2.3"}]
        answers = [balancer.get("/api/villes/", one, **headers) for headers in forged]
        assert [answer.remaining for answer in answers] == [RATE - 1, RATE - 2, RATE - 3]
        assert balancer.get("/api/villes/", other).remaining == RATE - 1
        page = json.loads(balancer.get("/api/entreprises/?page_size=2", X_Forwarded_Proto="https").body)
        assert page["next"].startswith("http://localhost/")
    finally:
        balancer.type(ready)


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_with_a_key_it_speaks_tls_and_tells_the_web_server(hosts: list[Host], tmp_path: Path) -> None:
    pem, port = tmp_path / "directory.pem", free_port("127.0.0.1")
    subprocess.run(
        [str(OPENSSL), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1",
         "-keyout", str(pem), "-out", str(tmp_path / "certificate.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    pem.write_text(pem.read_text() + (tmp_path / "certificate.pem").read_text())
    ours = "# bind :::443 v4v6 ssl crt /etc/haproxy/directory.pem"
    with balancing(hosts, PATIENT, (ours, f"bind 127.0.0.1:{port} ssl crt {pem}")):
        url = f"https://localhost:{port}/api/entreprises/?page_size=2"
        command = [str(CURL), "--silent", "--cacert", str(tmp_path / "certificate.pem"), url]
        headers = ["-H", "X-Forwarded-Proto: http", "-w", r"\n%{http_version}"]
        done = subprocess.run([*command, *headers], check=True, capture_output=True, text=True)
    page, version = done.stdout.rsplit("\n", 1)
    assert version == "2"
    assert json.loads(page)["next"].startswith("https://localhost")


def test_what_is_refused_is_said_like_the_other_errors(balancer: Balancer) -> None:
    for path in ("/admin/", "/%61dmin/login/", "/metrics", "/metric%73"):
        assert balancer.get(path).code == "not-allowed", path
    assert balancer.get("/api/entreprises/?q=" + "a" * 21_000).code == "address-too-long"
    assert balancer.get("/api/", X_Long="a" * 35_000).status == 431
    numbers = json.dumps({"siret": [f"{number:014}" for number in range(10_000)]}).encode()
    lot = balancer.ask("POST", "/api/lots/", body=numbers, Content_Type="application/json")
    assert lot.status == 200
    assert balancer.ask("POST", "/api/lots/", body=numbers * 2).code == "content-too-large"


def test_who_asks_without_end_is_refused_and_nobody_else(hosts: list[Host]) -> None:
    with balancing(hosts, PATIENT, ("sc_http_req_rate(0) gt 200", "sc_http_req_rate(0) gt 5")) as balancer:
        greedy = visitor_address()
        wait_until(
            lambda: balancer.get("/robots.txt", greedy).status == 429, "it may ask without end", pause=0
        )
        assert balancer.get("/api/", greedy).code == "too-many-requests"
        page = balancer.get("/recherche?q=renard", greedy)
        assert (page.status, page.headers["Content-Type"]) == (429, "text/html; charset=utf-8")
        assert b'name="q"' in page.body
        assert page.headers["Retry-After"]
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert balancer.get("/robots.txt").status == 200


def test_clients_that_send_little_hold_up_nobody_but_themselves(hosts: list[Host]) -> None:
    soon = ("timeout http-request 10s", "timeout http-request 5s")
    with balancing(hosts, PATIENT, soon) as balancer, ExitStack() as stack:
        source = visitor_address()

        def open_connection() -> socket.socket:
            place = ("127.0.0.1", balancer.port)
            return stack.enter_context(socket.create_connection(place, DEADLINE, (source, 0)))

        slow = [open_connection() for _ in range(60)]
        for connection in slow:
            connection.sendall(b"GET /api/villes/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        counted = 'echo "show table clients" | socat stdio /run/haproxy/admin.sock'
        wait_until(lambda: "conn_cur=60" in balancer.type(counted), "they are not counted")
        with suppress(ConnectionError):
            one_more = open_connection()
            one_more.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert one_more.recv(100) == b"", "one client has more than 60 connections"
        with balancer.visited() as visits:
            visits.wait_for_more()
        assert not visits.failed
        assert {connection.recv(100)[8:13] for connection in slow} == {b" 408 "}
        assert balancer.get("/robots.txt", source).status == 200


def test_a_host_that_is_killed_fails_no_request_but_what_it_was_sending(
    hosts: list[Host], balancer: Balancer
) -> None:
    with balancer.visited() as visits:
        hosts[0].kill("blue")
        balancer.wait_for(web1_blue="DOWN")
        visits.wait_for_more()
        hosts[0].start("blue")
        balancer.wait_for(web1_blue="UP")
    assert not visits.failed
    assert len(visits.broken) <= VISITORS


def test_a_host_that_hangs_fails_no_request(hosts: list[Host]) -> None:
    with balancing(hosts) as balancer:
        with balancer.visited() as visits:
            hosts[1].signal("blue", signal.SIGSTOP)
            try:
                balancer.wait_for(web2_blue="DOWN")
                visits.wait_for_more()
                show = typed("5.")[1].replace("web1-", "web2-")
                wait_until(lambda: balancer.type(show).startswith("0,"), "it is not given up", pause=0.2)
            finally:
                hosts[1].signal("blue", signal.SIGCONT)
            balancer.wait_for(web2_blue="UP")
        assert not visits.failed
        assert not visits.broken


def test_a_server_that_is_drained_ends_what_it_has_and_no_request_fails_whatever_it_does(
    hosts: list[Host], balancer: Balancer
) -> None:
    drain, show, ready = typed("5.")
    with balancer.visited(post) as visits:
        balancer.type(drain)
        wait_until(lambda: balancer.type(show).startswith("0,DRAIN"), "it does not end what it has")
        hosts[0].stop("blue")
        visits.wait_for_more()
        hosts[0].start("blue")
        balancer.type(ready)
        balancer.wait_for(web1_blue="UP")
    assert not visits.failed
    assert not visits.broken


def test_a_release_is_changed_host_by_host_and_no_request_fails(
    hosts: list[Host], balancer: Balancer
) -> None:
    """What deploy/upgrade does: start in the free place, ask whether it is ready, stop the old one."""
    with balancer.visited() as visits:
        for host in hosts:
            host.start("green")
            host.stop("blue")
            visits.wait_for_more()
    balancer.wait_for(web1_blue="DOWN", web1_green="UP", web2_blue="DOWN", web2_green="UP")
    assert not visits.failed
    assert not visits.broken


def test_hosts_that_are_not_ready_are_asked_where_no_other_is(hosts: list[Host], balancer: Balancer) -> None:
    serving = {f"{host.name}_{colour}" for host in hosts for colour in host.servers}
    url = hosts[0].environment["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations) "
            "RETURNING app, name, applied"
        ).fetchone()
        balancer.wait_for(**dict.fromkeys(serving, "DOWN"))
        assert balancer.get("/api/villes/").status == 200
        assert balancer.get("/health/ready").status == 503
        connection.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", row)
    balancer.wait_for(**dict.fromkeys(serving, "UP"))
    for host in hosts:
        for colour in [*host.servers]:
            host.stop(colour)
    assert balancer.get("/api/villes/").code == "unavailable"
