"""A list matched from file to file: in blocks, by several processes, in constant memory, going on where it was killed.

What is done is in a draft next to the output, and how far in a note: the note is replaced when a block is durable, and
the draft is cut to it by the run that goes on. Neither is there at the end. Of the list's text the draft has what the
output has, the note none.
"""

import csv
import io
import json
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from foxreviews.core.errors import FoxreviewsError, UnwritableOutput
from foxreviews.core.files import sync_folder, write_json
from foxreviews.core.locks import file_lock
from foxreviews.core.progress import Reporter, Stage
from foxreviews.matching import model
from foxreviews.matching.lists import ListColumns, find_header
from foxreviews.matching.matcher import match
from foxreviews.matching.results import RESULTS, match_lines
from foxreviews.matching.towns import towns
from foxreviews.matching.workers import Line, Submit, workers
from foxreviews.reading.blocks import Block, CsvInput, open_csv

LINES = 2_000  # read at once, after which the output is durable
PART = 250  # lines that a process matches together
AHEAD = 3  # blocks that are read while the first of them is matched
MAX_TOLD = 20  # lines that could not be read
Result = Callable[[], list[Line]]


@dataclass(frozen=True)
class Options:
    """What is matched, and where to."""

    file: str
    out: Path
    mapping: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    processes: int = 2
    restart: bool = False


@dataclass
class Report:
    """What a run did. `records` is the sum of the next four."""

    records: int = 0
    accept: int = 0
    review: int = 0
    none: int = 0
    rejected: int = 0  # lines whose cells cannot be told apart; they are not in the output
    rejects_by_reason: dict[str, int] = field(default_factory=dict)
    rejected_lines: list[int] = field(default_factory=list)  # the first ones
    resumed_from: int = 0  # records that an earlier run had done
    seconds: float = 0.0
    rows_per_minute: int = 0
    columns: dict[str, list[str]] = field(default_factory=dict)  # ours, and the list's that are read for it

    def add(self, block: Block, decisions: Counter[str]) -> None:
        """Account for a block."""
        self.records += len(block.malformed) + decisions.total()
        self.accept += decisions["accept"]
        self.review += decisions["review"]
        self.none += decisions["none"]
        self.rejected += len(block.malformed)
        for each in block.malformed:
            self.rejects_by_reason[each.reason] = self.rejects_by_reason.get(each.reason, 0) + 1
            if len(self.rejected_lines) < MAX_TOLD:
                self.rejected_lines.append(each.line)

    def as_dict(self) -> dict[str, Any]:
        """As --json prints it."""
        return asdict(self)


def match_list(options: Options, reporter: Reporter) -> Report:
    """Match a list. Raises UsageError where it cannot be read or written, NoIndexError, LockedError."""
    out = options.out
    held = f"Another run writes {out}: wait until it has ended, or name another --out."
    lock = out.with_name(f".{out.name}.lock")
    with ExitStack() as use:
        try:
            use.enter_context(file_lock(lock, message=lambda _: held))
        except OSError as error:
            raise UnwritableOutput(out, error) from error
        use.callback(lock.unlink, missing_ok=True)
        source = use.enter_context(
            open_csv(
                options.file,
                lambda buffer, name: find_header(buffer, name, options.mapping),
                options.encoding,
            )
        )
        return _Run(options, reporter, source).run()


