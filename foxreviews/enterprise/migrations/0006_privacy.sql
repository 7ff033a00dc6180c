-- Privacy at the row (foxreviews/enterprise/privacy.py has the rule in words): what is hidden is not stored, whoever
-- writes it: an import, the admin, the API, psql. Only the register's own import, which says so in its transaction
-- (foxreviews.register), may make public again what was hidden.

-- Who became hidden or was removed, and in which transaction: an index that is older has them by name still.
CREATE TABLE enterprise_hidden (
    siren varchar(9) COLLATE "C" NOT NULL,
    hidden_at timestamptz NOT NULL DEFAULT now(),
    -- Of the whole transaction, not of a savepoint in it: compared with snapshots, which know no others.
    xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX enterprise_hidden_xid_idx ON enterprise_hidden (xid);
-- Every role that may change a company may say so: the triggers have the rights of the one who writes.
GRANT INSERT ON enterprise_hidden TO PUBLIC;
COMMENT ON TABLE enterprise_hidden IS 'Companies that became hidden or were removed, for older indexes. Written by triggers.';

CREATE FUNCTION enterprise_withhold() RETURNS trigger
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
CREATE TRIGGER enterprise_withhold_insert BEFORE INSERT ON enterprise_entreprise
FOR EACH ROW WHEN (
    NEW.nom <> '[ND]' AND position('[' IN NEW.nom) > 0
    OR (NEW.statut_diffusion <> 'O' OR NEW.nom = '[ND]')
    AND (
        NEW.adresse <> '' OR NEW.telephone <> '' OR NEW.email <> '' OR NEW.site_web <> ''
        OR NEW.latitude IS NOT NULL OR NEW.longitude IS NOT NULL
        OR CASE WHEN NEW.nom = '[ND]' THEN NEW.nom_commercial <> ''
                ELSE NEW.categorie_juridique !~ '^([03-9][0-9]|2[04-9])[0-9][0-9]$' END
    )
) EXECUTE FUNCTION enterprise_withhold();
CREATE TRIGGER enterprise_withhold_update BEFORE UPDATE ON enterprise_entreprise
FOR EACH ROW WHEN (
    NEW.statut_diffusion <> 'O' OR OLD.statut_diffusion <> 'O' OR position('[' IN NEW.nom) > 0 OR OLD.nom = '[ND]'
) EXECUTE FUNCTION enterprise_withhold();

-- Removed, and perhaps added again as hidden: an older index has the name. Of very many some are enough: it is then
-- not asked (foxreviews/enterprise/hidden_since.py, MAX_SIRENS).
CREATE FUNCTION enterprise_note_removed() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO enterprise_hidden (siren) SELECT siren FROM removed_rows WHERE siren IS NOT NULL LIMIT 10001;
    RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_note_removed AFTER DELETE ON enterprise_entreprise
REFERENCING OLD TABLE AS removed_rows EXECUTE FUNCTION enterprise_note_removed();
