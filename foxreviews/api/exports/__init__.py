"""The exports under /api/exports/: what may be asked, and the processes that write them (foxreviews.exports)."""
