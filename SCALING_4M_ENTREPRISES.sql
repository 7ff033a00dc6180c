-- The indexes of enterprise_entreprise and enterprise_etablissement, built on tables that are in use.
--
--     psql -U postgres -d foxreviews_db -f SCALING_4M_ENTREPRISES.sql
--
-- The migrations make the same indexes on a new database; a test compares the two. This file is for tables that have
-- lost some of them, or that was interrupted while it built them: run it as often as you like. Indexes that are
-- there and whole stay as they are. Readers and writers go on: every index is built CONCURRENTLY, which waits for
-- the transactions that run when it starts, never the other way round. The first nine of companies, of which there were
-- 4,000,000, on two busy cores: under five minutes, in which the slowest of 4,402 writes took 0.3 s.

\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
SET client_min_messages = warning; -- IF NOT EXISTS would say of each index that it is there; the list at the end does
SET statement_timeout = 0;         -- a limit set for web requests must not end the build of an index
SET lock_timeout = 0;

-- More memory than a query gets: the trigram index of 4,000,000 names is built from it.
SELECT set_config('maintenance_work_mem', '512MB', false)
WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('512MB') \g /dev/null

DO $$
BEGIN
    IF to_regclass('enterprise_entreprise') IS NULL OR to_regclass('enterprise_etablissement') IS NULL THEN
        RAISE 'The database "%" lacks the table of companies or of establishments. Make it: python manage.py migrate',
            current_database();
    END IF;
    -- Two runs at once would each take the half-built indexes of the other for leftovers. The lock ends with psql.
    IF NOT pg_try_advisory_lock(hashtext('SCALING_4M_ENTREPRISES')) THEN
        RAISE 'Another run of this file is at work on the database "%". Wait for it to end, then run it again if need be.',
            current_database();
    END IF;
END
$$;

\echo 'Extension pg_trgm: search by part of a name'
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- An interrupted CREATE or REINDEX … CONCURRENTLY leaves an index that every write pays for and no query uses, under
-- the name that the new one needs (or that name and _ccnew).
\echo 'Leftovers of interrupted builds: dropping those there are'
\set QUIET off
SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %s', indexrelid::regclass)
FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
WHERE (
    indrelid IN ('enterprise_entreprise'::regclass, 'enterprise_etablissement'::regclass)
    OR indrelid IN (SELECT relid FROM pg_partition_tree('enterprise_entreprise'))
  )
  AND relkind = 'i'
  AND NOT indisvalid
  AND indexrelid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index WHERE index_relid IS NOT NULL)
\gexec
\set QUIET on

-- Of a table in partitions (manage.py partition_entreprises) no index is built CONCURRENTLY at once. The statements below
-- then are for an empty table of its columns and name; from its indexes come those of each partition.
SELECT relkind = 'p' AS partitioned, format('%I.%I', nspname, relname) AS companies
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE pg_class.oid = 'enterprise_entreprise'::regclass \gset
\if :partitioned
CREATE TEMPORARY TABLE enterprise_entreprise (LIKE :companies);
-- Readers and writers wait behind a lock that waits for others: not for longer than 0.3 s at a time.
CREATE FUNCTION pg_temp.patiently(statement text) RETURNS void LANGUAGE plpgsql SET lock_timeout = '300ms' AS $$
BEGIN
    LOOP
        BEGIN
            EXECUTE statement;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            PERFORM pg_sleep(0.5);
        END;
    END LOOP;
END
$$;
\endif

\timing on

\echo
\echo '1/15 created_at, id: pages in the default order, newest first, and their cursors'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_created_id_idx
    ON enterprise_entreprise (created_at, id);

\echo '2/15 nom, id: pages in the order of names, and their cursors'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_nom_id_idx
    ON enterprise_entreprise (nom, id);

-- fastupdate is off: pending lists move the cost of a write onto the next reader.
\echo '3/15 trigrams of nom: nom ILIKE, nom__icontains, search by q'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_nom_trgm_idx
    ON enterprise_entreprise USING gin (nom gin_trgm_ops) WITH (fastupdate = off);

\echo '4/15 ville_nom, naf_code: the companies of a city, of one trade or all'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_ville_naf_idx
    ON enterprise_entreprise (ville_nom, naf_code);

\echo '5/15 code_postal, is_active: the companies of a postal code, active or all'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_cp_active_idx
    ON enterprise_entreprise (code_postal, is_active);

\echo '6/15 code_commune, created_at, id: the companies of a commune or municipal district, newest first'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_commune_idx
    ON enterprise_entreprise (code_commune, created_at, id);

\echo '7/15 departement, created_at, id: the companies of a département, newest first'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_departement_idx
    ON enterprise_entreprise (departement, created_at, id);

\echo '8/15 naf_code, created_at, id: the companies of a trade, newest first, and of a group of trades'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_naf_idx
    ON enterprise_entreprise (naf_code, created_at, id);

\echo '9/15 naf25_code, created_at, id: the same by NAF 2025, of those that have its code'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_naf25_idx
    ON enterprise_entreprise (naf25_code, created_at, id) WHERE naf25_code <> '';

\echo '10/15 code_postal, created_at, id: the companies of a postal code, newest first'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_cp_created_idx
    ON enterprise_entreprise (code_postal, created_at, id);

