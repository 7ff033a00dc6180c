-- The lines of the file of real establishments, as establishments of the companies that were loaded from it. A line that
-- has another name than the company has it as its sign.
INSERT INTO enterprise_etablissement (
    siret, siren, est_siege, nom_commercial, libelle_voie, code_postal, ville_nom, code_commune, departement, naf_code
)
SELECT line.siret, line.siren, line.siret = entreprise.siret,
    CASE WHEN upper(line.nom) <> upper(entreprise.nom) THEN line.nom ELSE '' END, line.adresse, line.code_postal, line.ville_nom,
    nullif(line.code_commune, ''), line.departement, line.naf_code
FROM unnest(
    %(siret)s::text[], %(siren)s::text[], %(nom)s::text[], %(adresse)s::text[], %(code_postal)s::text[], %(ville_nom)s::text[],
    %(code_commune)s::text[], %(departement)s::text[], %(naf_code)s::text[]
) AS line (siret, siren, nom, adresse, code_postal, ville_nom, code_commune, departement, naf_code)
JOIN enterprise_entreprise AS entreprise ON entreprise.siren = line.siren
ON CONFLICT DO NOTHING
