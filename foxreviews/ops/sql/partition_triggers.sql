-- The triggers that companies in partitions have besides those of one table (enterprise/migrations/0018_partitions.sql).
-- That of a move comes, by its name, after the one that masks the row.
CREATE TRIGGER enterprise_siren_insert AFTER INSERT ON enterprise_entreprise
REFERENCING NEW TABLE AS changed_rows EXECUTE FUNCTION enterprise_note_sirens();
CREATE TRIGGER enterprise_siren_delete AFTER DELETE ON enterprise_entreprise
REFERENCING OLD TABLE AS changed_rows EXECUTE FUNCTION enterprise_forget_sirens();
CREATE TRIGGER enterprise_siren_truncate AFTER TRUNCATE ON enterprise_entreprise
EXECUTE FUNCTION enterprise_forget_sirens();
CREATE TRIGGER enterprise_siren_update BEFORE UPDATE ON enterprise_entreprise
FOR EACH ROW WHEN (NEW.siren <> OLD.siren OR NEW.departement <> OLD.departement)
EXECUTE FUNCTION enterprise_move_siren();
CREATE TRIGGER enterprise_withhold_when_moved BEFORE UPDATE ON enterprise_entreprise
FOR EACH ROW WHEN (NEW.departement <> OLD.departement) EXECUTE FUNCTION enterprise_withhold_when_moved();
