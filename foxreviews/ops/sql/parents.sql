-- The name of each partition, or index of one, and that of what it is a part of; of a table its rows by the statistics.
SELECT part.relname AS name, whole.relname AS parent, part.relkind = 'i' AS is_index, greatest(part.reltuples, 0)::bigint AS rows
FROM pg_inherits
JOIN pg_class AS part ON part.oid = inhrelid
JOIN pg_class AS whole ON whole.oid = inhparent
WHERE whole.relkind IN ('I', 'p') AND whole.relnamespace = current_schema()::regnamespace
