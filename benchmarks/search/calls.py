"""How many calls of Python an answer takes, by class of query: what a busy machine does not change.

    .venv/bin/python -m benchmarks.search.calls                          of the configured database and its index
    .venv/bin/python -m benchmarks.search.calls --inside "exact name"    and which functions they are in

The whole application is called, middleware included, without a web server. Tantivy and PostgreSQL are one call each,
however long they take: benchmarks.search.speed measures time.
"""

import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from benchmarks import command
from benchmarks.command import CHECKOUT
from benchmarks.search import queries
from benchmarks.server import ANSWERED_ALONE
from foxreviews.core.errors import FoxreviewsError

WARM = 5  # answers of a class before any is counted
SHOWN = 60  # functions
Profile = Callable[[FrameType, str, Any], None]


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument("--each", type=int, default=40, metavar="N", help="queries of a class (default 40)")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--inside", metavar="CLASS", help="show the functions of this class")
    options = parser.parse_args()
    if (
        "DATABASE_POOL_SIZE" not in os.environ
    ):  # settings are read once, and were read without a web worker's pool
        again = [sys.executable, "-m", "benchmarks.search.calls", *sys.argv[1:]]
        worker = os.environ | {"DATABASE_POOL_SIZE": "4"}
        return subprocess.run(again, cwd=CHECKOUT, env=worker, check=False).returncode
    command.start_configured_database()
    mix = queries.mix(options.each, options.seed)
    if options.inside and options.inside not in mix:
        raise FoxreviewsError(f"There is no class {options.inside}: {', '.join(mix)}.")
    for kind in [options.inside] if options.inside else mix:
        urls = [query.url for query in mix[kind]]
        for url in urls[:WARM]:
            _answer(url)
        made = statistics.median(map(calls, urls))
        print(f"{kind:16}{made:8,.0f} calls, {_kept(urls[-1]):,} where the answer is kept", flush=True)
    if options.inside:
        for function, count in inside(urls[-1]).most_common(SHOWN):
            print(f"{count:8,}  {function}")
    return 0


def calls(url: str, *, cached: bool = False) -> int:
    """Of Python functions, and from Python of functions in C; of a new answer, unless it may be `cached`."""
    counted = Counter[str]()

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        counted[event] += 1

    with _profiled(count):
        _answer(url, cached=cached)
    return counted["call"] + counted["c_call"]


def _kept(url: str) -> int:
    """Calls where the answer of before is given again."""
    _answer(url, cached=True)
    return calls(url, cached=True)


def inside(url: str) -> Counter[str]:
    """How many calls are made in each function, those in what it calls included."""
    found, stack = Counter[str](), list[str]()

    def count(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            code = frame.f_code
            file = code.co_filename.rpartition("site-packages/")[2].removeprefix(f"{CHECKOUT}/")
            stack.append(f"{file}:{code.co_firstlineno} {code.co_name}")
        if event in {"call", "c_call"}:
            found.update(set(stack))
        elif event == "return" and stack:
            stack.pop()

    with _profiled(count):
        _answer(url)
    return found


@contextmanager
def _profiled(profile: Profile) -> Iterator[None]:
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(None)


def _answer(url: str, *, cached: bool = False) -> None:
    """Raises FoxreviewsError where the answer is an error."""
    from config.wsgi import application

    address, statuses = urlsplit(url), list[str]()
    environ = {"PATH_INFO": address.path, "QUERY_STRING": address.query, "REMOTE_ADDR": "127.0.0.1"}
    if not cached:
        environ["HTTP_AUTHORIZATION"] = ANSWERED_ALONE["Authorization"]
    setup_testing_defaults(environ)

    def start(status: str, _headers: Any, _error: Any = None) -> Callable[[bytes], object]:
        statuses.append(status)
        return bytes

    response = application(environ, start)
    body = b"".join(response)
    response.close()
    if not statuses[0].startswith("200"):
        raise FoxreviewsError(f"{url} is answered with {statuses[0]}: {body[:300]!r}")


if __name__ == "__main__":
    command.run(main)
