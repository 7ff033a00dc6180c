-- Who was hidden or removed after the moment `position`: in transactions that are visible now and were not then. Those of an
-- earlier life of the database (a restored dump), which this one has not reached yet, are not among them.
SELECT array_agg(siren)
FROM (
    SELECT siren
    FROM enterprise_hidden
    WHERE xid >= pg_snapshot_xmin(%(position)s::pg_snapshot)
      AND xid < pg_snapshot_xmax(pg_current_snapshot())
      AND NOT pg_visible_in_snapshot(xid, %(position)s::pg_snapshot)
    LIMIT %(limit)s
) AS newly
