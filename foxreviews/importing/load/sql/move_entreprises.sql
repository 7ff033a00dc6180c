-- Move the companies of a block. A public address keeps the name of a part of the town, unless it is there, accents and
-- case aside.
UPDATE enterprise_entreprise AS company
SET code_commune = move.new_code,
    ville_nom = move.new_ville,
    departement = move.new_departement,
    adresse = CASE
        WHEN move.localite <> '' AND company.statut_diffusion = {public} AND company.nom <> {mask}
            AND length(company.adresse) + length(move.localite) < 499
            AND position(
                regexp_replace(upper(normalize(move.localite, NFKD)), '[^A-Z0-9]', '', 'g')
                IN regexp_replace(upper(normalize(company.adresse, NFKD)), '[^A-Z0-9]', '', 'g')
            ) = 0
        THEN concat_ws(', ', NULLIF(company.adresse, ''), move.localite)
        ELSE company.adresse END,
    updated_at = now()
FROM importing_move AS move
WHERE company.ctid >= {first}::tid AND company.ctid < {behind}::tid
    AND company.code_postal = move.code_postal
    AND company.ville_nom = move.ville_nom
    AND company.departement = move.departement
    AND coalesce(company.code_commune, '') = move.code_commune
