-- How many companies of the directory the register had and has no more, how many of them each action would change, and
-- the first of them.
SELECT
    count(*) AS report,
    count(*) FILTER (
        WHERE is_active AND siren NOT IN (SELECT siren FROM enterprise_correction WHERE field = 'is_active')
    ) AS cease,
    count(*) FILTER (WHERE nom <> {mask} OR statut_diffusion = {public}) AS hide,
    count(*) AS delete,
    (array_agg(siren ORDER BY siren))[:5] AS examples
FROM sirene_gone
JOIN enterprise_entreprise USING (siren)
