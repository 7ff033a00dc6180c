"""Fictional data is known by its towns: the last part of the name of each invented one says so, and of no real one.

So companies and towns that generate_entreprises and generate_villes have made are recognised in a file, in a database
and in a restored backup alike.
"""

from collections.abc import Sequence
from pathlib import Path

from foxreviews.core.errors import FoxreviewsError
from foxreviews.reference.text import town_key

SAMPLE = 1_000  # names that are looked at
THRESHOLD = 0.05  # of them: in generated data it is four fifths of companies and nearly all towns
_LINES = (Path(__file__).parent / "data" / "town_tails.txt").read_text(encoding="utf-8").splitlines()
TAILS = tuple(tail.strip() for line in _LINES if not line.startswith("#") for tail in line.split(","))
_ENDINGS = tuple(f" {town_key(tail)}" for tail in TAILS)


class FictionalAmongReal(FoxreviewsError):
    """Fictional and real data would stand in one directory. Nothing was merged."""

    status = 422
    code = "fictional-among-real"


def are_fictional(towns: Sequence[str]) -> bool:
    """Whether towns, or the towns of companies, are those of generate_villes; a sample of their names decides."""
    sample = towns[:: 1 + len(towns) // SAMPLE]
    return sum(town_key(town).endswith(_ENDINGS) for town in sample) > THRESHOLD * len(sample)


def refuse_mixing(
    incoming: Sequence[str], present: Sequence[str], *, of_file: str, of_directory: str
) -> None:
    """Raise FictionalAmongReal where one of two lists of towns is fictional and the other is real.

    `of_file` and `of_directory` say whose towns they are: «companies», «towns».
    """
    if not incoming or not present or are_fictional(incoming) == are_fictional(present):
        return
    ours, theirs = ("fictional", "real") if are_fictional(incoming) else ("real", "fictional")
    raise FictionalAmongReal(
        f"The {of_file} of this file are {ours}, and the {of_directory} of this directory are {theirs}. Nothing was "
        "merged. Load them into an empty database: stop the demo where it runs, then manage.py localdb destroy --yes "
        "and manage.py migrate (or name another one by DATABASE_URL). To mix them all the same: --force."
    )
