-- Every index of such a table: its size, and the end of its definition, by which another table gets one like it. One that
-- somebody is building right now is left alone: it is invalid until it is done.
SELECT
    format('%I.%I', pg_namespace.nspname, index_class.relname) AS name,
    index_class.relname AS short_name,
    format('%I.%I', pg_namespace.nspname, table_class.relname) AS table,
    pg_index.indisvalid AS is_valid,
    pg_relation_size(index_class.oid) AS bytes,
    substring(pg_get_indexdef(index_class.oid) FROM ' USING .*') AS made
FROM pg_index
JOIN pg_class AS index_class ON index_class.oid = pg_index.indexrelid
JOIN pg_class AS table_class ON table_class.oid = pg_index.indrelid
JOIN pg_namespace ON pg_namespace.oid = table_class.relnamespace
WHERE table_class.relkind = 'r'
  AND table_class.relpersistence = 'p'
  AND pg_namespace.nspname NOT LIKE 'pg\_%'
  AND pg_namespace.nspname <> 'information_schema'
  AND NOT EXISTS (
      SELECT FROM pg_stat_progress_create_index
      WHERE index_relid = pg_index.indexrelid OR pg_stat_progress_create_index.relid = pg_index.indrelid
  )
ORDER BY name
