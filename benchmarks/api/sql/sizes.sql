-- Bytes on disk of the directory's companies, by part
SELECT
    pg_table_size('enterprise_entreprise') AS "table",
    sum(pg_relation_size(indexrelid)) FILTER (WHERE amname = 'btree') AS "B-tree indexes",
    sum(pg_relation_size(indexrelid)) FILTER (WHERE amname = 'gin') AS "trigram index"
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_am ON pg_am.oid = relam
WHERE indrelid = 'enterprise_entreprise'::regclass
