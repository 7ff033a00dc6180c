"""The result of an import as its operator reads it: counts, why records were rejected, and the next commands."""

import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping

from rich.table import Table
from rich.text import Text

from foxreviews.core.progress import Reporter
from foxreviews.importing.ledger import Report
from foxreviews.importing.run import Options

MAX_REASONS = 8
MAX_CORRECTED = 5  # companies, in a line; the report has more


def print_summary(report: Report, options: Options, reporter: Reporter) -> None:
    """Print all of it; the log gets the counts in one line, and the sentences."""
    print_counts(_counts(report), reporter)
    print_reasons("Rejected because of", report.rejects_by_reason, report, reporter)
    print_reasons("Values left out because of", report.values_left_out_by_reason, report, reporter)
    print_reasons(
        "Kept, where the file's cell is empty or not known", report.values_kept_by_column, report, reporter
    )
    print_reasons("Kept, as staff corrected them", report.corrections_kept_by_column, report, reporter)
    for sentence in _of_corrections(report):
        reporter.line(sentence)
    reporter.line(f"{report.seconds:,.1f} s, {report.rows_per_second:,} records/s")
    for sentence in _sentences(report, options):
        reporter.line(sentence)


def _of_corrections(report: Report) -> Iterator[str]:
    if report.corrections_kept:
        fields = sum(report.corrections_kept_by_column.values())
        shown = "; ".join(report.corrections_kept[:MAX_CORRECTED])
        more = "; …" if report.corrected_companies > MAX_CORRECTED else ""
        companies = f"{fields:,} fields of {report.corrected_companies:,} companies"
        yield f"{companies} stay as staff corrected them: {shown}{more}."
    if report.corrections_with_news:
        yield (
            f"Of {report.corrections_with_news:,} of them the file says something new: compare them in the admin under "
            "Corrections, or at /api/corrections/."
        )
    if report.corrections_closed_by_column:
        closed = sum(report.corrections_closed_by_column.values())
        would = "would be " if report.dry_run else ""
        yield f"{closed:,} corrections {would}closed: the register says the same now."
    if report.corrections_withheld_by_column:
        withheld = sum(report.corrections_withheld_by_column.values())
        ended = "would end" if report.dry_run else "have ended"
        yield f"{withheld:,} corrections {ended}: their companies are not public any more."


def _counts(report: Report) -> Iterator[tuple[int, str, str]]:
    would = "would be " if report.dry_run else ""
    yield report.records, "records", "bold"
    yield report.created, f"{would}created", "green"
    yield report.updated, f"{would}updated", "green"
    yield report.unchanged, "unchanged", ""
    yield report.duplicates, "duplicates: an earlier record has the same SIREN", "yellow"
    yield report.rejected, "rejected", "red"
    yield report.blank, "blank", ""
    yield report.skipped, "skipped", ""


def print_counts(counts: Iterable[tuple[int, str, str]], reporter: Reporter) -> None:
    """Counts that are not 0, what each means and its colour, aligned; the log gets them in one line."""
    found = [(f"{count:,}", meaning, colour) for count, meaning, colour in counts if count]
    table = _table()
    for count, meaning, colour in found:
        table.add_row(count, meaning, style=colour)
    reporter.console.print(table)
    if reporter.log:
        reporter.log.info(", ".join(f"{count} {meaning.partition(':')[0]}" for count, meaning, _ in found))


def print_reasons(title: str, reasons: Mapping[str, int], report: Report, reporter: Reporter) -> None:
    """The most frequent reasons, below each its first record, on one line."""
    if not reasons:
        return
    reporter.console.print(f"{title}:")
    table = _table()
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1])[:MAX_REASONS]:
        table.add_row(f"{count:,}", reason)
        if example := report.reject_examples.get(reason):
            place = f"line {example['line']:,}" + (f", {example['column']}" if example["column"] else "")
            text = Text(f"{place}: {example['raw']}", no_wrap=True, overflow="ellipsis")
            table.add_row("", text, style="dim")
    reporter.console.print(table)
    if len(reasons) > MAX_REASONS:
        reporter.console.print(f"  and {len(reasons) - MAX_REASONS} more reasons: --report FILE has them.")


def _table() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", min_width=11, no_wrap=True)
    table.add_column()
    return table


def _sentences(report: Report, options: Options) -> Iterator[str]:
    rejects = any(report.reject_examples)
    if rejects and options.rejects_file:
        yield f"The rejected records are in {options.rejects_file}."
    elif rejects and report.dry_run:
        yield "To see all rejected records: add --rejects FILE."
    elif rejects:
        yield f"All rejected records are in the admin, under run {report.run_id}; --rejects FILE writes them."
        yield "How to log in there: docs/howto/log-in-to-the-admin.md"
    if report.dry_run:
        yield f"Nothing was written. To load the file: {_without_dry_run(options)}"
    else:
        yield "If the search index is not kept up to date yet: manage.py search_catchup --follow"
        yield "Next: manage.py verify checks what is there now; import_history lists imports."


def _without_dry_run(options: Options) -> str:
    """The command as it was typed, where typing it again would read the same input."""
    if options.file == "-" or "--dry-run" not in sys.orig_argv:
        return "the same command without --dry-run."
    return shlex.join(word for word in sys.orig_argv if word != "--dry-run")
