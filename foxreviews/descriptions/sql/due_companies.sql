-- Active companies that may be sent and have no answer of the endpoint, an older one than their row, or one of another
-- model that was thrown away; those with the most employees first.
SELECT entreprise.*
FROM enterprise_entreprise AS entreprise
LEFT JOIN descriptions_description AS description
    ON description.kind = 'entreprise' AND description.key = entreprise.siren
WHERE entreprise.is_active
    AND entreprise.statut_diffusion = %(public)s
    AND entreprise.nom <> %(mask)s
    AND entreprise.categorie_juridique ~ %(legal_person)s
    AND (
        description.key IS NULL
        OR description.made_at < entreprise.updated_at
        OR (description.refused <> '' AND description.model <> %(model)s)
    )
ORDER BY nullif(entreprise.tranche_effectif, 'NN') DESC NULLS LAST, entreprise.siren
LIMIT %(limit)s