\echo '11/15 code_commune, nom, id: the companies of a commune by name'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_commune_nom_idx
    ON enterprise_entreprise (code_commune, nom, id);

\echo '12/15 departement, nom, id: of a département by name'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_departement_nom_idx
    ON enterprise_entreprise (departement, nom, id);

\echo '13/15 code_postal, nom, id: of a postal code by name'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_cp_nom_idx
    ON enterprise_entreprise (code_postal, nom, id);

\echo '14/15 naf_code, nom, id: of a trade by name'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_naf_nom_idx
    ON enterprise_entreprise (naf_code, nom, id);

\echo '15/15 naf25_code, nom, id: the same by NAF 2025'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_entreprise_naf25_nom_idx
    ON enterprise_entreprise (naf25_code, nom, id) WHERE naf25_code <> '';

\if :partitioned
\echo 'The same in each partition'
\timing off
-- An index of all partitions is valid once each of them has its own.
SELECT pg_temp.patiently(
    format('CREATE INDEX IF NOT EXISTS %I ON ONLY %s USING %s', indexname, :'companies', split_part(indexdef, ' USING ', 2))
)
FROM pg_indexes
WHERE schemaname = pg_my_temp_schema()::regnamespace::text AND tablename = 'enterprise_entreprise' \g /dev/null
DROP TABLE pg_temp.enterprise_entreprise;
SELECT statement
FROM (
    SELECT
        whole.relname AS index, relid::regclass::text AS part, split_part(pg_get_indexdef(whole.oid), ' USING ', 2) AS definition,
        concat('part_', replace(concat(whole.relname, relid::regclass), 'enterprise_entreprise_', '')) AS name
    FROM pg_index
    JOIN pg_class AS whole ON whole.oid = indexrelid
    CROSS JOIN LATERAL pg_partition_tree(indrelid) AS part
    WHERE indrelid = 'enterprise_entreprise'::regclass
      AND isleaf
      AND NOT indisvalid
      AND NOT EXISTS (
          SELECT FROM pg_inherits JOIN pg_index AS made ON made.indexrelid = inhrelid
          WHERE inhparent = whole.oid AND made.indrelid = relid
      )
) AS missing
CROSS JOIN LATERAL (VALUES
    (1, format('CREATE INDEX CONCURRENTLY IF NOT EXISTS %I ON %s USING %s', name, part, definition)),
    (2, format('SELECT pg_temp.patiently(%L)', format('ALTER INDEX %I ATTACH PARTITION %I', index, name)))
) AS made (step, statement)
ORDER BY index, part, step
\o /dev/null
\gexec
\o
\timing on
\endif

\echo 'Establishments 1/8 departement, siret: the establishments of a département, and their cursors'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_etablissement_departement_idx
    ON enterprise_etablissement (departement, siret);

\echo 'Establishments 2/8 code_commune, siret: of a commune or municipal district'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_etablissement_commune_idx
    ON enterprise_etablissement (code_commune, siret);

\echo 'Establishments 3/8 code_postal, siret: of a postal code'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_etablissement_cp_idx
    ON enterprise_etablissement (code_postal, siret);

\echo 'Establishments 4/8 naf_code, siret: of a trade, and of a group of trades'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_etablissement_naf_idx
    ON enterprise_etablissement (naf_code, siret);

\echo 'Establishments 5/8 naf25_code, siret: the same by NAF 2025, of those that have its code'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_etablissement_naf25_idx
    ON enterprise_etablissement (naf25_code, siret) WHERE NOT naf25_code = '';

\echo 'Establishments 6/8 cell: what is near a point'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_etablissement_cell_idx
    ON enterprise_etablissement (cell);

\echo 'Establishments 7/8 naf_code, cell: the nearest of a trade'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_etablissement_naf_cell_idx
    ON enterprise_etablissement (naf_code, cell) WHERE naf_code <> '' AND cell IS NOT NULL;

\echo 'Establishments 8/8 naf25_code, cell: the same by NAF 2025'
CREATE INDEX CONCURRENTLY IF NOT EXISTS enterprise_etablissement_naf25_cell_idx
    ON enterprise_etablissement (naf25_code, cell) WHERE naf25_code <> '' AND cell IS NOT NULL;

-- From 100 samples of nom the planner took every word under 1 % of the names for one in 10,000: for «petit», in 46,533
-- of 4,000,000 names, it gathered all of them (657 ms) instead of the newest 20 (9 ms). From 1,000 it is right within a
-- third, and plans in 0.7 ms.
\echo
\echo 'Statistics for the planner, finer for names'
ALTER TABLE enterprise_entreprise ALTER COLUMN nom SET STATISTICS 1000;
ANALYZE enterprise_entreprise;
ANALYZE enterprise_etablissement;
\timing off

\echo
\echo 'The indexes of companies and establishments:'
SELECT indexrelid::regclass AS "index",
       pg_size_pretty(bytes) AS size,
       CASE WHEN indisvalid THEN 'ready' ELSE 'being built by another session' END AS state
FROM pg_index
CROSS JOIN LATERAL (
    SELECT coalesce(sum(pg_relation_size(relid)), pg_relation_size(indexrelid)) AS bytes
    FROM pg_partition_tree(indexrelid)
    WHERE isleaf
) AS stored
WHERE indrelid IN ('enterprise_entreprise'::regclass, 'enterprise_etablissement'::regclass)
ORDER BY bytes DESC, 1;
