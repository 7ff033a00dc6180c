-- Bytes on disk of the directory's companies, by part
SELECT
    (
        SELECT sum(pg_table_size(pg_class.oid)) FROM pg_class
        WHERE pg_class.oid = 'enterprise_entreprise'::regclass
           OR pg_class.oid IN (SELECT relid FROM pg_partition_tree('enterprise_entreprise') WHERE isleaf)
    ) AS "table",
    sum(pg_relation_size(indexrelid)) FILTER (WHERE amname = 'btree') AS "B-tree indexes",
    sum(pg_relation_size(indexrelid)) FILTER (WHERE amname = 'gin') AS "trigram index"
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_am ON pg_am.oid = relam
WHERE indrelid = 'enterprise_entreprise'::regclass
   OR indrelid IN (SELECT relid FROM pg_partition_tree('enterprise_entreprise') WHERE isleaf)
