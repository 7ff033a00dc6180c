-- The statements that give the copy the rights on the table of companies, and its comment.
SELECT format(
    'GRANT %s ON enterprise_entreprise_next TO %s%s', privilege_type,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
) AS statement
FROM pg_class, aclexplode(relacl)
WHERE pg_class.oid = 'enterprise_entreprise'::regclass AND grantee <> relowner
UNION ALL
SELECT format('COMMENT ON TABLE enterprise_entreprise_next IS %L', obj_description('enterprise_entreprise'::regclass))
WHERE obj_description('enterprise_entreprise'::regclass) IS NOT NULL
UNION ALL
SELECT format('ALTER TABLE enterprise_entreprise_next ALTER COLUMN %I SET STATISTICS %s', attname, attstattarget)
FROM pg_attribute
WHERE attrelid = 'enterprise_entreprise'::regclass AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0
