-- Results that their requesters have disputed, each once.
CREATE TABLE disputes (
  number bigint PRIMARY KEY REFERENCES outcomes ON DELETE CASCADE,
  statement bytea NOT NULL, -- CBOR of the requester's signed statement, in which the task's content key is shown
  opened_at bigint NOT NULL, -- ms since 1970
  verdict text -- right, wrong, nondeterministic or contradicted; NULL: it is open
);

-- All runs of a task.
CREATE INDEX tasks_replicas ON tasks (replica_of) WHERE replica_of IS NOT NULL;
