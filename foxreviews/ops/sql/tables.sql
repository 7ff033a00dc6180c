-- Every table with its dead rows, and the rows that changed since its statistics were taken; reltuples is -1 where they
-- never were. A table below 1 MiB is read in no time, with or without. PostgreSQL counts on where only some columns were
-- analysed at once, as an import does: what was analysed minutes ago has fresh statistics.
SELECT
    pg_class.relname AS name,
    coalesce(n_live_tup, 0) AS rows,
    coalesce(n_dead_tup, 0) AS dead,
    CASE
        WHEN greatest(last_analyze, last_autoanalyze) > now() - interval '10 minutes' THEN 0
        ELSE coalesce(n_mod_since_analyze, 0)
    END AS changed,
    reltuples < 0 AND pg_relation_size(pg_class.oid) > 1048576 AS never_analysed
FROM pg_class
LEFT JOIN pg_stat_user_tables AS counted ON counted.relid = pg_class.oid
WHERE relnamespace = current_schema()::regnamespace
  AND relkind = 'r'
  AND relpersistence = 'p'
UNION ALL
-- Autovacuum takes no statistics of a partitioned table as a whole: as many rows as its partitions have more or fewer
-- than it had then have changed.
SELECT
    whole.relname,
    of_parts.rows,
    0,
    abs(of_parts.rows - greatest(whole.reltuples, 0)::bigint),
    whole.reltuples < 0 AND of_parts.rows > 0
FROM pg_class AS whole
CROSS JOIN LATERAL (
    SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint AS rows
    FROM pg_partition_tree(whole.oid)
    JOIN pg_class ON pg_class.oid = relid
    WHERE isleaf
) AS of_parts
WHERE whole.relnamespace = current_schema()::regnamespace AND whole.relkind = 'p'
ORDER BY name
