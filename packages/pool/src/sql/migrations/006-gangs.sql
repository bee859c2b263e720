-- Which tasks of a job begin together; NULL: each by itself.
ALTER TABLE tasks ADD COLUMN gang bigint;
CREATE INDEX tasks_of_gang ON tasks (job, gang) WHERE gang IS NOT NULL;
