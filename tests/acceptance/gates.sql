-- Where an import waits for as long as a session holds pg_advisory_lock(GATES, number): it has staged its first block
-- (1), it has written all companies and the ledger and not committed (2), it builds an index (3), it stages
-- head offices of the register (4).
CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7101, TG_ARGV[0]::int);
    RETURN OLD;
END $$;

CREATE TRIGGER gate AFTER UPDATE ON importing_importrun
    FOR EACH ROW WHEN (NEW.status = 'done') EXECUTE FUNCTION gate(2);

CREATE FUNCTION gate_of_definitions() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TAG = 'CREATE INDEX' THEN
        PERFORM pg_advisory_xact_lock_shared(7101, 3);
    ELSIF TG_TAG = 'CREATE TABLE AS' THEN
        IF EXISTS (
            SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.importing_head_office'
        ) THEN
            CREATE TRIGGER gate BEFORE INSERT ON importing_head_office EXECUTE FUNCTION gate(4);
        END IF;
    ELSIF EXISTS (
        SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.importing_checkpoint'
    ) THEN
        -- The checkpoint behind a block replaces the one before it: the first replaces none.
        CREATE TRIGGER gate BEFORE DELETE ON importing_checkpoint FOR EACH ROW EXECUTE FUNCTION gate(1);
    END IF;
END $$;

CREATE EVENT TRIGGER gate_of_indexes ON ddl_command_start
    WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION gate_of_definitions();
CREATE EVENT TRIGGER gate_of_tables ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS') EXECUTE FUNCTION gate_of_definitions();
