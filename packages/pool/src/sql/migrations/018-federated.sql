-- Federated runs: what their owners asked for.
CREATE TABLE federated_runs (
  run bytea PRIMARY KEY, -- SHA-256 of its signed terms
  asked bytea NOT NULL, -- CBOR of NewRun
  over_at bigint, -- when it was over and everybody paid, ms since 1970
  view bytea -- from then on: CBOR of RunView
);
CREATE INDEX federated_runs_alive ON federated_runs (run) WHERE over_at IS NULL;

-- What has happened in a run, in order: how it stands follows from that. Events of a round go when it is over.
CREATE TABLE federated_events (
  run bytea NOT NULL REFERENCES federated_runs,
  sequence bigint NOT NULL,
  round integer NOT NULL, -- 0: of the run itself
  event bytea NOT NULL, -- CBOR of RunEvent
  PRIMARY KEY (run, sequence)
);

-- Rounds that are over, as they are shown.
CREATE TABLE federated_rounds (
  run bytea NOT NULL REFERENCES federated_runs,
  round integer NOT NULL,
  view bytea NOT NULL, -- CBOR of RoundView
  PRIMARY KEY (run, round)
);
