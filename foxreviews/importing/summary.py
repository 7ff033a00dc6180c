"""The end of an import as its operator reads it."""

from rich.table import Table

from foxreviews.core.progress import Reporter
from foxreviews.importing.options import Options
from foxreviews.importing.report import Report

MOST_REASONS = 8


def print_summary(report: Report, options: Options, reporter: Reporter) -> None:
    """Counts, reasons of the rejects, and what to type next."""
    counts = Table.grid(padding=(0, 2))
    counts.add_column(justify="right", style="bold")
    counts.add_column()
    would = "would be " if report.dry_run else ""
    counts.add_row(f"{report.records:,}", "records")
    for count, meaning, colour in (
        (report.created, f"{would}created", "green"),
        (report.updated, f"{would}updated", "green"),
        (report.unchanged, "unchanged", ""),
        (report.duplicates, "duplicates: an earlier record has the same SIREN", "yellow"),
        (report.rejected, "rejected", "red"),
        (report.blank, "blank", ""),
        (report.skipped, "skipped", ""),
    ):
        if count:
            counts.add_row(f"{count:,}", meaning, style=colour)
    for title, reasons in (
        ("rejected because", report.rejects_by_reason),
        ("values left out", report.values_left_out_by_reason),
    ):
        for reason, count in sorted(reasons.items(), key=lambda item: -item[1])[:MOST_REASONS]:
            counts.add_row(f"{count:,}", f"{title}: {reason}", style="dim")
    reporter.console.print(counts)
    reporter.line(f"{report.seconds:,.1f} s, {report.rows_per_second:,} records/s")
    if report.rejected and options.rejects_file:
        reporter.line(f"The rejected records are in {options.rejects_file}.")
    elif report.rejected:
        reporter.line("To see the rejected records: add --rejects FILE.")
    if report.dry_run:
        reporter.line("Nothing was written. To load the file, run the same command without --dry-run.")
