-- What says whether a table needs a vacuum or new statistics. The counts are PostgreSQL's own, of what was written since
-- the last of either; reltuples is -1 where there was none yet.
SELECT
    format('%I.%I', pg_namespace.nspname, pg_class.relname) AS name,
    coalesce(n_live_tup, 0) AS rows,
    coalesce(n_dead_tup, 0) AS dead,
    coalesce(n_mod_since_analyze, 0) AS changed,
    pg_class.reltuples < 0 AND pg_relation_size(pg_class.oid) > 0 AS never_analysed,
    pg_class.relpages AS pages,
    pg_class.relallvisible AS pages_visible,
    coalesce(n_ins_since_vacuum, 0) AS inserted,
    age(pg_class.relfrozenxid) AS age,
    current_setting('autovacuum_freeze_max_age')::bigint AS oldest_age
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
LEFT JOIN pg_stat_user_tables ON pg_stat_user_tables.relid = pg_class.oid
WHERE pg_class.relkind = 'r'
  AND pg_class.relpersistence = 'p'
  AND pg_namespace.nspname NOT LIKE 'pg\_%'
  AND pg_namespace.nspname <> 'information_schema'
ORDER BY name
