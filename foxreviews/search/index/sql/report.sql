-- An index reports how far it has come. No row is updated where the log is no longer kept for it: it has not reported
-- for days, it was put back from a copy, or the database was.
UPDATE search_index
SET position = %(position)s::pg_snapshot, seen_at = now()
WHERE generation = %(generation)s
  AND pg_snapshot_xmin(position) <= pg_snapshot_xmin(%(position)s::pg_snapshot)
  AND pg_snapshot_xmax(%(position)s::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
