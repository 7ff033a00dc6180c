-- Entries that every index has seen, and those of an earlier life of the database (a restored dump).
DELETE FROM search_change
WHERE xid < coalesce(
        (SELECT pg_snapshot_xmin(position) AS seen FROM search_index ORDER BY seen LIMIT 1),
        pg_snapshot_xmin(pg_current_snapshot())
    )
   OR xid >= pg_snapshot_xmax(pg_current_snapshot())
