"""A query → companies.

`query` understands what was typed: words, tiers of nodes, the walk, why a hit matches. It knows no index and no engine.
`index` is the folder on disk and its upkeep: documents, change log, writer, daemon, rebuild, reader.
`engines` answer: they run the nodes on an index, or ask PostgreSQL. `engine` chooses among them and falls back.
"""
