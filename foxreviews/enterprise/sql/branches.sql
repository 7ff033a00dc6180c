-- Of a company its open, public establishments but the head office, the oldest first: their names with tabs between, town,
-- INSEE code and postal code. A head office is in the company's own row. More than 20,000 no company of the register has.
(
    SELECT string_agg(
        concat_ws(
            E'\x1e', concat_ws(E'\t', branch.nom_commercial, branch.autres_noms), branch.ville_nom,
            coalesce(branch.code_commune, ''), branch.code_postal
        ),
        E'\x1d' ORDER BY branch.siret
    )
    FROM (
        SELECT siret, nom_commercial, autres_noms, ville_nom, code_commune, code_postal
        FROM enterprise_etablissement
        WHERE length(enterprise_entreprise.siren) = 9
            AND siret >= enterprise_entreprise.siren || '00000' AND siret <= enterprise_entreprise.siren || '99999'
            AND NOT est_siege AND is_active AND statut_diffusion = 'O'
        ORDER BY siret
        LIMIT 20000
    ) AS branch
)
