-- Of a task that is run again to check another's result: the number of that one's first run.
ALTER TABLE tasks ADD COLUMN replica_of bigint;

-- Results that are paid when they are final, and what became of them.
CREATE TABLE held_results (
  number bigint PRIMARY KEY REFERENCES outcomes ON DELETE CASCADE,
  operator bytea NOT NULL,
  run_hash bytea NOT NULL, -- SHA-256 of what its agent has signed
  charge bigint NOT NULL, -- nAIS, all three as in its receipt
  reward bigint NOT NULL,
  fee bigint NOT NULL,
  held_at bigint NOT NULL, -- ms since 1970
  verdict text, -- of core's list; NULL: it is held
  right_number bigint, -- where it is wrong: under which number a right result came
  withheld bigint, -- nAIS of its reward that went towards what its operator owed
  settled_at bigint -- ms since 1970
);
CREATE INDEX held_results_open ON held_results (held_at) WHERE verdict IS NULL;

-- What operators owe for wrong results: it comes off what is held for them, then off their bonds, then off what they earn.
CREATE TABLE debts (
  number bigint PRIMARY KEY, -- of the wrong result
  operator bytea NOT NULL,
  injured text NOT NULL, -- the account that had to spend more because of it
  incurred bigint NOT NULL CHECK (incurred > 0), -- nAIS, in all
  owed bigint NOT NULL CHECK (owed BETWEEN 0 AND incurred), -- what is left
  compensation bigint NOT NULL CHECK (compensation BETWEEN 0 AND owed), -- how much of that is for who was injured
  at bigint NOT NULL -- ms since 1970
);
CREATE INDEX debts_open ON debts (operator) WHERE owed > 0;
