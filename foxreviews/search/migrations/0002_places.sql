-- The index of towns and trades is called places. Every index is rebuilt by the release that reads this name (its format
-- is another), so that entries of the old name need not be read again: the constraint is not checked against them, and
-- they go as soon as no index needs them. The release before ignores the new name until its indexes are rebuilt.
ALTER TABLE search_change DROP CONSTRAINT search_change_part_check;
ALTER TABLE search_change
    ADD CONSTRAINT search_change_part_check CHECK (part IN ('entreprises', 'places')) NOT VALID;

CREATE OR REPLACE FUNCTION search_note_towns() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM changed_rows) THEN
        INSERT INTO search_change (part) VALUES ('places');
        NOTIFY search_change;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER search_change_truncate AFTER TRUNCATE ON location_ville
EXECUTE FUNCTION search_note_truncate('places');
