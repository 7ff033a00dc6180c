"""Reads from real streaming replicas, under requests all the time: each is answered, by nothing older than promised.

The tests come in the order of the file; the last one ends with another primary. Servers are made, watched and promoted
by the commands of docs/howto/read-replicas.md.
"""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest

from benchmarks.replication import HOSTS, Postgres, Servers, base_backup_program, primary
from foxreviews.core.server_watch import STATEMENT_SECONDS
from foxreviews.localdb import binaries
from foxreviews.localdb.binaries import BinariesMissingError
from foxreviews.web import slugs
from tests import commands
from tests.acceptance.web import Server, serving
from tests.conftest import UNHURRIED_MS
from tests.waiting import DEADLINE, wait_until

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "read-replicas.md"
MAX_LAG = 4  # seconds
FEW = 20  # answers
ANSWERED = 'outcome="answered",replica="replica-1"'
MASK = "[ND]"
HIDE = "UPDATE enterprise_entreprise SET categorie_juridique = '1000', statut_diffusion = 'P' WHERE siren = '{siren}'"
SHOW = (
    "DO $$ BEGIN PERFORM set_config('foxreviews.register', 'on', true); UPDATE enterprise_entreprise "
    "SET categorie_juridique = '5710', statut_diffusion = 'O', nom = 'RETROUVEE' WHERE siren = '{siren}'; END $$"
)
WRITTEN = "SELECT nom_commercial FROM enterprise_entreprise WHERE siren = '{siren}'"
PAGES = 3  # of 50 companies, that a walk reads
THREADS = 4
ENOUGH = 20  # of each kind of request, in each test
SAMPLE = re.compile(r"^(foxreviews_replica_\w+)\{(.*)\} (\S+)$", re.MULTILINE)


