-- The companies of a shard of the sitemap, by a range of their key: all that are not hidden.
SELECT siren, nom, updated_at
FROM enterprise_entreprise
WHERE id >= %(first)s AND id < %(last)s AND NOT {hidden}
ORDER BY id
