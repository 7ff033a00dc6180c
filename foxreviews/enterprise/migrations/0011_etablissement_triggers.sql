-- Establishments: privacy at the row, as for companies (foxreviews/enterprise/privacy.py).

-- Made by Django for LIKE, which the key serves in collation C.
DO $$
DECLARE
    superfluous text;
BEGIN
    FOR superfluous IN
        SELECT indexrelid::regclass FROM pg_index
        WHERE indrelid = 'enterprise_etablissement'::regclass
            AND indexrelid::regclass::text LIKE 'enterprise_etablissement_siret_%_like'
    LOOP
        EXECUTE 'DROP INDEX ' || superfluous;
    END LOOP;
END
$$;

-- An establishment that is not public has no name, street and position, whoever writes it.
CREATE FUNCTION enterprise_withhold_etablissement() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.statut_diffusion <> 'O'
        AND current_setting('foxreviews.register', true) IS DISTINCT FROM 'on' THEN
        NEW.statut_diffusion := OLD.statut_diffusion;
    END IF;
    IF NEW.statut_diffusion <> 'O' THEN
        NEW.nom_commercial := '';
        NEW.autres_noms := '';
        NEW.complement_adresse := '';
        NEW.numero_voie := '';
        NEW.type_voie := '';
        NEW.libelle_voie := '';
        NEW.distribution_speciale := '';
        NEW.localite := '';
        NEW.latitude := NULL;
        NEW.longitude := NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER enterprise_withhold_insert BEFORE INSERT ON enterprise_etablissement
FOR EACH ROW WHEN (NEW.statut_diffusion <> 'O') EXECUTE FUNCTION enterprise_withhold_etablissement();
CREATE TRIGGER enterprise_withhold_update BEFORE UPDATE ON enterprise_etablissement
FOR EACH ROW WHEN (NEW.statut_diffusion <> 'O' OR OLD.statut_diffusion <> 'O')
EXECUTE FUNCTION enterprise_withhold_etablissement();

-- A company that is not public any more has no public establishment. Their SIRET begin with its SIREN.
CREATE FUNCTION enterprise_withhold_etablissements() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE enterprise_etablissement SET statut_diffusion = 'P'
    WHERE siret BETWEEN NEW.siren || '00000' AND NEW.siren || '99999' AND statut_diffusion = 'O';
    RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_withhold_etablissements AFTER UPDATE ON enterprise_entreprise
FOR EACH ROW WHEN (
    (NEW.statut_diffusion <> 'O' OR NEW.nom = '[ND]') AND OLD.statut_diffusion = 'O' AND OLD.nom <> '[ND]'
) EXECUTE FUNCTION enterprise_withhold_etablissements();

-- A company goes with its establishments.
CREATE FUNCTION enterprise_remove_etablissements() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM enterprise_etablissement AS gone USING removed_rows
    WHERE gone.siret BETWEEN removed_rows.siren || '00000' AND removed_rows.siren || '99999';
    RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_remove_etablissements AFTER DELETE ON enterprise_entreprise
REFERENCING OLD TABLE AS removed_rows EXECUTE FUNCTION enterprise_remove_etablissements();

-- Great-circle distance in metres (haversine; the mean radius of the earth), of positions in degrees.
CREATE FUNCTION enterprise_distance(
    latitude double precision, longitude double precision, to_latitude double precision, to_longitude double precision
) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    round(2 * 6371009 * asin(sqrt(least(1.0,
        sin(radians(to_latitude - latitude) / 2) ^ 2
        + cos(radians(latitude)) * cos(radians(to_latitude)) * sin(radians(to_longitude - longitude) / 2) ^ 2
    ))))::integer;
