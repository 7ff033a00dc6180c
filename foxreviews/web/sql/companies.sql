-- The companies of a shard of the sitemap, by a range of their key: all that are not hidden, and no doubles of others.
SELECT siren, nom, updated_at
FROM enterprise_entreprise AS entreprise
WHERE id >= %(first)s AND id < %(last)s AND NOT {hidden}
    AND NOT EXISTS (SELECT FROM enterprise_doublon WHERE siren = entreprise.siren)
ORDER BY id
