-- What depends on the table of companies, or belongs to it, and would be lost with it, a sentence each.
SELECT format('the constraint %%s of %%s', conname, conrelid::regclass) AS obstacle
FROM pg_constraint
WHERE confrelid = 'enterprise_entreprise'::regclass
   OR conrelid = 'enterprise_entreprise'::regclass AND contype NOT IN ('c', 'n') AND conname <> ALL(%(keys)s)
UNION ALL
SELECT format('the unique index %%s', indexrelid::regclass)
FROM pg_index
WHERE indrelid = 'enterprise_entreprise'::regclass AND indisunique
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
UNION ALL
SELECT DISTINCT format('the view %%s', ev_class::regclass)
FROM pg_depend
JOIN pg_rewrite ON pg_rewrite.oid = objid
WHERE classid = 'pg_rewrite'::regclass AND refobjid = 'enterprise_entreprise'::regclass
UNION ALL
SELECT format('the publication %%I', pubname)
FROM pg_publication_rel
JOIN pg_publication ON pg_publication.oid = prpubid
WHERE prrelid = 'enterprise_entreprise'::regclass
UNION ALL
SELECT format('the row security policy %%I', polname) FROM pg_policy WHERE polrelid = 'enterprise_entreprise'::regclass
