-- Takes 0006_anciens_noms.sql back. The function takes its triggers with it; that of TRUNCATE is shared.
DROP FUNCTION search_note_anciens_noms CASCADE;
DROP TRIGGER search_change_truncate ON enterprise_anciennom;
