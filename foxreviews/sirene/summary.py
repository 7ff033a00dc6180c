"""What became of the establishments, as the operator reads it above the summary of the companies."""

from foxreviews.core.progress import Reporter
from foxreviews.importing.summary import print_figures, print_reasons
from foxreviews.sirene.report import RegisterReport


def print_establishments(report: RegisterReport, reporter: Reporter) -> None:
    """Counts, and reasons of the rejects."""
    counts = report.establishments
    figures = [
        (counts.records, "establishments", "bold"),
        (counts.head_offices, "head offices", "green"),
        (counts.secondary, "others, which are not kept", ""),
        (counts.without_unit, "head offices of companies that are not loaded", ""),
        (counts.duplicates, "duplicates: an earlier head office has the same SIREN", "yellow"),
        (counts.rejected, "rejected", "red"),
        (counts.blank, "blank", ""),
    ]
    print_figures([figure for figure in figures if figure[0]], reporter)
    if reporter.log:
        reporter.log.info(
            ", ".join(f"{count:,} {what.partition(':')[0]}" for count, what, _ in figures if count)
        )
    print_reasons("Rejected because of", counts.rejects_by_reason, report, reporter)
