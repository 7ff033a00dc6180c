-- A former name was inserted, deleted or changed: its company is noted, so that its document can follow.
CREATE FUNCTION search_note_anciens_noms() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    WITH changed AS (SELECT DISTINCT siren FROM changed_rows LIMIT 100001),
    many AS (SELECT count(*) > 100000 AS too_many FROM changed)
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
CREATE TRIGGER search_change_insert AFTER INSERT ON enterprise_anciennom
REFERENCING NEW TABLE AS changed_rows EXECUTE FUNCTION search_note_anciens_noms();
CREATE TRIGGER search_change_update AFTER UPDATE ON enterprise_anciennom
REFERENCING NEW TABLE AS changed_rows EXECUTE FUNCTION search_note_anciens_noms();
CREATE TRIGGER search_change_delete AFTER DELETE ON enterprise_anciennom
REFERENCING OLD TABLE AS changed_rows EXECUTE FUNCTION search_note_anciens_noms();
CREATE TRIGGER search_change_truncate AFTER TRUNCATE ON enterprise_anciennom
EXECUTE FUNCTION search_note_truncate('entreprises');
