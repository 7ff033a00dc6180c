"""What attacks take from honest clients: of gunicorn alone, and behind nginx and HAProxy as deploy/ has them.

    .venv/bin/python -m benchmarks.api.abuse                   some ten minutes
    .venv/bin/python -m benchmarks.api.abuse --seconds 2 --only headers --behind nginx

On loopback and an empty database of its own. 64 honest clients, each from an address of its own, ask for lists as fast
as they are answered: for some seconds before, during and after each attack. Their share is what they are answered
during it, of what they are answered before and after. Exits 1 where a proxy leaves them less than 90 % of it.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import command, proxies
from benchmarks.api.attackers import ATTACKS, Attack, attacked, most_connections
from benchmarks.api.clients import Answers, ask, get
from benchmarks.database import scratch_database
from benchmarks.server import ANSWERED_ALONE, PRODUCTION, running

ALONE, FRONTS = "gunicorn alone", ("gunicorn alone", "nginx", "haproxy")
HONEST = 64
SOURCES = [f"127.2.0.{number}" for number in range(1, HONEST + 1)]
MIN_SHARE = 0.9
PAGES = [get(f"/api/entreprises/?page_size={size}", "localhost", ANSWERED_ALONE) for size in range(1, 101)]


def main() -> int:
    parser = command.parser(__doc__)
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="before, during and after each (default 5)"
    )
    parser.add_argument("--only", default="", metavar="WORD", help="attacks whose name has it")
    parser.add_argument("--behind", choices=FRONTS, nargs="*", default=FRONTS, help="default: all of them")
    options = parser.parse_args()
    most, missed = most_connections(), 0
    if most < max(attack.connections for attack in ATTACKS):
        print(f"This account may open {most:,} files: there are so many idle connections, not 10,000.")
    with (
        scratch_database("bench_abuse") as environment,
        TemporaryDirectory(prefix="abuse-") as name,
        ExitStack() as stack,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        program = (*PRODUCTION, "--bind", f"unix:{proxies.web_socket(folder)}")
        of_server = environment | {"TRUSTED_PROXIES": "1", "CACHE_MEMORY": "0", "LOG_FORMAT": "text"}
        web = stack.enter_context(running(of_server, program=program))
        print(
            "| attack | in front | what became of its connections | honest, a second | beside it | share | p99, ms | |"
        )
        print("|---" * 8 + "|", flush=True)
        for front, port in _fronts(stack, folder, web.port, options.behind):
            for attack in ATTACKS:
                if options.only in attack.name:
                    missed += _tried(attack, front, port, options.seconds)
    return 1 if missed else 0


def _fronts(stack: ExitStack, folder: Path, web: int, wanted: list[str]) -> Iterator[tuple[str, int]]:
    """Each with its port. One that is not installed is said."""
    for front in wanted:
        if front == ALONE:
            yield front, web
        elif proxies.program(front) is None:
            print(f"| | {front} | not installed: apt-get install {front} |" + " |" * 5, flush=True)
        elif front == "nginx":
            yield front, stack.enter_context(proxies.nginx(folder))
        else:
            yield front, stack.enter_context(proxies.haproxy(folder, web))


def _honest(port: int, seconds: float) -> Answers:
    return ask(port, PAGES, clients=HONEST, seconds=seconds, sources=SOURCES)


def _tried(attack: Attack, front: str, port: int, seconds: float) -> bool:
    """Print its row; whether a proxy has left honest clients too little."""
    _honest(port, seconds / 5)
    before = _honest(port, seconds)
    with attacked(attack, port) as outcomes:
        during = _honest(port, seconds)
    after = _honest(port, seconds)
    usual = (before.rate + after.rate) / 2
    share = during.rate / usual if usual else 0.0
    holds = share >= MIN_SHARE and not during.errors
    verdict = "" if front == ALONE else "holds" if holds else "MISSED"
    errors = f", {during.errors} honest ones not answered" if during.errors else ""
    print(
        f"| {attack.name} | {front} | {_said(outcomes)}{errors} | {usual:,.0f} | {during.rate:,.0f} | {share:.0%} | "
        f"{during.times.percentile(99):,.0f} | {verdict} |",
        flush=True,
    )
    return front != ALONE and not holds


def _said(outcomes: Counter[str]) -> str:
    return ", ".join(f"{what}: {count:,}" for what, count in outcomes.most_common()) or "nothing"


if __name__ == "__main__":
    command.run(main)