def typed(section: str) -> list[str]:
    """The commands of a section of the how-to."""
    text = PAGE.read_text().split(f"\n## {section}")[1].split("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if "manage.py" not in line]


def type_command(line: str, of: Postgres) -> None:
    """Type it where the server is, under its account, with the names and passwords of this test."""
    for name, address in HOSTS.items():
        line = line.replace(f"{name},", f"{address},").replace(f"{name} ", f"{address} ")
    line = line.replace("/var/lib/postgresql/15/main", str(of.data)).replace(
        "user=replicator", f"port={of.port} user=replicator"
    )
    line = line.replace("another-long-password", of.password).replace("a-long-password", of.password)
    folders = (Path(base_backup_program()).parent, binaries.newest().folder, os.environ["PATH"])
    environment = {
        "PATH": ":".join(map(str, folders)), "PGHOST": of.host, "PGPORT": str(of.port),
        "PGUSER": "postgres", "PGPASSWORD": of.password, "PGDATABASE": "postgres",
    }  # fmt: skip
    done = subprocess.run(
        ["sh", "-ec", line], env=environment, cwd=of.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, **of.account.process_options,
    )  # fmt: skip
    assert done.returncode == 0, (line, done.stdout, done.stderr)


@dataclass
class Directory:
    """The web server, its databases, the environment of commands, and a company that is written again and again."""

    servers: Servers
    environment: dict[str, str]
    web: Server
    siren: str = ""
    nom: str = ""
    names: list[str] = field(default_factory=list)  # SIREN in the order of the names

    @property
    def page(self) -> str:
        """The address of the company's page."""
        return f"/entreprise/{slugs.key(self.siren, self.nom)}"

    def get(self, path: str, **headers: str) -> dict[str, Any]:
        status, text = self.web.get(path, headers)
        assert status == 200, text
        found: dict[str, Any] = json.loads(text)
        return found

    def samples(self, name: str) -> dict[str, float]:
        """Of the replicas' metrics, as one of the workers has them."""
        found = SAMPLE.findall(self.web.get("/metrics")[1])
        return {labels: float(value) for each, labels, value in found if each == name}

    def wait_until_read(self, **replicas: bool) -> None:
        """Until each worker reads these replicas, or none does."""
        wanted = {f'replica="{name.replace("_", "-")}"': float(is_read) for name, is_read in replicas.items()}

        def all_say_so() -> bool:
            return all(wanted.items() <= self.samples("foxreviews_replica_up").items() for _ in range(10))

        wait_until(all_say_so, lambda: f"{wanted}: {self.web.get('/health/ready')[1]}", pause=0.1)

    def outcomes(self) -> Counter[str]:
        return Counter(
            {name: int(n) for name, n in self.samples("foxreviews_replica_requests_total").items()}
        )


@pytest.fixture(scope="module")
def servers(cluster_template: Path) -> Iterator[Servers]:
    if sys.platform != "linux":
        pytest.skip("only Linux has 127.0.0.2")
    try:
        base_backup_program()
    except BinariesMissingError as error:
        pytest.skip(str(error))
    make, *look = typed("2.")
    with primary(cluster_template) as made:
        made.db1.ask("CREATE ROLE foxreviews LOGIN")
        for line in typed("1."):
            type_command(line, made.db1)
        for standby in (made.db2, made.db3):
            type_command(make, standby)
            standby.start()
        for line, where in zip(look, (made.db2, made.db1), strict=True):
            type_command(line, where)
        yield made


@pytest.fixture(scope="module")
def directory(
    servers: Servers, companies_file: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Directory]:
    folder = tmp_path_factory.mktemp("replicas")
    names = ("SEARCH_INDEX_DIR", "LOG_DIR", "BACKUP_DIR")
    environment = os.environ | servers.environment | {
        "SECRET_KEY": secrets.token_urlsafe(50), "MAX_REPLICA_LAG": str(MAX_LAG), "LOG_FORMAT": "json",
        "SLOW_REQUEST_MS": str(UNHURRIED_MS), "SLOW_QUERY_MS": str(UNHURRIED_MS),
        **{name: str(folder / name.lower()) for name in names},
    }  # fmt: skip
    for command in (
        ("migrate", "--verbosity", "0"),
        ("import_entreprises_bulk", companies_file(600)),
        ("search_rebuild",),
    ):
        done = commands.run(environment, *command)
        assert done.returncode == 0, done.stderr
    with (folder / "daemon.log").open("w") as output:
        daemon = commands.Command(environment, "search_catchup", "--follow", stdout=output)
    try:
        with serving(environment, folder / "web.log") as web:
            made = Directory(servers, environment, web)
            made.names = [
                row["siren"] for row in _walk(made, "/api/entreprises/?ordering=nom&page_size=50", PAGES)
            ]
            made.siren, made.nom = made.names[-1], made.get(f"/api/entreprises/{made.names[-1]}/")["nom"]
            yield made
    finally:
        daemon.terminate()
        daemon.wait(DEADLINE)


def _walk(directory: Directory, path: str, pages: int) -> list[dict[str, Any]]:
    rows = []
    for _ in range(pages):
        page = directory.get(path)
        rows += page["results"]
        path = "?".join(urlsplit(page["next"])[2:4])
    return rows


class Writer(Thread):
    """Writes the next number into a company, on whichever server is the primary, and knows when it was committed."""

    def __init__(self, directory: Directory) -> None:
        super().__init__(daemon=True)
        self.commits: list[tuple[float, int]] = []
        self.servers, self.siren, self.ended = directory.servers, directory.siren, Event()

    def run(self) -> None:
        session: psycopg.Connection[Any] | None = None
        number = 0
        while not self.ended.wait(0.03):
            number += 1
            try:
                session = session or self.servers.connect_to_primary()
                session.execute(
                    "UPDATE enterprise_entreprise SET nom_commercial = %s WHERE siren = %s",
                    [f"V {number}", self.siren],
                )
                self.commits.append((monotonic(), number))
            except psycopg.Error:
                session = None
        if session:
            session.close()

    def lose(self, number: int) -> None:
        """What was committed after this one was lost with the primary: replication is asynchronous."""
        self.commits = [commit for commit in self.commits if commit[1] <= number]

    def promised(self, at: float) -> int:
        """The least number that an answer to a request of that moment may have."""
        place = bisect_right(self.commits, at - MAX_LAG, key=lambda commit: commit[0])
        return self.commits[place - 1][1] if place else 0


class Readers:
    """Threads that send requests of all kinds, and note what is wrong with an answer."""

    def __init__(self, directory: Directory, writer: Writer) -> None:
        self.directory, self.writer, self.ended = directory, writer, Event()
        self.wrong: list[str] = []
        self.counts: Counter[str] = Counter()
        self.slowest = 0.0
        self.threads = [Thread(target=self._run, args=[number], daemon=True) for number in range(THREADS)]

    def has_enough(self) -> bool:
        return bool(self.wrong) or (
            len(self.counts) == len(self.kinds) and min(self.counts.values()) >= ENOUGH
        )

    @property
    def kinds(self) -> dict[str, Callable[[], None]]:
        return {
            "detail": self._detail, "lot": self._lot, "walk": self._walk, "search": self._search, "page": self._page,
        }  # fmt: skip

    def _run(self, number: int) -> None:
        kinds = list(self.kinds.items())
        while not self.ended.is_set():
            number += 1
            name, ask = kinds[number % len(kinds)]
            try:
                ask()
            except Exception as error:  # noqa: BLE001 - each of them is what the test is about
                self.wrong.append(f"{name}: {error!r}")
            self.counts[name] += 1

    def _ask(self, path: str, body: Any = None) -> dict[str, Any]:
        started = monotonic()
        connection = HTTPConnection("127.0.0.1", self.directory.web.port, timeout=DEADLINE)
        try:
            method = "POST" if body else "GET"
            text = json.dumps(body) if body else None
            connection.request(method, path, text, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status != 200:
                raise AssertionError(f"{path}: {answer.status} {text[:300]}")
            found: dict[str, Any] = json.loads(text)
            return found
        finally:
            connection.close()
            self.slowest = max(self.slowest, monotonic() - started)

    def _check(self, row: dict[str, Any], at: float) -> None:
        number = int(row["nom_commercial"].removeprefix("V ") or 0)
        if number < (promised := self.writer.promised(at)):
            raise AssertionError(f"{number} where {promised} was committed {MAX_LAG} s before the request")

    def _detail(self) -> None:
        at = monotonic()
        self._check(self._ask(f"/api/entreprises/{self.directory.siren}/"), at)

    def _lot(self) -> None:
        at = monotonic()
        (row,) = self._ask("/api/lots/", {"siren": [self.directory.siren]})["entreprises"]
        self._check(row, at)

    def _walk(self) -> None:
        path, seen = "/api/entreprises/?ordering=nom&page_size=50", []
        for _ in range(PAGES):
            page = self._ask(path)
            seen += [row["siren"] for row in page["results"]]
            path = "?".join(urlsplit(page["next"])[2:4])
        if seen != self.directory.names:
            raise AssertionError(f"a walk has other companies: {set(seen) ^ set(self.directory.names)}")

    def _page(self) -> None:
        """Pages for people; on that of the company stands the number that is written."""
        others = ("/", "/statistiques", "/recherche.atom", f"/recherche?q={quote(self.directory.nom)}")
        path = others[self.counts["page"] % len(others)]
        if (answer := self.directory.web.get(path))[0] != 200:
            raise AssertionError(f"{path}: {answer}")
        at = monotonic()
        status, text = self.directory.web.get(self.directory.page)
        number = re.search(r"<bdi>(V [0-9]+)</bdi>", text)
        if status != 200:
            raise AssertionError(f"{self.directory.page}: {status} {text[:300]}")
        self._check({"nom_commercial": number[1] if number else ""}, at)

    def _search(self) -> None:
        found = self._ask(f"/api/entreprises/?q={quote(self.directory.nom)}")
        if self.directory.siren not in {row["siren"] for row in found["results"]}:
            raise AssertionError(f"{self.directory.nom} is not found: {found}")


@contextmanager
def requests(directory: Directory) -> Iterator[Readers]:
    """Writing and reading go on while the block runs, and until there were enough requests after it."""
    writer = Writer(directory)
    writer.start()
    wait_until(lambda: writer.commits or not writer.is_alive(), "nothing is written")
    readers = Readers(directory, writer)
    for thread in readers.threads:
        thread.start()
    try:
        yield readers
        wait_until(readers.has_enough, lambda: f"too few requests: {readers.counts}")
    finally:
        readers.ended.set()
        for thread in readers.threads:
            thread.join(DEADLINE)
        writer.ended.set()
        writer.join(DEADLINE)
    assert readers.wrong == [], f"{len(readers.wrong)} of {readers.counts}; {readers.wrong[:5]}"
    print(f"{sum(readers.counts.values()):,} requests, the slowest {readers.slowest:.1f} s")


def test_reads_go_to_replicas_by_weight_and_what_may_be_staffs_to_the_primary(directory: Directory) -> None:
    directory.wait_until_read(replica_1=True, replica_2=True)
    with requests(directory):
        pass
    found = directory.outcomes()
    first, second = (found[f'outcome="answered",replica="replica-{number}"'] for number in (1, 2))
    assert first > second > 0
    wait_until(lambda: "in sync" in directory.web.get("/health/ready")[1], "the index does not follow")
    before = directory.outcomes()
    for _ in range(10):
        directory.get(f"/api/entreprises/{directory.siren}/", Cookie="sessionid=anything")
        directory.web.get("/admin/login/")
        directory.web.get("/health/ready")
    assert directory.outcomes() == before


def test_a_replica_that_stands_still_is_left_out_before_its_answers_are_too_old(directory: Directory) -> None:
    """Also of a company that is hidden meanwhile."""
    (row,) = directory.get("/api/entreprises/?ordering=-nom&page_size=1")["results"]
    address, search = f"/api/entreprises/{row['siren']}/", f"/api/entreprises/?q={quote(row['nom'])}"
    with requests(directory):
        directory.servers.db2.ask("SELECT pg_wal_replay_pause()")
        directory.servers.db1.ask(HIDE.format(siren=row["siren"]))
        promised = monotonic() + MAX_LAG
        names: Counter[str] = Counter()
        while monotonic() < promised + 1:
            at = monotonic()
            shown = directory.get(address)["nom"]
            found = [each["nom"] for each in directory.get(search)["results"]]
            names[shown] += 1
            assert at < promised or (shown == MASK and row["nom"] not in found), at - promised
        # A busy machine answers hardly a request within this time, and those of the other replica.
        assert names[row["nom"]] or names.total() < FEW, "the replica was not read while it was behind"
        directory.wait_until_read(replica_1=False, replica_2=True)
        assert json.loads(directory.web.get("/health/ready")[1])["status"] == "degraded"
        directory.servers.db2.ask("SELECT pg_wal_replay_resume()")
        directory.wait_until_read(replica_1=True)


def test_a_next_page_never_comes_from_a_replica_that_is_behind_the_page_before(directory: Directory) -> None:
    """A company is renamed from the end of the list to its beginning: whoever saw it there must not see it again."""
    (last,) = directory.get("/api/entreprises/?ordering=-nom&page_size=1")["results"]
    rename = "UPDATE enterprise_entreprise SET nom = '{}' WHERE siren = '{}'"
    directory.servers.db2.ask("SELECT pg_wal_replay_pause()")
    try:
        directory.servers.db1.ask(rename.format("0 PREMIERE", last["siren"]))
        seen_first = 0
        promised = monotonic() + MAX_LAG
        while monotonic() < promised:
            page = directory.get("/api/entreprises/?ordering=nom&page_size=1")
            if page["results"][0]["siren"] != last["siren"]:
                continue
            seen_first += 1
            # The cursor back from the second page to the first: on the one behind, the first company is another.
            second = directory.get("?".join(urlsplit(page["next"])[2:4]))
            back = directory.get("?".join(urlsplit(second["previous"])[2:4]))
            assert [row["siren"] for row in back["results"]] == [last["siren"]]
        assert seen_first, "no page came from a server that has the new name"
        assert any("behind" in name and count for name, count in directory.outcomes().items())
    finally:
        directory.servers.db2.ask("SELECT pg_wal_replay_resume()")
        directory.servers.db1.ask(rename.format(last["nom"].replace("'", "''"), last["siren"]))
    directory.wait_until_read(replica_1=True, replica_2=True)


def test_a_replica_behind_the_index_makes_no_one_hidden_who_is_public_again(directory: Directory) -> None:
    """What its row says would be noted as hidden since, and be left out of all searches until the index changes."""
    _, row = directory.get("/api/entreprises/?ordering=-nom&page_size=2")["results"]
    servers, siren, search = directory.servers, row["siren"], "/api/entreprises/?q=retrouvee"

    def is_found(**headers: str) -> bool:
        return siren in {each["siren"] for each in directory.get(search, **headers)["results"]}

    servers.db1.ask(HIDE.format(siren=siren))
    servers.wait_until_in_sync()
    wait_until(lambda: "in sync" in directory.web.get("/health/ready")[1], "the index does not follow")
    servers.db2.ask("SELECT pg_wal_replay_pause()")
    try:
        servers.db1.ask(SHOW.format(siren=siren))
        wait_until(lambda: is_found(Cookie="sessionid=anything"), "the index does not follow")
        for _ in range(20):
            is_found()
    finally:
        servers.db2.ask("SELECT pg_wal_replay_resume()")
    directory.wait_until_read(replica_1=True, replica_2=True)
    # A worker gives what it kept for a second more; who was noted as hidden is not found until the index changes.
    wait_until(lambda: all(is_found() for _ in range(20)), "it is not found again")


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill], ids=["stopped", "killed"])
def test_a_replica_that_ends_is_missed_by_no_one_and_taken_back(
    directory: Directory, end: Callable[[Postgres], None]
) -> None:
    with requests(directory):
        end(directory.servers.db2)
        directory.wait_until_read(replica_1=False, replica_2=True)
        directory.servers.db2.start()
        directory.wait_until_read(replica_1=True)
        count = directory.outcomes()[ANSWERED]
        wait_until(lambda: directory.outcomes()[ANSWERED] > count, "it is asked nothing")


