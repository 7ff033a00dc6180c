-- The shards of the sitemap that have a company which may be found: ranges of the key, of which each is looked into once.
SELECT shard
FROM generate_series(0, (SELECT coalesce(max(id), -1) FROM enterprise_entreprise) / %(size)s) AS shard
WHERE EXISTS (
    SELECT FROM enterprise_entreprise AS entreprise
    WHERE id >= shard * %(size)s AND id < (shard + 1) * %(size)s AND NOT {hidden}
        AND NOT EXISTS (SELECT FROM enterprise_doublon WHERE siren = entreprise.siren)
)
