-- How many statements that changed what the directory shows are visible now, or were at the moment `position` (a snapshot;
-- null: now), and the newest of their transactions: two that were never there together have not the same of both.
SELECT coalesce(sum(statements), 0)::bigint, coalesce(max(xid::text::bigint), 0)
FROM dataset_change
WHERE %(position)s::pg_snapshot IS NULL OR pg_visible_in_snapshot(xid, %(position)s::pg_snapshot)
