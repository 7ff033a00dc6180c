"""What can be wrong with a file or a run as a whole; a single bad record is a reject, not an error."""

from foxreviews.core.errors import FoxreviewsError, UsageError


class UnreadableSource(UsageError):
    """The file is missing, is not text, or stops before its end. Nothing was loaded."""

    code = "unreadable-source"


class WrongColumns(UsageError):
    """The header lacks a required column, or names one twice. Nothing was loaded."""

    code = "wrong-columns"


class UnbalancedReading(FoxreviewsError):
    """The fast reader found another number of records than the proof: a defect of ours, never to be ignored."""

    code = "unbalanced-reading"


class UnbalancedRun(FoxreviewsError):
    """The counts of a run do not add up to its records: a defect of ours, never to be ignored."""

    code = "unbalanced-run"