def test_a_replica_that_hangs_costs_its_requests_some_seconds_and_no_other(directory: Directory) -> None:
    with requests(directory) as readers:
        directory.servers.db2.signal(signal.SIGSTOP)
        try:
            directory.wait_until_read(replica_1=False, replica_2=True)
        finally:
            directory.servers.db2.signal(signal.SIGCONT)
        directory.wait_until_read(replica_1=True)
    assert readers.slowest < STATEMENT_SECONDS


def test_a_statement_that_is_ended_for_the_replay_is_answered_by_another_server(directory: Directory) -> None:
    """The primary locks a table again and again, for an instant: a standby ends who reads it then."""
    lock = "DO $$ BEGIN LOCK TABLE enterprise_entreprise IN ACCESS EXCLUSIVE MODE; END $$"
    ended = "SELECT sum(confl_lock) FROM pg_stat_database_conflicts"

    def conflict() -> bool:
        directory.servers.db1.ask(lock)
        return any(each.ask(ended) for each in (directory.servers.db2, directory.servers.db3))

    with requests(directory):
        wait_until(conflict, "no statement is ended")
    assert any("failed" in name and count for name, count in directory.outcomes().items())


def test_doctor_tells_of_the_replicas_and_of_what_the_primary_keeps_for_none(directory: Directory) -> None:
    directory.servers.wait_until_in_sync()
    directory.servers.db1.ask("SELECT pg_create_physical_replication_slot('forgotten', true)")
    try:
        done = commands.run(directory.environment, "doctor", "--json")
    finally:
        directory.servers.db1.ask("SELECT pg_drop_replication_slot('forgotten')")
    found = {each["subject"]: each for each in json.loads(done.stdout)["findings"]}
    assert [found[name]["severity"] for name in ("replica-1", "replica-2", "slot forgotten")] == [
        "ok",
        "ok",
        "note",
    ]


