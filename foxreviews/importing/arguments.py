"""The command-line arguments that imports have in common, whatever they read."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path


def count(text: str) -> int:
    """A whole number, 0 or more."""
    if not text.isascii() or not text.isdigit():
        raise ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def positive(text: str) -> int:
    """A whole number, 1 or more."""
    if (number := count(text)) == 0:
        raise ArgumentTypeError("must be at least 1")
    return number


def fraction(text: str) -> float:
    """A part of 1."""
    try:
        number = float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a number") from error
    if not 0 <= number <= 1:
        raise ArgumentTypeError(f"must be a fraction of 1 (0.05 is 5 %), not {text}")
    return number


def add_limits(parser: ArgumentParser) -> None:
    """How much to read, and what to refuse."""
    parser.add_argument("--max-rows", type=count, metavar="N", help="stop after N records")
    parser.add_argument("--dry-run", action="store_true", help="report what would be done, write nothing")
    parser.add_argument(
        "--max-reject-rate",
        type=fraction,
        metavar="R",
        help="refuse a file of which more is rejected (a fraction of 1; default 0.05, from 20 rejects on)",
    )
    parser.add_argument(
        "--min-ratio",
        type=fraction,
        default=0.9,
        metavar="R",
        help="refuse a file that leaves fewer active companies than this part of today's (default 0.9)",
    )
    parser.add_argument("--force", action="store_true", help="merge also below --min-ratio")


def add_outputs(parser: ArgumentParser) -> None:
    """What to write beside the database."""
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the counts as JSON")
    parser.add_argument("--rejects", type=Path, metavar="FILE", help="write the rejected records as CSV")
