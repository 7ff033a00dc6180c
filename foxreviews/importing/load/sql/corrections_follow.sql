-- What staff corrected of a place follows its company into the town that has it now.
UPDATE enterprise_correction AS correction SET value = nullif(company.said -> correction.field, 'null')
FROM (
    SELECT siren, to_jsonb(entreprise) AS said FROM enterprise_entreprise AS entreprise
    WHERE siren IN (SELECT siren FROM enterprise_correction)
) AS company
WHERE company.siren = correction.siren AND correction.field IN ({place})
    AND correction.value IS DISTINCT FROM nullif(company.said -> correction.field, 'null')
