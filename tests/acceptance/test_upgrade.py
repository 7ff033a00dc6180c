"""deploy/upgrade: a new release answers before the old one goes, and where it does not, the old one stays.

The releases are a few lines each, and systemctl is a stand-in that starts and ends their web servers.
"""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

CHECKOUT = Path(__file__).parents[2]
SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$SITE/systemctl.log"
command=$1
for unit; do :; done
colour=${unit#*@}
case $command:$unit in
  is-active:*@*) [ -f "$RUN/$colour.pid" ] ;;
  start:*@*)
    mkdir -p "$RUN/foxreviews-$colour"
    cd "$SITE/$colour" || exit 1
    .venv/bin/python -m gunicorn --bind "unix:$RUN/foxreviews-$colour/web.sock" config.wsgi > /dev/null 2>&1 &
    echo $! > "$RUN/$colour.pid" ;;
  stop:*@*)
    [ -f "$RUN/$colour.pid" ] || exit 0
    pid=$(cat "$RUN/$colour.pid")
    kill "$pid"
    while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done
    rm "$RUN/$colour.pid" ;;
esac
"""
RUNUSER = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift\nexec "$@"\n'
WSGI = """
def application(environ, start_response):
    ready = environ["PATH_INFO"] != "/health/ready" or {ready}
    start_response("200 OK" if ready else "503 Service Unavailable", [("Content-Type", "text/plain")])
    return [b"{name}"]
"""

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="deploy/upgrade asks with curl")


class Server:
    """A machine in a folder: its releases, and the web servers that run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "releases").mkdir()
        (folder / "settings.env").write_text("ALLOWED_HOSTS=directory.example.org,localhost\n")
        (folder / "bin").mkdir()
        for name, text in (("systemctl", SYSTEMCTL), ("runuser", RUNUSER)):
            self._write_program(folder / "bin" / name, text)
        self.environment = os.environ | {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "SITE": str(folder),
            "RUN": str(folder),
            "ENVIRONMENT": str(folder / "settings.env"),
        }

    @staticmethod
    def _write_program(path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def release(self, name: str, *, ready: bool = True) -> Path:
        """A release whose every page is its name."""
        folder = self.folder / "releases" / name
        for part in ("deploy", "config", ".venv/bin"):
            (folder / part).mkdir(parents=True)
        shutil.copy(CHECKOUT / "deploy" / "upgrade", folder / "deploy")
        (folder / "manage.py").touch()
        (folder / "config" / "wsgi.py").write_text(WSGI.format(ready=ready, name=name))
        self._write_program(folder / ".venv/bin/python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        return folder

    def upgrade(self, release: Path, patience: int = 300) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(release / "deploy" / "upgrade")],
            env=self.environment | {"SECONDS_TO_GET_READY": str(patience)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def answer(self) -> str:
        """What a visitor reads: nginx asks the other web server where one is not there."""
        for colour in ("blue", "green"):
            with suppress(OSError, http.client.HTTPException), socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self.folder / f"foxreviews-{colour}" / "web.sock"))
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = http.client.HTTPResponse(connection)
                answer.begin()
                return answer.read().decode()
        return ""

    @contextmanager
    def visited(self) -> Iterator[list[str]]:
        """All that visitors read while the block runs."""
        read: list[str] = []
        stop = threading.Event()

        def ask() -> None:
            while not stop.wait(0.01):
                read.append(self.answer())

        thread = threading.Thread(target=ask)
        thread.start()
        try:
            yield read
        finally:
            stop.set()
            thread.join()

    def stop(self) -> None:
        for colour in ("blue", "green"):
            subprocess.run(
                ["systemctl", "stop", f"foxreviews-web@{colour}"], env=self.environment, check=True
            )


@pytest.fixture
def server() -> Iterator[Server]:
    with TemporaryDirectory() as folder:  # short: the path of a socket has at most 107 characters
        made = Server(Path(folder).resolve())
        try:
            yield made
        finally:
            made.stop()


def test_a_release_takes_over_from_the_one_before_and_no_request_is_refused(server: Server) -> None:
    one, two = server.release("one"), server.release("two")
    assert server.upgrade(one).returncode == 0
    with server.visited() as read:
        done = server.upgrade(two)
    assert done.returncode == 0, done.stderr
    assert set(read) <= {"one", "two"}
    assert server.answer() == "two"
    assert (server.folder / "current").resolve() == two
    assert [colour for colour in ("blue", "green") if (server.folder / f"{colour}.pid").exists()] == ["green"]
    assert server.upgrade(one).returncode == 0, "and back"
    assert server.answer() == "one"


def test_typed_by_the_link_to_the_current_release_it_starts_that_release_again(server: Server) -> None:
    one = server.release("one")
    assert server.upgrade(one).returncode == 0
    done = server.upgrade(server.folder / "current")
    assert (done.returncode, server.answer()) == (0, "one"), done.stderr
    assert (server.folder / "current").readlink() == one, "and not to itself"


def test_a_release_that_does_not_get_ready_changes_nothing(server: Server) -> None:
    one, broken = server.release("one"), server.release("broken", ready=False)
    server.upgrade(one)
    done = server.upgrade(broken, patience=1)
    assert done.returncode == 1
    assert "it is not ready after 1 s: stopped again; the old release goes on." in done.stderr
    assert server.answer() == "one"
    assert (server.folder / "current").resolve() == one
    assert server.upgrade(server.release("fixed")).returncode == 0
    assert server.answer() == "fixed"


def test_the_error_on_a_release_without_packages_says_what_to_type(server: Server) -> None:
    bare = server.release("bare")
    shutil.rmtree(bare / ".venv")
    done = server.upgrade(bare)
    assert (done.returncode, server.answer()) == (2, "")
    assert "Type: scripts/setup" in done.stderr


def test_a_python_that_the_account_may_not_run_is_refused_before_anything_is_tried(server: Server) -> None:
    private = server.release("private")
    server._write_program(private / ".venv/bin/python", "#!/bin/sh\nexit 126\n")
    done = server.upgrade(private)
    assert (done.returncode, server.answer()) == (2, "")
    assert "the account foxreviews may not run" in done.stderr
    assert "scripts/setup" in done.stderr
    assert "migrating" not in done.stderr
