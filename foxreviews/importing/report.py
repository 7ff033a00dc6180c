"""What became of every record of a run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from foxreviews.importing.clean.rejects import Reject
from foxreviews.importing.errors import UnbalancedRun

EXAMPLE_KEPT = 160  # characters of a rejected record: more than a line of a terminal


@dataclass
class Report:
    """The counts of one run; `--report` writes them as JSON.

    Every record is in exactly one of created, updated, unchanged, duplicates (an earlier record of the file has
    its SIREN), rejected, blank, skipped (by --skip-rows, or already there under --skip-existing).
    """

    records: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    blank: int = 0
    skipped: int = 0
    seconds: float = 0.0
    rows_per_second: int = 0
    resumed_from: int | None = None
    run_id: int | None = None
    dry_run: bool = False
    rejects_by_reason: dict[str, int] = field(default_factory=dict)
    reject_examples: dict[str, dict[str, Any]] = field(default_factory=dict)  # the first of each reason
    values_left_out_by_reason: dict[str, int] = field(default_factory=dict)
    ignored_columns: list[str] = field(default_factory=list)

    @classmethod
    def resumed(cls, counts: Mapping[str, Any]) -> "Report":
        """The counts that an interrupted run has left, to be continued."""
        return cls(**{**counts, "resumed_from": counts["records"]})

    def give_example(self, reject: Reject) -> None:
        """Remember the record where it is the first of its reason."""
        if reject.reason not in self.reject_examples:
            shown = "".join(
                character if character.isprintable() else " " for character in reject.raw[:EXAMPLE_KEPT]
            )
            self.reject_examples[reject.reason] = {"line": reject.line, "column": reject.column, "raw": shown}

    def leave_out(self, counts: Mapping[str, int]) -> None:
        """Count values that were not kept, by reason."""
        for reason, count in counts.items():
            before = self.values_left_out_by_reason.get(reason, 0)
            self.values_left_out_by_reason[reason] = before + count

    def close(self, seconds: float) -> None:
        """Set the time and the rate. Raises UnbalancedRun where the counts do not add up to the records."""
        self.seconds = round(seconds, 2)
        self.rows_per_second = round(self.records / max(seconds, 0.001))
        parts = ("created", "updated", "unchanged", "duplicates", "rejected", "blank", "skipped")
        total = sum(getattr(self, part) for part in parts)
        if total != self.records:
            raise UnbalancedRun(
                f"{self.records:,} records were read but {total:,} accounted for: {self.as_dict()}. "
                "Nothing was kept; please report this with the file."
            )

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self)
