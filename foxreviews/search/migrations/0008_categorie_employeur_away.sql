-- As 0007_date_creation.sql: the index of the release before has neither a category nor who employs people.
--
-- Rows were updated: an entry for those whose document may have changed. A full join, because it is never planned as
-- a nested loop: the plan is kept for the session, and its first update may be of one row, its next of a million.
CREATE OR REPLACE FUNCTION search_note_updates() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    WITH changed AS (
        SELECT was.siren AS was, became.siren AS became
        FROM rows_before AS was
        FULL JOIN rows_after AS became USING (id)
        WHERE (
            was.siren, was.siret, was.nom, was.nom_commercial, was.autres_noms, was.adresse, was.code_postal,
            was.ville_nom, was.code_commune, was.departement, was.naf_code, was.naf25_code, was.tranche_effectif,
            was.categorie_juridique, was.date_creation, was.is_active, was.statut_diffusion, was.latitude
        ) IS DISTINCT FROM (
            became.siren, became.siret, became.nom, became.nom_commercial, became.autres_noms, became.adresse,
            became.code_postal, became.ville_nom, became.code_commune, became.departement, became.naf_code, became.naf25_code,
            became.tranche_effectif, became.categorie_juridique, became.date_creation, became.is_active, became.statut_diffusion,
            became.latitude
        )
        LIMIT 100001
    ), many AS (SELECT count(*) > 100000 AS too_many FROM changed)
    INSERT INTO search_change (siren)
    SELECT became FROM changed, many WHERE NOT too_many AND became IS NOT NULL
    UNION ALL
    SELECT was FROM changed, many WHERE NOT too_many AND was IS DISTINCT FROM became AND was IS NOT NULL
    UNION ALL
    SELECT NULL FROM many WHERE too_many;
    IF FOUND THEN
        NOTIFY search_change;
    END IF;
    RETURN NULL;
END
$$;
