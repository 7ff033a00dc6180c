-- The document of a company has words of its establishments: where one of them changes, the company is noted. Only those
-- that are in a document count, before or after: open, public, and not the head office, which is in the company's row.
-- A SIRET begins with the SIREN.

-- Establishments were inserted or deleted.
CREATE FUNCTION search_note_etablissements() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    WITH changed AS (
        SELECT DISTINCT left(siret, 9) AS siren
        FROM changed_rows
        WHERE NOT est_siege AND is_active AND statut_diffusion = 'O'
        LIMIT 100001
    ), many AS (SELECT count(*) > 100000 AS too_many FROM changed)
    INSERT INTO search_change (siren)
    SELECT changed.siren FROM changed, many WHERE NOT too_many
    UNION ALL
    SELECT NULL FROM many WHERE too_many;
    IF FOUND THEN
        NOTIFY search_change;
    END IF;
    RETURN NULL;
END
$$;

-- Establishments were updated. A full join: see search_note_updates.
CREATE FUNCTION search_note_etablissement_updates() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    WITH was AS (
        SELECT * FROM rows_before WHERE NOT est_siege AND is_active AND statut_diffusion = 'O'
    ), became AS (
        SELECT * FROM rows_after WHERE NOT est_siege AND is_active AND statut_diffusion = 'O'
    ), changed AS (
        SELECT DISTINCT left(siret, 9) AS siren
        FROM was
        FULL JOIN became USING (siret)
        WHERE (was.nom_commercial, was.autres_noms, was.ville_nom, was.code_commune, was.code_postal)
            IS DISTINCT FROM (
                became.nom_commercial, became.autres_noms, became.ville_nom, became.code_commune, became.code_postal
            )
        LIMIT 100001
    ), many AS (SELECT count(*) > 100000 AS too_many FROM changed)
    INSERT INTO search_change (siren)
    SELECT changed.siren FROM changed, many WHERE NOT too_many
    UNION ALL
    SELECT NULL FROM many WHERE too_many;
    IF FOUND THEN
        NOTIFY search_change;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER search_change_insert AFTER INSERT ON enterprise_etablissement
REFERENCING NEW TABLE AS changed_rows EXECUTE FUNCTION search_note_etablissements();
CREATE TRIGGER search_change_update AFTER UPDATE ON enterprise_etablissement
REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after EXECUTE FUNCTION search_note_etablissement_updates();
CREATE TRIGGER search_change_delete AFTER DELETE ON enterprise_etablissement
REFERENCING OLD TABLE AS changed_rows EXECUTE FUNCTION search_note_etablissements();
CREATE TRIGGER search_change_truncate AFTER TRUNCATE ON enterprise_etablissement
EXECUTE FUNCTION search_note_truncate('entreprises');
