"""What became of every record of both files."""

from dataclasses import dataclass, field

from foxreviews.core.progress import Reporter
from foxreviews.importing.ledger import Counts, Report
from foxreviews.importing.summary import print_counts, print_reasons


@dataclass
class Establishments(Counts):
    """The records of StockEtablissement; each is in exactly one of the PARTS.

    head_offices and secondary are loaded; without_unit are of a company that is not; of duplicates an earlier record
    has the SIRET, or is the head office of the same company. created, updated and unchanged are the loaded ones again.
    """

    PARTS = ("head_offices", "secondary", "without_unit", "duplicates", "rejected", "blank")
    UNIT = "establishments"
    records: int = 0
    head_offices: int = 0
    secondary: int = 0
    without_unit: int = 0
    duplicates: int = 0
    rejected: int = 0
    blank: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejects_by_reason: dict[str, int] = field(default_factory=dict)

    @property
    def loaded(self) -> int:
        """How many establishments are staged, by the counts."""
        return self.head_offices + self.secondary

    def add_changes(self, created: int, updated: int) -> None:
        """Count what became of the staged ones."""
        self.created, self.updated, self.unchanged = created, updated, self.loaded - created - updated


@dataclass
class Links(Counts):
    """The records of a file of successions, doubles or history; each is in exactly one of the PARTS.

    `accepted` ones stand for `written` and `unchanged` rows, fewer where some say the same or, of history, no former
    name. `removed` rows are in the file no more, or differ and are written anew. `absent` counts what the rows name
    and the directory lacks.
    """

    PARTS = ("accepted", "without_unit", "rejected", "blank")
    UNIT = "records of another file"
    records: int = 0
    accepted: int = 0
    without_unit: int = 0
    rejected: int = 0
    blank: int = 0
    written: int = 0
    removed: int = 0
    unchanged: int = 0
    absent: dict[str, int] = field(default_factory=dict)
    rejects_by_reason: dict[str, int] = field(default_factory=dict)


@dataclass
class Gone:
    """Companies of the directory that the register had, and has no more.

    `since_last` of the `of` units of the last full file are not in this one; `companies` of the directory are in none
    since some earlier one, of which `changed` were treated as `action` says.
    """

    action: str
    companies: int = 0
    since_last: int = 0
    of: int = 0
    changed: int = 0
    examples: list[str] = field(default_factory=list)
    share: float = field(init=False, default=0.0)  # since_last of `of`

    def __post_init__(self) -> None:
        self.share = round(self.since_last / self.of, 6) if self.of else 0.0


@dataclass
class RegisterReport(Report):
    """The counts of legal units, and those of establishments."""

    establishments: Establishments = field(default_factory=Establishments)
    links: dict[str, Links] = field(default_factory=dict)  # of each file that was given
    gone: Gone | None = None  # of a file that is not read whole, nobody knows
    stages: dict[str, float] = field(
        default_factory=dict
    )  # seconds: also of each table in the merge, of each index

    def close(self, seconds: float) -> None:
        """Set the time and the rate. Raises UnbalancedRun where the counts do not add up to the records."""
        super().close(seconds)
        for counts in (self.establishments, *self.links.values()):
            counts.refuse_imbalance()


def print_establishments(report: RegisterReport, reporter: Reporter) -> None:
    """Counts, and reasons of the rejects, above the summary of the companies."""
    counts = report.establishments
    would = "would be " if report.dry_run else ""
    meanings = (
        (counts.records, "establishments", "bold"),
        (counts.head_offices, "head offices", ""),
        (counts.secondary, "others", ""),
        (counts.created, f"{would}created", "green"),
        (counts.updated, f"{would}updated", "green"),
        (counts.unchanged, "unchanged", ""),
        (counts.without_unit, "of companies that are not loaded", ""),
        (
            counts.duplicates,
            "duplicates: an earlier one has the SIRET, or is the company's head office",
            "yellow",
        ),
        (counts.rejected, "rejected", "red"),
        (counts.blank, "blank", ""),
    )
    print_counts(meanings, reporter)
    print_reasons("Rejected because of", counts.rejects_by_reason, report, reporter)


def print_links(report: RegisterReport, reporter: Reporter) -> None:
    """Counts, and reasons of the rejects, of the other files."""
    for name, counts in report.links.items():
        absent = (
            (count, f"of {name} whose {kind} is not in the directory", "")
            for kind, count in counts.absent.items()
        )
        meanings = (
            (counts.records, f"records of {name}", "bold"),
            (counts.written, "rows written", "green"),
            (counts.removed, "rows removed", "green"),
            (counts.unchanged, "unchanged", ""),
            (counts.without_unit, "of companies that are not loaded", ""),
            *absent,
            (counts.rejected, "rejected", "red"),
            (counts.blank, "blank", ""),
        )
        print_counts(meanings, reporter)
        print_reasons("Rejected because of", counts.rejects_by_reason, report, reporter)


def print_gone(report: RegisterReport, reporter: Reporter) -> None:
    """Who is no longer in the register, and what was done about them."""
    gone = report.gone
    if gone is None or not gone.companies:
        return
    more = ", …" if gone.companies > len(gone.examples) else ""
    reporter.line(
        f"No longer in the register: {gone.companies:,} companies ({', '.join(gone.examples)}{more}), "
        f"{gone.since_last:,} of the {gone.of:,} of the last full file ({gone.share:.2%})."
    )
    done = {"cease": "ceased", "hide": "hidden", "delete": "deleted"}.get(gone.action)
    would = "would be " if report.dry_run else ""
    reporter.line(
        f"{gone.changed:,} of them {would}{done}."
        if done
        else "They stay as they are: --gone cease, hide or delete does something about them."
    )
