-- How many rows a table has, and the sum of a hash of each: the same for the same rows in whatever order they lie. The
-- hash is of the row as text, so the session must have the settings of backup.database.AS_TEXT.
SELECT count(*), coalesce(sum(hashtextextended(whole_row::text, 0)), 0)::text
FROM {table} AS whole_row
