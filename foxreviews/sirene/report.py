"""What became of every record of both files."""

from dataclasses import dataclass, field

from foxreviews.core.progress import Reporter
from foxreviews.importing.ledger import Counts, Report
from foxreviews.importing.summary import print_counts, print_reasons


@dataclass
class Establishments(Counts):
    """The records of StockEtablissement; each is in exactly one of the counts after `records`.

    head_offices were brought to their company; without_unit are head offices of a company that is not loaded;
    secondary are other establishments, which are not kept.
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
    rejects_by_reason: dict[str, int] = field(default_factory=dict)


@dataclass
class RegisterReport(Report):
    """The counts of legal units, and those of establishments."""

    establishments: Establishments = field(default_factory=Establishments)

    def close(self, seconds: float) -> None:
        """Set the time and the rate. Raises UnbalancedRun where the counts do not add up to the records."""
        super().close(seconds)
        self.establishments.refuse_imbalance()


def print_establishments(report: RegisterReport, reporter: Reporter) -> None:
    """Counts, and reasons of the rejects, above the summary of the companies."""
    counts = report.establishments
    meanings = (
        (counts.records, "establishments", "bold"),
        (counts.head_offices, "head offices", "green"),
        (counts.secondary, "others, which are not kept", ""),
        (counts.without_unit, "head offices of companies that are not loaded", ""),
        (counts.duplicates, "duplicates: an earlier head office has the same SIREN", "yellow"),
        (counts.rejected, "rejected", "red"),
        (counts.blank, "blank", ""),
    )
    print_counts(meanings, reporter)
    print_reasons("Rejected because of", counts.rejects_by_reason, report, reporter)
