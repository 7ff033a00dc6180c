"""The index brought in step with the database once; search.index.daemon does it for ever."""

from foxreviews.core.progress import Reporter
from foxreviews.search.errors import UnusableIndexError
from foxreviews.search.index.rebuild import rebuild
from foxreviews.search.index.storage import Generations
from foxreviews.search.index.writer import Keeper


def catch_up(generations: Generations, reporter: Reporter) -> None:
    """Apply what changed, or build the index anew where that is not enough.

    Raises LockedError where somebody else does it, IndexFailedError.
    """
    with generations.keeping():
        why = _apply(generations, reporter)
        if why:
            reporter.line(f"{why} It is built anew.")
            rebuild(generations, reporter)
            _apply(generations, reporter)  # what changed meanwhile


def _apply(generations: Generations, reporter: Reporter) -> str:
    """Why the index must be built anew, "" where it need not."""
    try:
        keeper = Keeper(generations.required())
    except UnusableIndexError as error:
        return str(error)
    news = keeper.apply()
    keeper.close()
    reporter.line(f"{keeper.generation.name}: {describe(len(news.sirens), towns=news.reperes)}.")
    return keeper.state.due


def describe(companies: int, *, towns: bool) -> str:
    """«12 companies and all towns brought up to date»."""
    what = [f"{companies:,} {'company' if companies == 1 else 'companies'}"] if companies or not towns else []
    return f"{' and '.join([*what, *(['all towns'] if towns else [])])} brought up to date"
