-- Takes 0017_dataset_change.sql back. The function takes its triggers with it.
DROP FUNCTION dataset_note_change CASCADE;
DROP TABLE dataset_change;
