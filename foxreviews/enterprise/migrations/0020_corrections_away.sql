CREATE OR REPLACE FUNCTION enterprise_withhold_etablissements() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE enterprise_etablissement SET statut_diffusion = 'P'
    WHERE siret BETWEEN NEW.siren || '00000' AND NEW.siren || '99999' AND statut_diffusion = 'O';
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION enterprise_withhold_when_moved() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF (NEW.statut_diffusion <> 'O' OR NEW.nom = '[ND]') AND OLD.statut_diffusion = 'O' AND OLD.nom <> '[ND]' THEN
        UPDATE enterprise_etablissement SET statut_diffusion = 'P'
        WHERE siret BETWEEN NEW.siren || '00000' AND NEW.siren || '99999' AND statut_diffusion = 'O';
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
CREATE OR REPLACE FUNCTION enterprise_remove_etablissements() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM enterprise_etablissement AS gone USING removed_rows
    WHERE gone.siret BETWEEN removed_rows.siren || '00000' AND removed_rows.siren || '99999';
    RETURN NULL;
END
$$;
DROP FUNCTION enterprise_withhold_corrections(text[]);
