-- Of each task how many runs there are in each state, and for how many seconds those that have ended took.
SELECT
    name, state, count(*) AS runs,
    coalesce(sum(extract(epoch FROM finished_at - started_at)) FILTER (WHERE state <> 'running'), 0)::float AS seconds
FROM workers_taskrun
GROUP BY name, state
ORDER BY name, state
