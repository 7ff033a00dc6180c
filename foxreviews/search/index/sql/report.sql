-- An index reports how far it has come. No row is updated where the log is no longer kept for it: it has not reported
-- for days, or it was put back from a copy (its last report has seen a transaction that this position has not), or the
-- database was (the position is ahead of it).
UPDATE search_index
SET position = %(position)s::pg_snapshot, seen_at = now()
WHERE generation = %(generation)s
  AND pg_snapshot_xmax(position) <= pg_snapshot_xmax(%(position)s::pg_snapshot)
  AND NOT EXISTS (
      SELECT FROM pg_snapshot_xip(%(position)s::pg_snapshot) AS open(xid)
      WHERE pg_visible_in_snapshot(open.xid, position)
  )
  AND pg_snapshot_xmax(%(position)s::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
