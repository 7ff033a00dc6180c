-- One entry for all that every index has seen: the number of statements stays, the entries go. Two who do this at once
-- add up each entry once: who comes second finds it gone.
WITH gone AS (
    DELETE FROM dataset_change
    WHERE NOT EXISTS (SELECT FROM search_index WHERE NOT pg_visible_in_snapshot(xid, position))
      AND (SELECT count(*) > %(max_entries)s FROM dataset_change)
    RETURNING statements, xid, changed_at
)
INSERT INTO dataset_change (statements, xid, changed_at)
SELECT sum(statements), max(xid::text::bigint)::text::xid8, max(changed_at)
FROM gone
HAVING count(*) > 0
