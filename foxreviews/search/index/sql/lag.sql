-- How many changes an index at `position` lacks, and how old the oldest is. The same entries as changes_since.sql, but
-- counted no further than needed to say that they are many.
WITH changes AS (
    SELECT changed_at
    FROM search_change
    WHERE xid >= pg_snapshot_xmin(%(position)s::pg_snapshot)
      AND xid < pg_snapshot_xmax(pg_current_snapshot())
      AND NOT pg_visible_in_snapshot(xid, %(position)s::pg_snapshot)
    ORDER BY xid
    LIMIT %(max_counted)s
)
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(changed_at)), 0) FROM changes
