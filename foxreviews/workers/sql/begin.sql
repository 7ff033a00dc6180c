-- Note that a task was delivered, once more where it was before. A row with its deliveries; none where it has ended.
INSERT INTO workers_taskrun AS run (id, name, arguments, state, deliveries, worker, message, started_at)
VALUES (%(id)s, %(name)s, %(arguments)s, 'running', 1, %(worker)s, '', now())
ON CONFLICT (id) DO UPDATE
SET state = 'running', deliveries = run.deliveries + 1, worker = excluded.worker, started_at = now()
WHERE run.state IN ('running', 'locked')
RETURNING deliveries
