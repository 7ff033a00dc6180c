"""One file per engine; a new engine is held to all promises by adding one.

A file has `search_of(indexed)`, the search over the companies that the database has at that moment, and
`RANKS_BY_TIERS`: whether the engine understands typos, trades, places and unfinished words, and ranks by tiers.
"""
