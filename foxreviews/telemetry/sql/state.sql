-- How large the directory is and how many sessions are open, without counting a row. NULL where a table is not there, or
-- where the account may not see it (data_directory).
SELECT
    (
        SELECT sum(greatest(reltuples, 0))::bigint FROM pg_class
        WHERE oid = to_regclass('enterprise_entreprise') AND relkind = 'r'
            OR oid IN (SELECT relid FROM pg_partition_tree(to_regclass('enterprise_entreprise')) WHERE isleaf)
    ) AS entreprises,
    (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass('location_ville')) AS villes,
    coalesce(
        (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(to_regclass('enterprise_entreprise')) WHERE isleaf),
        pg_total_relation_size(to_regclass('enterprise_entreprise'))
    )::bigint AS entreprises_bytes,
    pg_total_relation_size(to_regclass('location_ville')) AS villes_bytes,
    pg_database_size(current_database()) AS database_bytes,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
    current_setting('max_connections')::int AS max_connections,
    (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS data_directory
