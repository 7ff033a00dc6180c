-- How well each table is kept: dead rows, rows changed since its statistics were taken, and the age of its oldest
-- transaction number.
SELECT
    counted.relname AS name,
    greatest(pg_class.reltuples, 0)::bigint AS rows,
    n_live_tup AS live,
    n_dead_tup AS dead,
    n_mod_since_analyze AS changed,
    greatest(last_analyze, last_autoanalyze) AS analysed_at,
    age(pg_class.relfrozenxid) AS age
FROM pg_stat_user_tables AS counted
JOIN pg_class ON pg_class.oid = counted.relid
WHERE counted.schemaname = current_schema()
ORDER BY n_dead_tup DESC, 1
