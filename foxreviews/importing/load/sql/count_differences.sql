-- How many companies a merge adds and changes, and for each column how many keep a value that the file lacks, and how
-- many lose one.
SELECT count(*) FILTER (WHERE kept_id IS NULL) AS new_companies,
       count(*) FILTER (WHERE kept_id IS NOT NULL AND differs) AS differing_companies,
       {fates}
FROM importing_difference
