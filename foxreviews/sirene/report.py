"""What became of every record of both files."""

from dataclasses import dataclass, field

from foxreviews.importing.errors import UnbalancedRun
from foxreviews.importing.report import Report


@dataclass
class Establishments:
    """The records of StockEtablissement; each is in exactly one of the counts after `records`.

    head_offices were brought to their company; without_unit are head offices of a company that is not loaded;
    secondary are other establishments, which are not kept.
    """

    records: int = 0
    head_offices: int = 0
    secondary: int = 0
    without_unit: int = 0
    duplicates: int = 0
    rejected: int = 0
    blank: int = 0
    rejects_by_reason: dict[str, int] = field(default_factory=dict)

    @property
    def accounted(self) -> int:
        """The sum of the counts, which must be `records`."""
        parts = (
            self.head_offices,
            self.secondary,
            self.without_unit,
            self.duplicates,
            self.rejected,
            self.blank,
        )
        return sum(parts)


@dataclass
class RegisterReport(Report):
    """The counts of legal units, and those of establishments beside them."""

    establishments: Establishments = field(default_factory=Establishments)

    def close(self, seconds: float) -> None:
        """Set the time and the rate. Raises UnbalancedRun where the counts do not add up to the records."""
        super().close(seconds)
        if self.establishments.accounted != self.establishments.records:
            raise UnbalancedRun(
                f"Of {self.establishments.records:,} establishments {self.establishments.accounted:,} are accounted "
                f"for: {self.as_dict()}. Nothing was kept; please report this with the file."
            )
