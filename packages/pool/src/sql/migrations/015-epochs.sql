-- By what an operator's availability is paid, for ever: written when the pool first counts.
CREATE TABLE reward_terms (
  id boolean PRIMARY KEY DEFAULT true CHECK (id), -- one row
  genesis bigint NOT NULL, -- when the first epoch began, ms since 1970
  parameters text NOT NULL -- as an epoch's header states them
);

-- What agents were good for in epochs that are not closed.
CREATE TABLE attendances (
  epoch bigint NOT NULL,
  agent bytea NOT NULL,
  operator bytea NOT NULL,
  salt bytea NOT NULL, -- with it the agent finds its line in the public file
  connected bigint NOT NULL, -- µSCU-seconds with a proven speed
  available bigint NOT NULL, -- of these, at a price that counts and ready to work
  offered integer NOT NULL,
  missed integer NOT NULL,
  PRIMARY KEY (epoch, agent)
);

-- Settled results in the order in which they were, for the epochs that pay for them.
ALTER TABLE held_results ADD COLUMN settled_line bigint;
CREATE UNIQUE INDEX held_results_settled ON held_results (settled_line);
CREATE INDEX outcomes_by_line ON outcomes (line) WHERE receipt IS NOT NULL;

-- Epochs that are closed, or are being closed: then the statement is missing, and what follows is written anew from what is here.
CREATE TABLE epochs (
  number bigint PRIMARY KEY,
  last_line bigint NOT NULL, -- of outcomes: what it pays for are those after the epoch before
  last_settled bigint NOT NULL, -- of held results
  reference_price bigint NOT NULL, -- nAIS per SCU-second
  next_price bigint, -- of the epoch after it
  is_paid_out boolean NOT NULL DEFAULT false, -- what follows is in epoch_payouts
  claims_part integer, -- of its file, from which on lines are of addresses
  statement bytea, -- CBOR of the pool's signed statement
  log_index bigint REFERENCES log_entries
);

-- Public files of epochs, in parts.
CREATE TABLE epoch_parts (
  epoch bigint NOT NULL REFERENCES epochs,
  part integer NOT NULL, -- from 0
  text bytea NOT NULL, -- whole lines
  PRIMARY KEY (epoch, part)
);
ALTER TABLE epoch_parts ALTER COLUMN text SET STORAGE EXTERNAL; -- hashes and numbers: to compress them takes longer than to write them

-- What operators were paid out to addresses at the end of each epoch.
CREATE TABLE epoch_payouts (
  epoch bigint NOT NULL REFERENCES epochs,
  operator bytea NOT NULL,
  address bytea NOT NULL,
  amount bigint NOT NULL, -- nAIS
  PRIMARY KEY (epoch, operator)
);

-- What each operator has earned in all epochs that are closed, and what of it was paid out, in nAIS.
CREATE TABLE operator_earnings (
  operator bytea PRIMARY KEY,
  earned bigint NOT NULL,
  paid_out bigint NOT NULL
);

-- What was paid out to each address in all epochs that are closed, in nAIS.
CREATE TABLE address_claims (
  address bytea PRIMARY KEY,
  claimable bigint NOT NULL
);

-- An operator's first address, named before it had earned anything, has taken effect at once.
ALTER TABLE payout_changes ADD COLUMN at_once boolean NOT NULL DEFAULT false;
