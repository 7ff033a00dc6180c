"""A primary and two streaming standbys, on 127.0.0.1, .2 and .3, for benchmarks and for the tests of replicas."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from foxreviews.core.errors import FoxreviewsError
from foxreviews.localdb import binaries, process, server
from foxreviews.localdb.account import Account, server_account
from foxreviews.localdb.cluster import Cluster

HOSTS = {"db1": "127.0.0.1", "db2": "127.0.0.2", "db3": "127.0.0.3"}
DATABASE = "foxreviews"
MAX_SECONDS = 600.0  # that a busy machine needs for what a server does
# A standby gives way to the replay at once, and looks for the primary again after an instant.
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
wal_receiver_timeout = 5s
wal_sender_timeout = 5s
wal_retrieve_retry_interval = 200ms
shared_buffers = 64MB
fsync = off
full_page_writes = off
jit = off
autovacuum = off
shared_preload_libraries = 'pg_stat_statements'
"""
HBA = "host all all 127.0.0.0/8 {how}\nhost replication all 127.0.0.0/8 {how}\n"


class NoServersError(FoxreviewsError):
    """The servers cannot be started on this machine."""


@dataclass
class Postgres:
    """A server on an address of its own."""

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

    def ask(self, statement: str, database: str = DATABASE) -> Any:
        """The first value that a statement finds."""
        with closing(
            psycopg.connect(
                host=self.host,
                port=self.port,
                user="postgres",
                password=self.password,
                dbname=database,
                autocommit=True,
            )
        ) as session:
            found = session.execute(statement)
            row = found.fetchone() if found.description else None
            return row[0] if row else None

    def write(self, name: str, text: str) -> None:
        """One of its files."""
        path = self.data / name
        path.write_text(text)
        path.chmod(0o600)
        self.account.own(path)

    def start(self) -> None:
        self.write(server.CONFIGURATION, CONFIGURATION.format(host=self.host, port=self.port))
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        server.launch(binaries.newest(), self.data, self.folder / f"{self.name}.log", self.account)

    def signal(self, number: int) -> None:
        """To all its processes, the first one first: when it is stopped it starts no other."""
        first = process.postmaster(self.data)
        for pid in dict.fromkeys((*((first,) if first else ()), *process.strays(self.data))):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """As the system does where memory ends."""
        self.signal(signal.SIGKILL)
        self._wait_for_end()

    def stop(self) -> None:
        if not (pids := process.strays(self.data)):
            return
        self.signal(signal.SIGCONT)
        first = process.postmaster(self.data)
        process.stop([first] if first else pids)
        self._wait_for_end()

    def _wait_for_end(self) -> None:
        wait_for(lambda: not process.strays(self.data), f"{self.name} does not end")


def wait_for(holds: Callable[[], object], otherwise: str) -> None:
    """Return once it holds. Raises NoServersError."""
    limit = time.monotonic() + MAX_SECONDS
    while not holds():
        if time.monotonic() > limit:
            raise NoServersError(otherwise)
        time.sleep(0.02)


@dataclass
class Servers:
    """db1 is the primary."""

    db1: Postgres
    db2: Postgres
    db3: Postgres

    @property
    def environment(self) -> dict[str, str]:
        """DATABASE_URL is whichever of them is the primary."""
        one, hosts = self.db1, ",".join(HOSTS.values())
        at = f"postgres:{one.password}@{hosts}:{one.port}/{DATABASE}"
        return {
            "DATABASE_URL": f"postgresql://{at}?target_session_attrs=read-write",
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
            self._wait_for(each, position)

    def _wait_for(self, standby: Postgres, position: str) -> None:
        replayed = f"SELECT pg_last_wal_replay_lsn() >= '{position}'"
        wait_for(lambda: standby.ask(replayed), f"{standby.name} does not follow")


def base_backup_program() -> str:
    """The server's own: what that of another version writes for a standby, the server may not read.

    Raises BinariesMissingError.
    """
    return binaries.client_of_major("pg_basebackup", binaries.newest().major)


def base_backup(standby: Postgres, host: str = ",".join(HOSTS.values()), port: int = 0) -> None:
    """Make a standby of whichever is the primary, or of what answers at that address."""
    where = f"host={host} port={port or standby.port} user=postgres password={standby.password}"
    command = [
        *(base_backup_program(), f"--dbname={where} target_session_attrs=read-write"),
        *("--pgdata", str(standby.data), "--write-recovery-conf", "--checkpoint=fast"),
    ]
    subprocess.run(command, check=True, cwd=standby.folder, **standby.account.process_options)


@contextmanager
def primary(home: Path) -> Iterator[Servers]:
    """A primary that runs, with an empty database, and two standbys to be made; `home` is that of a cluster at rest."""
    with TemporaryDirectory(prefix="foxreviews-replicas-") as name:
        folder, port, password = Path(name).resolve(), _free_port(), secrets.token_urlsafe(20)
        account = server_account(home / "data")
        account.own(folder)
        one, two, three = (Postgres(each, folder, port, account, password) for each in HOSTS)
        try:
            _begin(one, home)
            yield Servers(one, two, three)
        finally:
            for each in (one, two, three):
                each.stop()


@contextmanager
def primary_alone() -> Iterator[Servers]:
    """A primary with an empty database, for a benchmark; its standbys are to be made."""
    with TemporaryDirectory(prefix="foxreviews-cluster-") as name:
        Path(name).chmod(0o755)
        cluster = Cluster(Path(name) / "postgres", say=lambda said: print(said, file=sys.stderr))
        try:
            cluster.start()
            cluster.stop()
            with primary(cluster.home) as servers:
                yield servers
        finally:
            cluster.destroy()


@contextmanager
def replicated() -> Iterator[Servers]:
    """The same with both standbys."""
    with primary_alone() as servers:
        for standby in (servers.db2, servers.db3):
            base_backup(standby)
            standby.start()
        yield servers


def _begin(primary: Postgres, home: Path) -> None:
    subprocess.run(["cp", "-a", str(home / "data"), str(primary.data)], check=True)
    primary.write("pg_hba.conf", HBA.format(how="trust"))
    primary.start()
    primary.ask(f"ALTER ROLE postgres PASSWORD '{primary.password}'", "postgres")
    primary.write("pg_hba.conf", HBA.format(how="scram-sha-256"))
    primary.ask("SELECT pg_reload_conf()", "postgres")
    primary.ask(f"CREATE DATABASE {DATABASE}", "postgres")
    for extension in server.EXTENSIONS:
        primary.ask(f"CREATE EXTENSION IF NOT EXISTS {extension}")


def _free_port() -> int:
    """Free on all three addresses."""
    for _ in range(20):
        with ExitStack() as bound, suppress(OSError):
            first = bound.enter_context(socket.create_server(("127.0.0.1", 0)))
            port: int = first.getsockname()[1]
            for host in list(HOSTS.values())[1:]:
                bound.enter_context(socket.create_server((host, port)))
            return port
    raise NoServersError(
        "This system has no 127.0.0.2 and 127.0.0.3 (Linux has), or no port is free on them."
    )
