"""What can be wrong with a file as a whole; a record that cannot be read is a reject, not an error."""

from foxreviews.core.errors import FoxreviewsError, UsageError


class WrongColumns(UsageError):
    """The header lacks a required column, or --map one that is not there. Nothing was loaded."""

    code = "wrong-columns"


class AmbiguousColumns(WrongColumns):
    """The header can be read in two ways, one of which would load the wrong thing. Nothing was loaded."""

    code = "ambiguous-columns"


class UnbalancedReading(FoxreviewsError):
    """The vectorised reader found another number of records than the proof: a program defect, never to be ignored."""

    code = "unbalanced-reading"


class BarrenFile(UsageError):
    """The file begins with a megabyte without a record, or goes on with 16 of broken ones. Nothing was loaded."""

    code = "barren-file"
