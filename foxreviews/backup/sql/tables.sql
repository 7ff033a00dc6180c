-- The tables of the database, but for those of extensions and of other sessions' own: name, whether it survives a crash
-- ('p') or is only on its way ('u', unlogged), and its bytes without indexes.
SELECT format('%I.%I', pg_namespace.nspname, pg_class.relname), pg_class.relpersistence, pg_table_size(pg_class.oid)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
WHERE pg_class.relkind = 'r'
  AND pg_namespace.nspname NOT LIKE 'pg\_%'
  AND pg_namespace.nspname <> 'information_schema'
  AND NOT EXISTS (
      SELECT FROM pg_depend
      WHERE pg_depend.classid = 'pg_class'::regclass AND pg_depend.objid = pg_class.oid AND pg_depend.deptype = 'e'
  )
ORDER BY 3 DESC
