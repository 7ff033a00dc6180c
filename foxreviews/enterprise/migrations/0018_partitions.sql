-- What companies in partitions by département need. While they are in one table, no trigger calls these functions and
-- enterprise_siren is empty.

-- A unique index over partitions must have the département in it, so it lets one SIREN into two départements. This key
-- does not. It also names the one partition in which a SIREN is. Without a département a SIREN is reserved by an import,
-- in whose transaction the company follows.
CREATE TABLE enterprise_siren (
    siren varchar(9) COLLATE "C" PRIMARY KEY,
    departement varchar(3) COLLATE "C"
);
GRANT SELECT ON enterprise_siren TO PUBLIC;
COMMENT ON TABLE enterprise_siren IS 'The SIREN of companies in partitions, each once. Written by triggers.';

-- Companies were inserted. A SIREN that is there already ends the statement.
CREATE FUNCTION enterprise_note_sirens() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM enterprise_siren AS reserved USING changed_rows
    WHERE reserved.siren = changed_rows.siren AND reserved.departement IS NULL;
    INSERT INTO enterprise_siren (siren, departement) SELECT siren, departement FROM changed_rows;
    RETURN NULL;
END
$$;

-- A company has another number, or has moved to another partition.
CREATE FUNCTION enterprise_move_siren() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE enterprise_siren SET siren = NEW.siren, departement = NEW.departement WHERE siren = OLD.siren;
    RETURN NEW;
END
$$;

-- Companies were deleted, or all of them.
CREATE FUNCTION enterprise_forget_sirens() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE enterprise_siren;
    ELSE
        DELETE FROM enterprise_siren AS gone USING changed_rows WHERE gone.siren = changed_rows.siren;
    END IF;
    RETURN NULL;
END
$$;

-- A row that goes to another partition is deleted here and inserted there: PostgreSQL calls no AFTER UPDATE trigger for
-- it. What those of 0011_etablissement_triggers.sql and 0013_anciens_noms.sql do is done before it goes.
CREATE FUNCTION enterprise_withhold_when_moved() RETURNS trigger
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

-- Triggers of a statement are called for the table that it names: those of privacy, of the change log and of
-- enterprise_siren would not hear of one that names a partition.
CREATE FUNCTION enterprise_refuse_partition() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Companies are written to enterprise_entreprise, not to its partition %', TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Name enterprise_entreprise in the statement.';
END
$$;
