-- What the table is to hold: of records with one key the first.
CREATE TEMPORARY TABLE importing_link AS
SELECT DISTINCT ON ({key}) {columns} FROM {staging} ORDER BY {key}, ctid
