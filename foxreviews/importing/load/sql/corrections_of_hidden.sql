-- Companies that are not public and of which the trail still tells what is withheld. The triggers take it out when a
-- company is hidden or removed; who comes back hidden into a directory that was emptied (TRUNCATE) is seen by none.
SELECT DISTINCT told.siren
FROM enterprise_modification AS told
JOIN enterprise_entreprise AS company ON company.siren = told.siren
WHERE (company.statut_diffusion <> {public} OR company.nom = {mask})
    AND (
        told.reason <> ''
        OR told.field IN ({withheld}) AND (told.old_value, told.new_value) IS DISTINCT FROM ('"[ND]"', '"[ND]"')
    )
