-- About so many per cent of the companies, each sampled by itself, the same for the same seed while nothing is written.
-- A company that is hidden (enterprise.privacy) is not found by name, so no query is made of it.
SELECT siren, nom, ville_nom, naf_code
FROM enterprise_entreprise TABLESAMPLE BERNOULLI (%(percent)s) REPEATABLE (%(seed)s)
WHERE NOT {hidden}
ORDER BY siren