class _Run:
    """One run over an open list."""

    def __init__(self, options: Options, reporter: Reporter, source: CsvInput) -> None:
        self._options, self._reporter, self._source = options, reporter, source
        columns = source.columns
        if not isinstance(columns, ListColumns):
            raise TypeError("the list's own header")
        self._columns = columns
        self._report = Report(
            columns={ours: [columns.titles[at] for at in ats] for ours, ats in columns.places.items()}
        )
        out = options.out
        self._draft, self._note = out.with_name(f".{out.name}.part"), out.with_name(f".{out.name}.progress")
        # A list that was matched before: its results are replaced
        self._kept = [at for at, title in enumerate(columns.titles) if title not in RESULTS]

    def run(self) -> Report:
        started = time.monotonic()
        match((), towns())  # is there an index?
        written = self._resume()
        done = self._report.records
        try:
            with self._draft.open("r+b" if written else "wb") as draft:
                draft.truncate(written)
                draft.seek(written)
                if not written:
                    draft.write(self._encoded([[*(self._columns.titles[at] for at in self._kept), *RESULTS]]))
                with self._reporter.stage("Matching", self._source.size, "lines") as stage:
                    stage.resume(float(self._source.position()))
                    self._match_all(draft, stage)
            self._publish()
        except OSError as error:
            raise UnwritableOutput(self._options.out, error) from error
        report = self._report
        report.seconds = round(time.monotonic() - started, 3)
        report.rows_per_minute = round((report.records - done) * 60 / max(report.seconds, 0.001))
        return report

    def _match_all(self, draft: IO[bytes], stage: Stage) -> None:
        waiting: deque[tuple[Block, float, list[Result]]] = deque()
        with _submit(1 if self._is_short else self._options.processes) as submit:
            for block in self._blocks():
                lines = block.frame.rows()
                parts = [lines[at : at + PART] for at in range(0, len(lines), PART)]
                found = [submit([self._columns.values(line) for line in part]) for part in parts]
                waiting.append((block, self._source.position(), found))
                while len(waiting) >= AHEAD:
                    self._write(draft, stage, *waiting.popleft())
            while waiting:
                self._write(draft, stage, *waiting.popleft())

    @property
    def _is_short(self) -> bool:
        """Whether all of the list is in memory already, and little: no process is worth its start."""
        buffer = self._source.buffer
        return buffer.ended and buffer.data.count(b"\n") <= LINES // 2

    def _blocks(self) -> Iterator[Block]:
        while True:
            block = None
            for block in self._source.blocks(LINES):
                yield block
            if block is None:
                return

    def _write(
        self, draft: IO[bytes], stage: Stage, block: Block, position: float, found: Sequence[Result]
    ) -> None:
        """Append the results of a block, then note that they are there."""
        lines = block.frame.rows()
        results = [line for result in found for line in result()]
        rows = [
            [*(line[at] for at in self._kept), *result] for line, result in zip(lines, results, strict=True)
        ]
        draft.write(self._encoded(rows))
        draft.flush()
        os.fsync(draft.fileno())
        self._report.add(block, Counter(result[0] for result in results))
        write_json(
            self._note,
            {
                "key": self._key(),
                "written": draft.tell(),
                "offset": block.end.offset,
                "digest": block.end.digest,
                "report": self._report.as_dict(),
            },
        )
        stage.advance(len(results) + len(block.malformed), position)

    def _encoded(self, rows: Sequence[Sequence[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=self._columns.delimiter, lineterminator="\n").writerows(rows)
        return text.getvalue().encode("utf-8", errors="replace")

    def _key(self) -> str:
        """What must be the same for a run to go on with another's draft."""
        path = Path(self._options.file)
        status = path.stat() if path.is_file() else None
        said = (
            str(path.resolve()),
            status and (status.st_size, status.st_mtime_ns),
            self._columns.titles,
            sorted(self._options.mapping.items()),
            self._options.encoding,
            model.FILE.read_text(),
            RESULTS,
        )
        return sha256(repr(said).encode()).hexdigest()

    def _resume(self) -> int:
        """How many bytes of the draft hold: 0 where there is none of this very list, or it is to be begun again."""
        written = 0
        with suppress(OSError, ValueError, KeyError, TypeError):
            note = json.loads(self._note.read_text())
            is_ours = note["key"] == self._key() and self._draft.stat().st_size >= note["written"]
            if is_ours and self._options.file != "-" and not self._options.restart:
                self._source.buffer.skip_to(note["offset"])
                if self._source.buffer.digest != note["digest"]:
                    raise FoxreviewsError(
                        f"{self._options.file} has changed since it was matched in part. Add --restart to begin again."
                    )
                self._report = Report(**note["report"])
                self._report.resumed_from = self._report.records
                written = int(note["written"])
                self._reporter.line(f"{self._report.records:,} lines were matched before; the rest follows.")
        return written

    def _publish(self) -> None:
        self._draft.replace(self._options.out)
        self._note.unlink(missing_ok=True)
        sync_folder(self._options.out.absolute().parent)


@contextmanager
def _submit(processes: int) -> Iterator[Submit]:
    """What matches lines in so many processes; with one in this process, when the result is asked for."""
    if processes > 1:
        with workers(processes) as submit:
            yield submit
    else:
        yield lambda values: partial(match_lines, values)
