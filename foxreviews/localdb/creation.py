"""Making a cluster: all of it, or nothing under its final name."""

import locale
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from foxreviews.localdb.account import Account
from foxreviews.localdb.binaries import Binaries
from foxreviews.localdb.errors import LocaldbError

SUPERUSER = "postgres"
IDENT_MAP = "foxreviews"
CONFIGURATION = "foxreviews.conf"
EXTENSIONS = ("pg_stat_statements", "pg_trgm", "unaccent")

# That é and É are one letter comes from the locale. C.UTF-8 knows it, and sorts by code point.
LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "fr_FR.UTF-8", "en_GB.UTF-8", "de_DE.UTF-8")

HBA = f"""\
# Written by foxreviews at each start. Only the unix socket, only the accounts that pg_ident.conf names.
local all all peer map={IDENT_MAP}
"""


def initialise(data: Path, binaries: Binaries, account: Account, lock: int) -> None:
    """Run initdb in a folder beside `data` and rename it when it is complete.

    initdb inherits the file descriptor `lock`: when this process is killed, others stay out until initdb,
    which may outlive it, has ended. Raises LocaldbError where initdb fails (no room on the disk).
    """
    draft = data.with_name("data.new")
    _remove_draft(draft)
    command = [
        binaries.program("initdb"),
        f"--pgdata={draft}",
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        f"--locale={_utf8_locale()}",
        "--auth=peer",
    ]
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, with our own arguments
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd=data.parent,
        env=environment(),
        pass_fds=(lock,),
        **account.process_options,
    )
    if done.returncode != 0:
        _remove_draft(draft)
        raise LocaldbError(f"The PostgreSQL cluster could not be made in {data.parent}:\n{_reason(done)}")
    with (draft / "postgresql.conf").open("a") as file:
        file.write(f"\ninclude_if_exists = '{CONFIGURATION}'\n")
    draft.rename(data)


def configure(data: Path, account: Account, settings: str) -> None:
    """Write who may connect and the settings of this machine; PostgreSQL reads them when it starts."""
    for name, text in {CONFIGURATION: settings, "pg_hba.conf": HBA, "pg_ident.conf": _ident(account)}.items():
        draft = data / f"{name}.new"
        draft.write_text(text)
        draft.chmod(0o600)
        account.own(draft)
        draft.replace(data / name)


def environment() -> dict[str, str]:
    """What PostgreSQL's programs are told of our environment: no PG… variable and no language."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _ident(account: Account) -> str:
    names = dict.fromkeys(("root", account.name, pwd.getpwuid(os.geteuid()).pw_name))
    lines = [f'{IDENT_MAP} "{name}" {SUPERUSER}\n' for name in names]
    return "# Written by foxreviews at each start: who may be the superuser.\n" + "".join(lines)


def _utf8_locale() -> str:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in LOCALES:
            try:
                locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
            return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise LocaldbError(
        f"This system has none of the locales {', '.join(LOCALES)}. Type: sudo locale-gen en_US.UTF-8"
    )


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return "\n".join(lines[-5:]) or f"initdb ended with {done.returncode}"


def _remove_draft(draft: Path) -> None:
    if draft.exists():
        shutil.rmtree(draft)
