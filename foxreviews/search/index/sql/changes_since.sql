-- What changed after the moment `position`: the entries that are visible now and were not then. A transaction that
-- was older but committed later is among them, one that is still open delays none. The entries of an earlier
-- life of the database (a restored dump), whose transactions this one has not reached yet, are not.
WITH changes AS MATERIALIZED (
    SELECT part, siren, changed_at
    FROM search_change
    WHERE xid >= pg_snapshot_xmin(%(position)s::pg_snapshot)
      AND xid < pg_snapshot_xmax(pg_current_snapshot())
      AND NOT pg_visible_in_snapshot(xid, %(position)s::pg_snapshot)
)
SELECT
    pg_current_snapshot()::text,
    coalesce(array_agg(DISTINCT siren) FILTER (WHERE siren IS NOT NULL), '{}'),
    coalesce(bool_or(siren IS NULL AND part = 'entreprises'), false),
    coalesce(bool_or(siren IS NULL AND part = 'places'), false),
    count(*),
    extract(epoch FROM clock_timestamp() - min(changed_at))
FROM changes
