-- Entries that every index has seen, and those of an earlier life of the database (a restored dump). Exactly those: below
-- the oldest running transaction nothing would go while one is open anywhere on the server, in another database too.
-- The first condition only keeps what a slow index has not reached from being read each time.
DELETE FROM search_change
WHERE xid < coalesce(
        (SELECT pg_snapshot_xmax(position) AS reached FROM search_index ORDER BY reached LIMIT 1),
        pg_snapshot_xmax(pg_current_snapshot())
    )
  AND NOT EXISTS (SELECT FROM search_index WHERE NOT pg_visible_in_snapshot(xid, position))
   OR xid >= pg_snapshot_xmax(pg_current_snapshot())
