-- Sessions that may be in a moment before the transaction `since`, the last one that has copied: a table that takes the
-- place of another has for them the rows that it had then. Also those that wait for our lock, in such a moment.
SELECT count(*)
FROM pg_stat_activity
WHERE datname = current_database()
  AND pid <> pg_backend_pid()
  AND backend_type = 'client backend'
  AND age(backend_xmin) >= age(%(since)s::xid8::xid)
