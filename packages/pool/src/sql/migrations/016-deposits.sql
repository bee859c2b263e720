-- What was paid in on a chain comes from here, by going below zero: 100 million AIS at most.
ALTER TABLE balances DROP CONSTRAINT balances_check1;
ALTER TABLE balances ADD CONSTRAINT balances_floor CHECK (floor = 0 OR account IN (3, 4, 5));
INSERT INTO accounts (id, name) OVERRIDING SYSTEM VALUE VALUES (5, 'deposited');
INSERT INTO balances VALUES (5, 0, -100000000000000000);

-- Up to where a chain is read, and which: all deposits up to this block are credited.
CREATE TABLE deposit_cursor (
  id boolean PRIMARY KEY DEFAULT true CHECK (id), -- one row
  chain bigint NOT NULL, -- its id
  contract bytea NOT NULL, -- the address of the deposits
  block bigint NOT NULL,
  block_hash bytea NOT NULL -- as it was read: a chain that has another there has been reorganised
);

-- Deposits that are credited, as they were read.
CREATE TABLE deposits (
  index bigint PRIMARY KEY, -- as the contract numbers them, from 0
  account bytea NOT NULL,
  amount bigint NOT NULL, -- nAIS
  block bigint NOT NULL,
  block_hash bytea NOT NULL,
  transaction bytea NOT NULL
);
