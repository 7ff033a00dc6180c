"""What is known of a generation of the index: a small file in its folder, replaced as a whole after each commit."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from foxreviews.core.files import sync
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index.schema import FORMAT

FILE = "state.json"
NO_INDEX = "There is no index."
FEWEST, MOST = 0.5, 2.0  # documents for one company: beyond, PostgreSQL answers rather


@dataclass(frozen=True)
class State:
    """`position` is the place in the change log (search.index.changes) up to which the index has everything.

    `due` says why the index has to be built anew, "" where it has not; it answers meanwhile, unless it is `void`: so
    far from the directory that it would mislead.
    """

    format: int
    database: str
    position: str
    built_at: str  # ISO 8601
    documents: int
    reperes: int
    due: str = ""
    void: bool = False

    @classmethod
    def read(cls, generation: Path) -> "State":
        """Raises UnusableIndexError where there is none that can be understood."""
        try:
            return cls(**json.loads((generation / FILE).read_bytes()))
        except FileNotFoundError:
            raise UnusableIndexError(NO_INDEX) from None
        except (OSError, ValueError, TypeError) as error:
            raise UnusableIndexError(f"The index's {FILE} cannot be read: {error}.") from error

    def write(self, generation: Path) -> None:
        """On the disk for good, as a whole or not at all."""
        draft = generation / f".{FILE}"
        with draft.open("wb") as file:
            file.write(json.dumps(asdict(self), indent=2).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(generation / FILE)
        sync(generation)


def usable(generation: Path, database: str) -> State:
    """The state of a generation that this program reads, made from this database. Raises UnusableIndexError."""
    state = State.read(generation)
    if state.format != FORMAT:
        raise UnusableIndexError(f"The index has format {state.format}, this program reads {FORMAT}.")
    if state.database != database:
        raise UnusableIndexError("The index was made from another database.")
    return state


def misleads(documents: int, companies: int) -> bool:
    """Whether an index of so many documents is no answer for a directory of so many companies."""
    return documents != companies and not FEWEST <= documents / max(companies, 1) <= MOST
