-- Triggers that note the ids of the companies that change while the table is copied, with the départements that they had
-- and have: the copy holds each under one of them.
CREATE TABLE enterprise_entreprise_changed (id bigint, departement varchar(3) COLLATE "C");
COMMENT ON TABLE enterprise_entreprise_changed IS 'Companies that changed since partition_entreprises copies. Written by triggers.';

CREATE FUNCTION enterprise_entreprise_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO enterprise_entreprise_changed VALUES (NULL, NULL);
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO enterprise_entreprise_changed
        SELECT id, departement FROM rows_before UNION SELECT id, departement FROM rows_after;
    ELSE
        INSERT INTO enterprise_entreprise_changed SELECT id, departement FROM changed_rows;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER enterprise_entreprise_changed_insert AFTER INSERT ON enterprise_entreprise
REFERENCING NEW TABLE AS changed_rows EXECUTE FUNCTION enterprise_entreprise_changed();
CREATE TRIGGER enterprise_entreprise_changed_update AFTER UPDATE ON enterprise_entreprise
REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after EXECUTE FUNCTION enterprise_entreprise_changed();
CREATE TRIGGER enterprise_entreprise_changed_delete AFTER DELETE ON enterprise_entreprise
REFERENCING OLD TABLE AS changed_rows EXECUTE FUNCTION enterprise_entreprise_changed();
CREATE TRIGGER enterprise_entreprise_changed_truncate AFTER TRUNCATE ON enterprise_entreprise
EXECUTE FUNCTION enterprise_entreprise_changed();
