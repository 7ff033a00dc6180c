"""The directory is compared with a dictionary, whatever was imported, edited, deleted and interrupted before."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from foxreviews.enterprise.models import Entreprise
from foxreviews.importing.ledger import Ledger, Report
from foxreviews.importing.load import checkpoint, merge, secondary_indexes
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.models import ImportReject, ImportRun
from foxreviews.reading import blocks

from .conftest import HEADER
from .hostile import SIRENS

Row = dict[str, Any]
Line = Row | str  # a record that is good, or the text of one that is not
PARTS = ("created", "updated", "unchanged", "duplicates", "rejected", "blank", "skipped")
ALWAYS_GIVEN = ("nom", "adresse")
FIELDS = (*ALWAYS_GIVEN, "telephone", "is_active")
DEFAULTS = {"telephone": "", "is_active": True}

NOMS = st.sampled_from(["UN", "DEUX", 'É "Q", ;', "\\N"])
ROW = st.fixed_dictionaries(
    {
        "siren": st.sampled_from(SIRENS[:12]),
        "nom": NOMS,
        "adresse": st.sampled_from(["", "RUE A", "RUE B"]),
        "telephone": st.sampled_from(["", "0199000001"]),
        "is_active": st.booleans(),
    }
)
BAD = st.sampled_from(["", ",,,,,,,", '4,"OPEN', "1,2,3", f"{int(SIRENS[0]) + 1},KEY,,,,,,"])
LINES = st.lists(ROW | BAD, max_size=16)
FLAGS = st.sampled_from([(), ("--skip-existing",), ("--empty-overwrites",)])

CALLS = st.sampled_from(
    [
        (Staging, "create"),
        (checkpoint, "create"),
        (Staging, "add"),
        (checkpoint.Checkpoint, "save"),
        (Staging, "to_be_compared"),
        (merge, "merge"),
        (merge, "_execute"),
        (Report, "close"),
        (Staging, "drop"),
        (Ledger, "close"),
        (secondary_indexes, "build"),
    ]
)


def press_ctrl_c() -> None:
    raise KeyboardInterrupt


def meet_a_defect() -> None:
    raise RuntimeError


def lose_the_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


class Imports(RuleBasedStateMachine):
    """`companies` is what the directory should hold; `interrupted` is an import whose same command comes again."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "entreprises.csv"
        self.companies: dict[str, Row] = {}
        self.interrupted: tuple[list[Line], tuple[str, ...]] | None = None
        self.unbuilt = False  # whether an interruption came between the rows and their indexes
        ImportRun.objects.all().delete()
        self.empty()
        self.drop_staging()
        secondary_indexes.build(secondary_indexes.missing(), lambda *_: None)

    def teardown(self) -> None:
        self.folder.cleanup()
        self.drop_staging()  # of an interrupted import that no other continued

    def drop_staging(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS importing_staging, importing_checkpoint")

    @rule(lines=LINES, optional=st.booleans(), flags=FLAGS, restart=st.booleans())
    def import_file(self, lines: list[Line], optional: bool, flags: tuple[str, ...], restart: bool) -> None:
        self.write(lines, optional)
        options = (*flags, *(["--restart"] if restart else []))
        if not self.loadable(lines):
            self.refuse(*options)
            self.interrupted = None
            return
        report = self.command(*options)
        assert self.counts(report) == self.merge(lines, optional, flags)
        assert ImportReject.objects.filter(run=report["run_id"]).count() == report["rejected"]
        assert ImportRun.objects.get(pk=report["run_id"]).status == "done"
        self.interrupted, self.unbuilt = None, False

    @rule(lines=LINES, optional=st.booleans(), flags=FLAGS)
    def only_try(self, lines: list[Line], optional: bool, flags: tuple[str, ...]) -> None:
        runs, before = ImportRun.objects.count(), deepcopy(self.companies)
        self.write(lines, optional)
        if self.loadable(lines):
            assert self.counts(self.command("--dry-run", *flags)) == self.merge(lines, optional, flags)
        else:
            self.refuse("--dry-run", *flags)
        assert ImportRun.objects.count() == runs
        self.companies = before

    @rule(
        lines=st.lists(ROW | BAD, min_size=6, max_size=16),
        flags=FLAGS,
        where=CALLS,
        number=st.integers(1, 3),
        what=st.sampled_from([press_ctrl_c, meet_a_defect, lose_the_connection]),
        again=st.booleans(),
    )
    def interrupt(
        self,
        lines: list[Line],
        flags: tuple[str, ...],
        where: tuple[Any, str],
        number: int,
        what: Callable[[], None],
        again: bool,
    ) -> None:
        self.write(lines, optional=True)
        done = ImportRun.objects.filter(status="done").count()
        with (
            instead_of_call(*where, number, what) as happened,
            suppress(KeyboardInterrupt, RuntimeError, CommandError),
        ):
            self.command(*flags)
        if happened:
            connection.close()
        merged = ImportRun.objects.filter(status="done").count() > done
        assert merged or happened or not self.loadable(lines)
        if merged:
            self.merge(lines, True, flags)
        self.interrupted = (lines, flags) if happened and not merged else None
        self.unbuilt = (self.unbuilt or merged) and bool(happened)
        self.the_directory_holds_what_the_dictionary_holds()
        if again and self.interrupted:
            self.type_the_same_command_again()

    @precondition(lambda self: self.interrupted)
    @rule()
    def type_the_same_command_again(self) -> None:
        assert self.interrupted
        lines, flags = self.interrupted
        self.import_file(lines, True, flags, restart=False)

    @rule(data=st.data(), nom=NOMS, do=st.sampled_from(["edit", "edit", "delete", "empty"]))
    def another_session_writes(self, data: st.DataObject, nom: str, do: str) -> None:
        if do == "empty" or not self.companies:
            self.empty()
            return
        siren = data.draw(st.sampled_from(sorted(self.companies)))
        if do == "edit":
            Entreprise.objects.filter(siren=siren).update(nom=nom)
            self.companies[siren]["nom"] = nom
        else:
            Entreprise.objects.filter(siren=siren).delete()
            del self.companies[siren]

    def empty(self) -> None:
        Entreprise.objects.all().delete()
        self.companies = {}

    @invariant()
    def the_directory_holds_what_the_dictionary_holds(self) -> None:
        rows = Entreprise.objects.values_list("siren", *FIELDS)
        assert {siren: dict(zip(FIELDS, values, strict=True)) for siren, *values in rows} == self.companies

    @invariant()
    def only_an_interrupted_import_leaves_something_behind(self) -> None:
        tables = {"importing_staging", "importing_checkpoint"} & set(connection.introspection.table_names())
        assert self.interrupted or not tables
        assert self.interrupted or not ImportRun.objects.filter(status="running").exists()
        assert self.unbuilt or not secondary_indexes.missing()

    def write(self, lines: list[Line], optional: bool) -> None:
        """The file of these lines, with or without the columns that it may lack."""
        text = [f"{HEADER},telephone,is_active" if optional else HEADER]
        for line in lines:
            if isinstance(line, dict):
                nom = line["nom"].replace('"', '""')
                end = f",{line['telephone']},{line['is_active']}" if optional else ""
                text.append(f'{line["siren"]},"{nom}",{line["adresse"]},42000,X,62.01Z{end}')
            else:
                text.append(line)
        self.path.write_text("".join(f"{line}\n" for line in text))

    def command(self, *flags: str) -> dict[str, Any]:
        """Import the file; its report."""
        report = self.path.with_suffix(".json")
        options = ("--report", str(report), "--max-reject-rate", "1", "--min-ratio", "0", *flags)
        call_command("import_entreprises_bulk", str(self.path), *options, stdout=StringIO())
        found: dict[str, Any] = json.loads(report.read_text())
        return found

    def refuse(self, *flags: str) -> None:
        """Import the file, of which nothing can be loaded."""
        with pytest.raises(CommandError, match="Nothing was loaded") as caught:
            self.command(*flags)
        assert caught.value.returncode == 1

    @staticmethod
    def loadable(lines: list[Line]) -> bool:
        """Whether there is a good record among the lines."""
        return any(isinstance(line, dict) for line in lines)

    @staticmethod
    def counts(report: dict[str, Any]) -> dict[str, int]:
        """What became of the records; together they are all that were read."""
        counts = {part: report[part] for part in PARTS}
        assert report["records"] == sum(counts.values())
        return counts

    def merge(self, lines: list[Line], optional: bool, flags: tuple[str, ...]) -> dict[str, int]:
        """Do to the dictionary what an import does to the directory; what it should count."""
        counts, seen = dict.fromkeys(PARTS, 0), set()
        for line in lines:
            if isinstance(line, dict):
                fate = self.merge_one(line, optional, flags) if line["siren"] not in seen else "duplicates"
                seen.add(line["siren"])
            else:
                fate = "rejected" if line.strip(",") else "blank"
            counts[fate] += 1
        return counts

    def merge_one(self, row: Row, optional: bool, flags: tuple[str, ...]) -> str:
        given = {name: row[name] for name in (FIELDS if optional else ALWAYS_GIVEN)}
        kept = self.companies.get(row["siren"])
        if kept is None:
            self.companies[row["siren"]] = DEFAULTS | given
            return "created"
        if "--skip-existing" in flags:
            return "skipped"
        if "--empty-overwrites" not in flags:
            given = {name: value for name, value in given.items() if value != ""}
        if kept | given == kept:
            return "unchanged"
        kept.update(given)
        return "updated"


@contextmanager
def instead_of_call(owner: Any, name: str, number: int, happens: Callable[[], None]) -> Iterator[list[bool]]:
    """For the block, that call of a function is not made: something happens. Whether it came to it is in the list."""
    real, calls = getattr(owner, name), []
    happened: list[bool] = []

    def function(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        if len(calls) == number:
            happened.append(True)
            happens()
        return real(*args, **kwargs)

    with patch.object(owner, name, function):
        yield happened


@pytest.mark.django_db(transaction=True)
def test_the_directory_holds_what_a_dictionary_would(
    small_blocks: None, tmp_path: Path, settings: Any
) -> None:
    settings.LOG_DIR = tmp_path / "logs"
    with (
        patch.object(blocks, "BLOCK_BYTES", 200),  # of some four records
        patch.object(blocks, "RESYNC_BYTES", 50),
        patch.object(merge, "FIRST_LOAD_ROWS", 4),
    ):
        run_state_machine_as_test(Imports, settings=FEW)  # type: ignore[no-untyped-call]


FEW = settings(max_examples=10, stateful_step_count=12)
