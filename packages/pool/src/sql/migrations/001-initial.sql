-- The append-only log: operators, agents, revocations and the pool's own key. Never updated, never deleted.
CREATE TABLE log_entries (
  index bigint PRIMARY KEY,
  entry bytea NOT NULL
);

CREATE TABLE agents (
  agent bytea PRIMARY KEY,
  operator bytea NOT NULL,
  certificate bytea NOT NULL, -- CBOR of AgentCertificate
  log_index bigint NOT NULL REFERENCES log_entries,
  revoked boolean NOT NULL DEFAULT false
);

CREATE TYPE task_state AS ENUM ('queued', 'matched', 'running', 'completed', 'failed', 'cancelled', 'settled');

CREATE TABLE tasks (
  number bigint PRIMARY KEY,
  job bytea NOT NULL,
  age bigint NOT NULL, -- order of submission in this pool
  state task_state NOT NULL,
  fence integer NOT NULL, -- how many times it has been leased
  manifest bytea NOT NULL,
  manifest_signature bytea NOT NULL,
  input bytea, -- sealed, where it is small; else a blob
  agent bytea, -- of the current or last lease
  price bigint, -- of that lease, nAIS per SCU-second
  speed bigint, -- of that lease, µSCU
  released_at bigint -- when its key was handed over, ms since 1970
);

CREATE INDEX tasks_alive ON tasks (age) WHERE state IN ('queued', 'matched', 'running');
CREATE INDEX tasks_of_job ON tasks (job);

-- One row per finished task, in the order of finishing within its job: what a releaser reads when it comes back.
CREATE TABLE outcomes (
  number bigint PRIMARY KEY REFERENCES tasks, -- a task finishes, and is paid, at most once
  job bytea NOT NULL,
  sequence bigint NOT NULL,
  state task_state NOT NULL,
  reason text, -- why no machine's run ended it
  agent bytea REFERENCES agents,
  run bytea, -- CBOR of the agent's signed statement
  receipt bytea, -- CBOR of the pool's signed receipt
  result bytea, -- sealed, where it is small; else a blob
  log bytea, -- sealed
  UNIQUE (job, sequence)
);
