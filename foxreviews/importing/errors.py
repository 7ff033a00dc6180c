"""What can be wrong with a file or a run as a whole; a single bad record is a reject, not an error."""

from foxreviews.core.errors import FoxreviewsError, UsageError


class WrongColumns(UsageError):
    """The header lacks a required column, or names one twice. Nothing was loaded."""

    code = "wrong-columns"


class UnbalancedReading(FoxreviewsError):
    """The fast reader found another number of records than the proof: a defect of ours, never to be ignored."""

    code = "unbalanced-reading"


class UnbalancedRun(FoxreviewsError):
    """The counts of a run do not add up to its records: a defect of ours, never to be ignored."""

    code = "unbalanced-run"


class TooManyRejects(FoxreviewsError):
    """More of the file is rejected than --max-reject-rate allows. Nothing was merged."""

    status = 422
    code = "too-many-rejects"


class TooFewActive(FoxreviewsError):
    """The file would make more companies inactive than --min-ratio allows. Nothing was merged."""

    status = 422
    code = "too-few-active"


class InputChanged(UsageError):
    """The text is not that of the interrupted import. Nothing was merged."""

    code = "input-changed"


class DatabaseGone(FoxreviewsError):
    """PostgreSQL stopped, closed the connection or ran out of disk; the same command goes on once it is back."""

    status = 503
    code = "database-gone"
