-- How many companies a merge adds and changes, and for each column how many keep a value that the file lacks.
SELECT count(*) FILTER (WHERE kept_id IS NULL) AS new_companies,
       count(*) FILTER (WHERE kept_id IS NOT NULL AND differs) AS differing_companies,
       {kept}
FROM importing_difference
