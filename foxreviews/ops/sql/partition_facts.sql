-- The table of companies, and what a change of its shape takes: bytes with indexes, of a copy that is begun, too, and the
-- locks that sessions can hold.
SELECT
    relkind = 'p' AS is_partitioned,
    pg_get_userbyid(relowner) AS owner,
    pg_has_role(relowner, 'USAGE') AS is_ours,
    to_regclass('enterprise_entreprise_next') IS NOT NULL AS is_begun,
    to_regclass('enterprise_entreprise_before') IS NOT NULL AS is_swapped,
    current_setting('max_locks_per_transaction')::int AS max_locks,
    (
        SELECT coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)::bigint FROM pg_class
        WHERE pg_class.oid = whole.oid
           OR pg_class.oid IN (SELECT relid FROM pg_partition_tree(whole.oid) WHERE isleaf)
    ) AS bytes,
    (
        SELECT coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)::bigint FROM pg_class
        WHERE pg_class.oid = to_regclass('enterprise_entreprise_next')
           OR pg_class.oid IN (SELECT relid FROM pg_partition_tree(to_regclass('enterprise_entreprise_next')) WHERE isleaf)
    ) AS copied_bytes
FROM pg_class AS whole
WHERE whole.oid = 'enterprise_entreprise'::regclass
