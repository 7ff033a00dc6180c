"""A primary and two streaming standbys of the suite's own, on 127.0.0.1, .2 and .3, and what may happen to them."""

import os
import secrets
import shlex
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest

from foxreviews.localdb import binaries, process, server
from foxreviews.localdb.account import Account, server_account
from tests.waiting import wait_until

HOSTS = {"db1": "127.0.0.1", "db2": "127.0.0.2", "db3": "127.0.0.3"}
DATABASE = "foxreviews"
# db2 and db3 notice within a second what has happened to the primary, and take it as it is after a crash.
CONFIGURATION = """\
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
wal_level = replica
max_wal_senders = 10
wal_keep_size = 256MB
hot_standby = on
hot_standby_feedback = on
max_standby_streaming_delay = 0
wal_receiver_timeout = 2s
wal_retrieve_retry_interval = 200ms
shared_buffers = 32MB
max_connections = 100
fsync = off
full_page_writes = off
jit = off
autovacuum = off
shared_preload_libraries = 'pg_stat_statements'
"""
TRUST = "host all all 127.0.0.0/8 {how}\nhost replication all 127.0.0.0/8 {how}\n"


@dataclass
class Postgres:
    """A server on a host of its own."""

    name: str
    folder: Path
    port: int
    account: Account
    password: str

    @property
    def host(self) -> str:
        return HOSTS[self.name]

    @property
    def data(self) -> Path:
        return self.folder / self.name

    @property
    def url(self) -> str:
        return f"postgresql://postgres:{self.password}@{self.host}:{self.port}/{DATABASE}"

    def connect(self, database: str = DATABASE) -> "psycopg.Connection[Any]":
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user="postgres",
            password=self.password,
            dbname=database,
            autocommit=True,
        )

    def ask(self, statement: str, database: str = DATABASE) -> Any:
        """The first value that a statement finds."""
        with closing(self.connect(database)) as session:
            found = session.execute(statement)
            return found.fetchone()[0] if found.description else None

    def write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        path.chmod(0o600)
        self.account.own(path)

    def start(self) -> None:
        self.write(server.CONFIGURATION, CONFIGURATION.format(host=self.host, port=self.port))
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        server.launch(binaries.newest(), self.data, self.folder / f"{self.name}.log", self.account)

    def signal(self, number: int) -> None:
        """To the server and all its processes, the server first: a stopped one starts no other."""
        first = process.postmaster(self.data)
        others = [pid for pid in process.strays(self.data) if pid != first]
        for pid in (first, *others):
            with suppress(ProcessLookupError):
                if pid:
                    os.kill(pid, number)

    def kill(self) -> None:
        """As the system does where memory ends."""
        self.signal(signal.SIGKILL)
        wait_until(lambda: not process.strays(self.data), f"{self.name} does not end")

    def stop(self) -> None:
        if pids := process.strays(self.data):
            self.signal(signal.SIGCONT)
            process.stop(pids[:1])
            wait_until(lambda: not process.strays(self.data), f"{self.name} does not end")


@dataclass
class Servers:
    """db1 is the primary."""

    db1: Postgres
    db2: Postgres
    db3: Postgres

    @property
    def environment(self) -> dict[str, str]:
        """DATABASE_URL is whichever of them is the primary."""
        hosts = ",".join(HOSTS.values())
        one = self.db1
        return {
            "DATABASE_URL": f"postgresql://postgres:{one.password}@{hosts}:{one.port}/{DATABASE}?target_session_attrs=read-write",
            "DATABASE_REPLICA_URLS": f"{self.db2.url}?weight=2,{self.db3.url}",
        }

    def connect_to_primary(self) -> "psycopg.Connection[Any]":
        """To whichever of them it is."""
        return psycopg.connect(
            host=",".join(HOSTS.values()), port=self.db1.port, user="postgres", password=self.db1.password,
            dbname=DATABASE, target_session_attrs="read-write", autocommit=True, connect_timeout=2,
        )  # fmt: skip

    def wait_until_in_sync(self) -> None:
        """Both standbys have what the primary has now."""
        position = self.db1.ask("SELECT pg_current_wal_flush_lsn()")
        for each in (self.db2, self.db3):
            wait_until(
                lambda each=each: each.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'"),
                f"{each.name} does not follow",
            )


def type_command(line: str, of: Postgres, *, as_account: bool = True) -> str:
    """A line of the how-to, typed where PostgreSQL's programs are found, with this machine's names and passwords."""
    for name, address in HOSTS.items():
        line = line.replace(f"{name},", f"{address},").replace(f"{name} ", f"{address} ")
    line = line.replace("/var/lib/postgresql/15/main", str(of.data))
    line = line.replace("another-long-password", of.password).replace("a-long-password", of.password)
    line = line.replace("user=replicator", f"port={of.port} user=replicator")
    done = subprocess.run(
        ["sh", "-ec", line],
        env={
            "PATH": f"{binaries.newest().folder}:{os.environ['PATH']}", "PGHOST": of.host, "PGPORT": str(of.port),
            "PGUSER": "postgres", "PGPASSWORD": of.password, "PGDATABASE": "postgres",
        },
        cwd=of.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        **(of.account.process_options if as_account else {}),
    )  # fmt: skip
    assert done.returncode == 0, (shlex.quote(line), done.stdout, done.stderr)
    return done.stdout


def _free_port() -> int:
    """Free on all three addresses."""
    for _ in range(20):
        with ExitStack() as bound:
            first = bound.enter_context(socket.create_server(("127.0.0.1", 0)))
            port: int = first.getsockname()[1]
            try:
                for host in list(HOSTS.values())[1:]:
                    bound.enter_context(socket.create_server((host, port)))
            except OSError:
                continue
            return port
    pytest.skip("this system has no 127.0.0.2, or no port is free there")


@contextmanager
def replicated(template: Path, commands: list[str]) -> Iterator[Servers]:
    """A primary with the project's extensions, and standbys made by the commands of the how-to."""
    with TemporaryDirectory(prefix="foxreviews-replicas-") as name:
        folder, port, password = Path(name).resolve(), _free_port(), secrets.token_urlsafe(20)
        account = server_account(template / "data")
        account.own(folder)
        servers = Servers(*(Postgres(each, folder, port, account, password) for each in HOSTS))
        try:
            _begin(servers.db1, template)
            for each in commands:
                for standby in (servers.db2, servers.db3) if "pg_basebackup" in each else ():
                    type_command(each, standby)
                    standby.start()
                if "pg_basebackup" not in each:
                    type_command(each, servers.db1)
            yield servers
        finally:
            for each in (servers.db1, servers.db2, servers.db3):
                each.stop()


def _begin(primary: Postgres, template: Path) -> None:
    subprocess.run(["cp", "-a", str(template / "data"), str(primary.data)], check=True)
    primary.write("pg_hba.conf", TRUST.format(how="trust"))
    primary.start()
    primary.ask(f"ALTER ROLE postgres PASSWORD '{primary.password}'", "postgres")
    primary.write("pg_hba.conf", TRUST.format(how="scram-sha-256"))
    primary.ask("SELECT pg_reload_conf()", "postgres")
    primary.ask("CREATE ROLE foxreviews LOGIN", "postgres")
    primary.ask(f"CREATE DATABASE {DATABASE}", "postgres")
    for each in server.EXTENSIONS:
        primary.ask(f"CREATE EXTENSION IF NOT EXISTS {each}")
