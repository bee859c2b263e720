-- Whose money is where. An account is made when something first moves there, and is never changed or removed.
CREATE TABLE accounts (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 16) PRIMARY KEY,
  name text NOT NULL UNIQUE, -- its kind, and the key that it belongs to: "requester:<hex>"; "fees" and others have no key
  payer text, -- of an escrow: the account that reserved, and gets back what is left
  CHECK ((payer IS NOT NULL) = (name LIKE 'escrow:%'))
);

-- What accounts hold, in nAIS; apart from their names, since these rows change all the time. What every payment touches
-- (fees) has none: it is the sum of its transfers.
CREATE TABLE balances (
  account bigint PRIMARY KEY REFERENCES accounts,
  balance bigint NOT NULL,
  floor bigint NOT NULL DEFAULT 0,
  CHECK (balance >= floor),
  CHECK (floor = 0 OR account IN (3, 4)) -- money is issued there, by going below zero
) WITH (fillfactor = 50);

INSERT INTO accounts (id, name) OVERRIDING SYSTEM VALUE
VALUES (1, 'fees'), (2, 'burned'), (3, 'emission'), (4, 'test-money');
INSERT INTO balances VALUES (2, 0, 0), (3, 0, -20000000000000000), (4, 0, -80000000000000000);

-- Every movement of money. Whoever writes one has just read or made both accounts, which stay for ever: foreign keys
-- would say nothing more at a third of the speed.
CREATE TABLE transfers (
  id bigint GENERATED ALWAYS AS IDENTITY, -- in the order of the movements
  debit bigint NOT NULL, -- where it comes from
  kind smallint NOT NULL, -- the position in core's list of kinds, from 0
  key bytea NOT NULL,
  credit bigint NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0), -- nAIS
  at bigint NOT NULL, -- ms since 1970
  CHECK (debit <> credit),
  UNIQUE (debit, key, kind) -- done once
);

-- For statements: what an account got, and by the constraint above what it gave. Nobody asks for the lines of fees.
CREATE INDEX transfers_to ON transfers (credit, id) WHERE credit <> 1;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% are never changed: what was wrong is put right by another transfer', TG_TABLE_NAME;
END $$;

CREATE TRIGGER transfers_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER accounts_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON accounts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER balances_are_kept BEFORE DELETE OR TRUNCATE ON balances
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