def test_a_primary_that_hangs_and_then_dies_is_not_missed_by_readers_and_a_standby_takes_its_place(
    directory: Directory,
) -> None:
    servers = directory.servers
    with requests(directory) as readers:
        servers.db1.signal(signal.SIGSTOP)
        until = monotonic() + 2 * MAX_LAG
        wait_until(
            lambda: "replicas answer" in directory.web.get("/health/ready")[1], "the primary is not missed"
        )
        while monotonic() < until:
            assert directory.web.get("/health/ready")[0] == 200
        servers.db1.kill()
        readers.writer.lose(int(servers.db2.ask(WRITTEN.format(siren=directory.siren)).removeprefix("V ")))
        for line in typed("5."):
            type_command(line, servers.db2)
        wait_until(lambda: not servers.db2.ask("SELECT pg_is_in_recovery()"), "db2 is not promoted")
        count = len(readers.writer.commits)
        wait_until(lambda: len(readers.writer.commits) > count + 20, "nothing is written to the new primary")
        directory.wait_until_read(replica_1=False, replica_2=True)
    wait_until(
        lambda: "in sync" in directory.web.get("/health/ready")[1], "the index is not built again", pause=0.2
    )
    done = commands.run(directory.environment, "doctor", "--json")
    found = {each["subject"]: each for each in json.loads(done.stdout)["findings"]}
    assert (found["replica-1"]["found"], found["replica-2"]["severity"]) == ("is no standby", "ok")
