-- Every index of the project's tables, the largest first. One that is being built is invalid until it is done. That of a
-- partitioned table is made of those of its partitions, which are listed, too.
SELECT
    index.relname AS name,
    tables.relname AS "table",
    access.amname AS method,
    coalesce(
        (SELECT sum(pg_relation_size(relid)) FROM pg_partition_tree(index.oid) WHERE isleaf), pg_relation_size(index.oid)
    )::bigint AS bytes,
    index.relkind = 'I' AS partitioned,
    indisvalid AS valid,
    pg_get_indexdef(index.oid) AS definition,
    EXISTS (
        SELECT FROM pg_stat_progress_create_index AS progress
        WHERE progress.index_relid = index.oid OR progress.relid = tables.oid
    ) AS being_built
FROM pg_index
JOIN pg_class AS index ON index.oid = indexrelid
JOIN pg_class AS tables ON tables.oid = indrelid
JOIN pg_am AS access ON access.oid = index.relam
WHERE tables.relnamespace = current_schema()::regnamespace
  AND tables.relkind IN ('r', 'p')
  AND tables.relpersistence = 'p'
ORDER BY bytes DESC, name
