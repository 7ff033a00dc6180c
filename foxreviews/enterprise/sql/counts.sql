-- How many establishments have each value of each column, and how many there are. They are read once.
-- `missing` has a bit for each column, the first one's the highest: 0 in its rows.
SELECT {columns}, grouping({columns}) AS missing, count(*) AS count
FROM ({found}) AS found
GROUP BY GROUPING SETS ((), {columns})
