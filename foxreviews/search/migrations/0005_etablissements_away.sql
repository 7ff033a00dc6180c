-- Takes 0005_etablissements.sql back. The functions take their triggers with them; that of TRUNCATE is shared.
DROP FUNCTION search_note_etablissements, search_note_etablissement_updates CASCADE;
DROP TRIGGER search_change_truncate ON enterprise_etablissement;
