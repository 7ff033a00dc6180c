-- Former names: who is hidden has none, whoever writes (foxreviews/enterprise/privacy.py). Of a company that the
-- directory does not have nobody knows whether it is hidden.
CREATE FUNCTION enterprise_withhold_anciens_noms() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM enterprise_anciennom AS withheld USING changed_rows
    WHERE withheld.siren = changed_rows.siren AND NOT EXISTS (
        SELECT FROM enterprise_entreprise AS company
        WHERE company.siren = changed_rows.siren AND company.nom <> '[ND]' AND (
            company.statut_diffusion = 'O' OR company.categorie_juridique ~ '^([03-9][0-9]|2[04-9])[0-9][0-9]$'
        )
    );
    RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_withhold_insert AFTER INSERT ON enterprise_anciennom
REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION enterprise_withhold_anciens_noms();
CREATE TRIGGER enterprise_withhold_update AFTER UPDATE ON enterprise_anciennom
REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION enterprise_withhold_anciens_noms();

-- A company that is hidden, or whose number is another one now, loses those that it had.
CREATE FUNCTION enterprise_forget_anciens_noms() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM enterprise_anciennom WHERE siren = OLD.siren;
    RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_forget_hidden AFTER UPDATE ON enterprise_entreprise
FOR EACH ROW WHEN (
    NEW.siren <> OLD.siren
    OR NEW.nom = '[ND]' AND OLD.nom <> '[ND]'
    OR NEW.statut_diffusion <> 'O' AND NEW.categorie_juridique !~ '^([03-9][0-9]|2[04-9])[0-9][0-9]$'
    AND OLD.nom <> '[ND]'
) EXECUTE FUNCTION enterprise_forget_anciens_noms();

CREATE FUNCTION enterprise_remove_anciens_noms() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM enterprise_anciennom;
    ELSE
        DELETE FROM enterprise_anciennom AS gone USING removed_rows WHERE gone.siren = removed_rows.siren;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_remove_anciens_noms AFTER DELETE ON enterprise_entreprise
REFERENCING OLD TABLE AS removed_rows EXECUTE FUNCTION enterprise_remove_anciens_noms();
CREATE TRIGGER enterprise_truncate_anciens_noms AFTER TRUNCATE ON enterprise_entreprise
EXECUTE FUNCTION enterprise_remove_anciens_noms();
