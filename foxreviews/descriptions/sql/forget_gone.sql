-- Remove what was written about companies that are gone, or that may not be sent any more.
DELETE FROM descriptions_description AS description
WHERE description.kind = 'entreprise' AND NOT EXISTS (
    SELECT FROM enterprise_entreprise AS entreprise
    WHERE entreprise.siren = description.key
        AND entreprise.statut_diffusion = %(public)s
        AND entreprise.nom <> %(mask)s
        AND entreprise.categorie_juridique ~ %(legal_person)s
)
