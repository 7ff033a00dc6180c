-- Some rows of a table as one text: a line each, its columns separated by U+001F. Row by row, by COPY, reading takes three
-- times as long, and other threads wait longer still.
SELECT count(*), string_agg(concat_ws(E'\x1f', {columns}), E'\n')
FROM {table} AS {called}
WHERE {which}
