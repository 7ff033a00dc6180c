-- What the directory shows has changed: an entry for each statement that may have changed it, whoever wrote it. The number
-- of entries that a transaction sees is the version of the directory that it sees: each commit makes it another one, in
-- whatever order transactions began, and no writer waits for another. Old entries are added up (prune_changes.sql).
--
-- Not search_change: that one has what indexes must follow, company by company; a telephone number is not in it.
CREATE TABLE dataset_change (
    statements bigint NOT NULL DEFAULT 1,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    changed_at timestamptz NOT NULL DEFAULT now()
);
-- Every role that may change a company may say so: the triggers have the rights of the one who writes.
GRANT INSERT ON dataset_change TO PUBLIC;
COMMENT ON TABLE dataset_change IS 'Statements that changed what the directory shows. Written by triggers.';

CREATE FUNCTION dataset_note_change() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO dataset_change DEFAULT VALUES;
    RETURN NULL;
END
$$;

-- No transition tables: a first load would keep a copy of each row for them.
CREATE TRIGGER dataset_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON enterprise_entreprise
EXECUTE FUNCTION dataset_note_change();
CREATE TRIGGER dataset_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON enterprise_etablissement
EXECUTE FUNCTION dataset_note_change();
CREATE TRIGGER dataset_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON enterprise_anciennom
EXECUTE FUNCTION dataset_note_change();
CREATE TRIGGER dataset_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON enterprise_succession
EXECUTE FUNCTION dataset_note_change();
CREATE TRIGGER dataset_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON enterprise_doublon
EXECUTE FUNCTION dataset_note_change();
CREATE TRIGGER dataset_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON location_ville
EXECUTE FUNCTION dataset_note_change();
