"""VACUUM, ANALYZE and REINDEX CONCURRENTLY for what needs them, while the service answers."""
