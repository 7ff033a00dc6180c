"""Starts commands of manage.py as processes that find their modules imported.

`tests.commands` starts one and asks. A message with the standard files starts a command; the answer is its process id.
A process id is answered with the exit code, or null as long as the process runs.

Started with "ours", it has imported this checkout's applications and commands too: settings are then read by each
command anew, from its own environment. Without, it starts the commands of other checkouts.
"""

import atexit
import gc
import json
import logging
import os
import runpy
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.utils.functional import empty

from tests import commands

# What commands import that needs no settings: Python's, Django's and other packages' modules.
MODULES = (
    "asyncio",
    "csp.constants",
    "dj_database_url",
    "django.contrib.admin.options",
    "django.contrib.postgres.operations",
    "django.core.mail",
    "django.core.management",
    "django.core.serializers.json",
    "django.db.backends.postgresql.base",
    "django.db.migrations.executor",
    "django.template.loader_tags",
    "django.templatetags.i18n",
    "django.views.debug",
    "django.views.generic",
    "importlib.metadata",
    "logging.config",
    "logging.handlers",
    "numpy.ma",  # which np.unique asks for
    "orjson",
    "polars",
    "prometheus_client",
    "psycopg",
    "rich.console",
    "rich.progress",
    "rich.table",
    "tantivy",
)
COMMANDS = (
    "backup.management.commands.restore_drill",
    "enterprise.management.commands.import_entreprises_bulk",
    "location.management.commands.import_villes",
    "ops.management.commands.search_status",
    "search.management.commands.search_catchup",
    "sirene.management.commands.import_sirene",
)
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
MESSAGE_BYTES = 1_000_000


def main() -> None:
    for module in MODULES:
        import_module(module)
    if sys.argv[2:] == ["ours"]:
        _import_ours()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    tests = socket.socket(fileno=int(sys.argv[1]))
    with selectors.DefaultSelector() as clients:
        clients.register(tests, selectors.EVENT_READ)
        while True:
            for key, _ in clients.select():
                if not _answer(key.fileobj, clients) and key.fileobj is tests:
                    return


def _answer(client: Any, clients: selectors.BaseSelector) -> bool:
    """Do what the client asks; False where it has ended. Clients are the tests, and each command that was started."""
    text, files, _, _ = socket.recv_fds(client, MESSAGE_BYTES, 3)
    if not text:
        clients.unregister(client)
        client.close()
        return False
    message = json.loads(text)
    if isinstance(message, int):
        pid, status = os.waitpid(message, os.WNOHANG)
        answer = os.waitstatus_to_exitcode(status) if pid else None
    else:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if not (answer := os.fork()):
            for socket_of_server in (ours, *(key.fileobj for key in clients.get_map().values())):
                socket_of_server.close()
            clients.close()
            _become(message, files)
            _fork_commands(theirs)
            _run(message["program"])
        clients.register(ours, selectors.EVENT_READ)
        theirs.close()
        for file in files:
            os.close(file)
    client.send(json.dumps(answer).encode())
    return True


def _import_ours() -> None:
    """The applications and commands, but neither settings nor what is made from them."""
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", SECRET_KEY="none", DATABASE_URL=NO_DATABASE)
    apps.populate(settings.INSTALLED_APPS)
    for name in COMMANDS:
        import_module(f"foxreviews.{name}")
    _describe_trades()
    for made in connections.all(initialized_only=True):
        del connections[made.alias]
    connections._settings = None
    del connections.settings
    del sys.modules["config.settings"]
    settings._wrapped = empty


def _describe_trades() -> None:
    """What each rebuild of an index makes once in its process."""
    from foxreviews.search.index import place_documents

    for codes in place_documents._same_trades({}):
        place_documents._called(codes)


def _become(message: dict, files: list[int]) -> None:
    """What a process of its own would have: its standard files, arguments, environment and folder."""
    atexit._clear()  # a package's waits at the end for a thread that a fork has not
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if message["group"]:
        os.setpgid(0, 0)
    os.environ.clear()
    os.environ.update(message["environment"])
    time.tzset()
    os.chdir(message["folder"])
    sys.path[0] = message["folder"]
    sys.argv = ["manage.py", *message["arguments"]]
    unbuffered = "PYTHONUNBUFFERED" in os.environ
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.stdout.reconfigure(write_through=unbuffered)


def _fork_commands(server: socket.socket) -> None:
    """What the command starts of manage.py is forked too, and is in a process group of its own as otherwise."""
    if not apps.ready:  # the command of another checkout
        return
    from foxreviews.core import processes

    commands._server = lambda _imported: server
    start = processes.Child.start

    def start_or_fork(child: Any, command: Sequence[str], **given: Any) -> int:
        if given or command[:2] != [sys.executable, str(commands.CHECKOUT / "manage.py")]:
            return start(child, command, **given)
        forked = commands.Command(os.environ, *command[2:], stdout=1, stderr=2, group=True)
        child._process = forked
        return forked.pid

    processes.Child.start = start_or_fork


def _run(program: str) -> NoReturn:
    """manage.py to its end, without that of the packages' threads."""
    code: object = 0
    try:
        runpy.run_path(program, run_name="__main__")
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - as Python does
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
        code = 1
    logging.shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
