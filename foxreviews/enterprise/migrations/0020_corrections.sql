-- Privacy of what staff correct (foxreviews/enterprise/privacy.py): of a company that is not public any more, whoever
-- hides it, what is withheld is in no correction and in no entry of the trail, nor are reasons, which are free text.
CREATE FUNCTION enterprise_withhold_corrections(hidden text[]) RETURNS void
LANGUAGE sql SET search_path FROM CURRENT AS $$
    DELETE FROM enterprise_correction WHERE siren = ANY(hidden) AND field IN (
        'nom', 'nom_commercial', 'autres_noms', 'adresse', 'telephone', 'email', 'site_web', 'latitude', 'longitude'
    );
    UPDATE enterprise_correction SET reason = '' WHERE siren = ANY(hidden) AND reason <> '';
    UPDATE enterprise_modification SET
        old_value = CASE WHEN told THEN old_value ELSE '"[ND]"' END,
        new_value = CASE WHEN told THEN new_value ELSE '"[ND]"' END,
        reason = ''
    FROM (
        SELECT id AS found, field NOT IN (
            'nom', 'nom_commercial', 'autres_noms', 'adresse', 'telephone', 'email', 'site_web', 'latitude', 'longitude'
        ) AS told
        FROM enterprise_modification WHERE siren = ANY(hidden)
    ) AS of_them
    WHERE id = found AND NOT (told AND reason = '');
$$;
-- Nobody calls it but triggers, who have the rights of its owner: whoever hides a company need not be able to read these.
REVOKE EXECUTE ON FUNCTION enterprise_withhold_corrections(text[]) FROM PUBLIC;

-- Called by the triggers of 0011_etablissement_triggers.sql and 0018_partitions.sql, for a company that is not public any
-- more; no trigger is made, so no lock is waited for.
CREATE OR REPLACE FUNCTION enterprise_withhold_etablissements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE enterprise_etablissement SET statut_diffusion = 'P'
    WHERE siret BETWEEN NEW.siren || '00000' AND NEW.siren || '99999' AND statut_diffusion = 'O';
    IF EXISTS (SELECT FROM enterprise_modification WHERE siren = NEW.siren) THEN
        PERFORM enterprise_withhold_corrections(ARRAY[NEW.siren::text]);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION enterprise_withhold_when_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF (NEW.statut_diffusion <> 'O' OR NEW.nom = '[ND]') AND OLD.statut_diffusion = 'O' AND OLD.nom <> '[ND]' THEN
        UPDATE enterprise_etablissement SET statut_diffusion = 'P'
        WHERE siret BETWEEN NEW.siren || '00000' AND NEW.siren || '99999' AND statut_diffusion = 'O';
        IF EXISTS (SELECT FROM enterprise_modification WHERE siren = NEW.siren) THEN
            PERFORM enterprise_withhold_corrections(ARRAY[NEW.siren::text]);
        END IF;
    END IF;
    IF NEW.siren <> OLD.siren
        OR NEW.nom = '[ND]' AND OLD.nom <> '[ND]'
        OR NEW.statut_diffusion <> 'O' AND NEW.categorie_juridique !~ '^([03-9][0-9]|2[04-9])[0-9][0-9]$'
        AND OLD.nom <> '[ND]'
    THEN
        DELETE FROM enterprise_anciennom WHERE siren = OLD.siren;
    END IF;
    RETURN NEW;
END
$$;
-- A company that is removed has no corrections. Its trail keeps that there were some: the register may have forgotten it
-- because it is totally private now.
CREATE OR REPLACE FUNCTION enterprise_remove_etablissements() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM enterprise_etablissement AS gone USING removed_rows
    WHERE gone.siret BETWEEN removed_rows.siren || '00000' AND removed_rows.siren || '99999';
    IF EXISTS (SELECT FROM enterprise_modification) THEN
        DELETE FROM enterprise_correction AS gone USING removed_rows WHERE gone.siren = removed_rows.siren;
        PERFORM enterprise_withhold_corrections(array_agg(DISTINCT told.siren::text))
        FROM enterprise_modification AS told JOIN removed_rows ON told.siren = removed_rows.siren;
    END IF;
    RETURN NULL;
END
$$;
