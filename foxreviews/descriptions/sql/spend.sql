-- Count one more request of the day, where the budget allows it: a row then, else none.
INSERT INTO descriptions_day AS spent (day, requests)
SELECT %(day)s, 1 WHERE %(budget)s > 0
ON CONFLICT (day) DO UPDATE SET requests = spent.requests + 1 WHERE spent.requests < %(budget)s
RETURNING requests
