-- A company's other names are withheld as its name is (0006_privacy.sql).
CREATE OR REPLACE FUNCTION enterprise_withhold() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    legal_person CONSTANT text := '^([03-9][0-9]|2[04-9])[0-9][0-9]$';
    was_hidden boolean := false;
    is_hidden boolean;
BEGIN
    -- As people type it: [nd], [ N.D. ], M. [ND] [ND].
    IF NEW.nom ~* '\[\s*n\.?\s*d\.?\s*\]' THEN
        NEW.nom := '[ND]';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        was_hidden := OLD.nom = '[ND]'
            OR (OLD.statut_diffusion <> 'O' AND OLD.categorie_juridique !~ legal_person);
        IF current_setting('foxreviews.register', true) IS DISTINCT FROM 'on' THEN
            IF OLD.statut_diffusion <> 'O' AND NEW.statut_diffusion = 'O' THEN
                NEW.statut_diffusion := OLD.statut_diffusion;
            END IF;
            IF was_hidden THEN
                NEW.nom := '[ND]';
                IF OLD.categorie_juridique !~ legal_person AND NEW.categorie_juridique ~ legal_person THEN
                    NEW.categorie_juridique := OLD.categorie_juridique;
                END IF;
            END IF;
        END IF;
    END IF;
    is_hidden := NEW.nom = '[ND]'
        OR (NEW.statut_diffusion <> 'O' AND NEW.categorie_juridique !~ legal_person);
    IF is_hidden THEN
        NEW.nom := '[ND]';
        NEW.nom_commercial := '';
        NEW.autres_noms := '';
    END IF;
    IF is_hidden OR NEW.statut_diffusion <> 'O' THEN
        NEW.adresse := '';
        NEW.telephone := '';
        NEW.email := '';
        NEW.site_web := '';
        NEW.latitude := NULL;
        NEW.longitude := NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND is_hidden AND NOT was_hidden THEN
        INSERT INTO enterprise_hidden (siren) VALUES (OLD.siren);
    END IF;
    RETURN NEW;
END
$$;

-- Called for no public company: a comparison or two for each row of a load, and the function for none of them. Nor for
-- a hidden one that comes as it is stored, as an import brings it.
CREATE OR REPLACE TRIGGER enterprise_withhold_insert BEFORE INSERT ON enterprise_entreprise
FOR EACH ROW WHEN (
    NEW.nom <> '[ND]' AND position('[' IN NEW.nom) > 0
    OR (NEW.statut_diffusion <> 'O' OR NEW.nom = '[ND]')
    AND (
        NEW.adresse <> '' OR NEW.telephone <> '' OR NEW.email <> '' OR NEW.site_web <> ''
        OR NEW.latitude IS NOT NULL OR NEW.longitude IS NOT NULL
        OR CASE WHEN NEW.nom = '[ND]' THEN NEW.nom_commercial <> '' OR NEW.autres_noms <> ''
                ELSE NEW.categorie_juridique !~ '^([03-9][0-9]|2[04-9])[0-9][0-9]$' END
    )
) EXECUTE FUNCTION enterprise_withhold();
CREATE OR REPLACE TRIGGER enterprise_withhold_update BEFORE UPDATE ON enterprise_entreprise
FOR EACH ROW WHEN (
    NEW.statut_diffusion <> 'O' OR OLD.statut_diffusion <> 'O' OR position('[' IN NEW.nom) > 0 OR OLD.nom = '[ND]'
) EXECUTE FUNCTION enterprise_withhold();
