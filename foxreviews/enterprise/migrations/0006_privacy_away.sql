-- Takes 0006_privacy.sql back. The function takes its triggers with it.
DROP FUNCTION enterprise_withhold, enterprise_note_removed CASCADE;
DROP TABLE enterprise_hidden;
