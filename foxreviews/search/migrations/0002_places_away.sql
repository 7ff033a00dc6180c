-- Takes 0002_places.sql back.
ALTER TABLE search_change DROP CONSTRAINT search_change_part_check;
ALTER TABLE search_change
    ADD CONSTRAINT search_change_part_check CHECK (part IN ('entreprises', 'reperes')) NOT VALID;

CREATE OR REPLACE FUNCTION search_note_towns() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM changed_rows) THEN
        INSERT INTO search_change (part) VALUES ('reperes');
        NOTIFY search_change;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER search_change_truncate AFTER TRUNCATE ON location_ville
EXECUTE FUNCTION search_note_truncate('reperes');
