-- Takes 0001_change_log.sql back. The functions take their triggers with them.
DROP FUNCTION search_note_rows, search_note_updates, search_note_truncate, search_note_towns CASCADE;
DROP TABLE search_index;
DROP TABLE search_change;
