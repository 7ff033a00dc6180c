"""What the stages of one import share."""

import time
from dataclasses import dataclass, field

from foxreviews.core.progress import Reporter
from foxreviews.importing.ledger import Ledger
from foxreviews.importing.load.staging import Staging
from foxreviews.importing.options import Options
from foxreviews.importing.report import Report


@dataclass
class Job:
    """One import under way."""

    options: Options
    reporter: Reporter
    staging: Staging
    ledger: Ledger
    started: float = field(default_factory=time.monotonic)

    @property
    def report(self) -> Report:
        """The counts so far."""
        return self.ledger.report

    @property
    def staged(self) -> int:
        """How many companies wait in the staging table, by the counts."""
        report = self.report
        return report.records - report.blank - report.duplicates - report.rejected - report.skipped

    @property
    def seconds(self) -> float:
        """How long this run has taken."""
        return time.monotonic() - self.started
