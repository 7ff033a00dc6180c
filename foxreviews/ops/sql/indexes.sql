-- Every index of the tables that are ours to look after: its size, its use since the counters were set to zero, whether
-- it holds, and for a B-tree the bytes that its entries would take if they were just built and none were shared.
WITH widths AS (
    SELECT
        attrelid,
        sum(coalesce(stats.avg_width, 8)) AS width
    FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'i'
    JOIN pg_index ON indexrelid = attrelid
    JOIN pg_class AS tables ON tables.oid = indrelid
    LEFT JOIN pg_stats AS stats
        ON stats.schemaname = tables.relnamespace::regnamespace::text
        AND (
            (stats.tablename = tables.relname AND stats.attname = pg_get_indexdef(indexrelid, attnum, false))
            OR (stats.tablename = pg_class.relname AND stats.attname = pg_attribute.attname)
        )
    GROUP BY attrelid
)
SELECT
    index.relname AS name,
    tables.relname AS "table",
    pg_relation_size(index.oid) AS bytes,
    greatest(index.reltuples, 0)::bigint AS entries,
    access.amname AS method,
    pg_get_indexdef(index.oid) AS definition,
    indisvalid AS valid,
    indisunique AS "unique",
    EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = index.oid) AS being_built,
    coalesce(counted.idx_scan, 0) AS scans,
    -- 8 bytes before each entry, 4 to point at it, a page full to 90 %
    (greatest(index.reltuples, 0) * (12 + ceil(width / 8.0) * 8) / 0.9)::bigint AS bytes_when_new,
    -- two indexes with the same of all this are one too many
    md5(concat_ws('/', indrelid, indkey, indclass, indcollation, indoption, index.relam,
        pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid))) AS likeness
FROM pg_index
JOIN pg_class AS index ON index.oid = indexrelid
JOIN pg_class AS tables ON tables.oid = indrelid
JOIN pg_am AS access ON access.oid = index.relam
LEFT JOIN widths ON widths.attrelid = index.oid
LEFT JOIN pg_stat_user_indexes AS counted ON counted.indexrelid = index.oid
WHERE tables.relnamespace = current_schema()::regnamespace
ORDER BY bytes DESC, name
