-- Add the rows that the table does not have.
INSERT INTO {table} ({columns})
SELECT {columns} FROM importing_link AS found
WHERE NOT EXISTS (SELECT FROM {table} AS kept WHERE ({kept_key}) = ({found_key}))
