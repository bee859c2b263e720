-- Notices that operators have given of their bonds; each ends once.
CREATE TABLE bond_notices (
  operator bytea NOT NULL,
  key bytea NOT NULL, -- given by the operator
  amount bigint NOT NULL CHECK (amount > 0), -- nAIS
  given_at bigint NOT NULL, -- ms since 1970
  ended text CHECK (ended IN ('paid', 'cancelled')), -- NULL: it waits
  PRIMARY KEY (operator, key)
);
CREATE INDEX bond_notices_waiting ON bond_notices (given_at) WHERE ended IS NULL;

-- Jobs have accounts too: bonds are few among them.
CREATE INDEX bond_accounts ON accounts (id) WHERE name LIKE 'bond:%';

-- What operators' bonds and proven speeds have made them, and since when less than that is there.
CREATE TABLE operator_tiers (
  operator bytea PRIMARY KEY,
  tier text NOT NULL,
  below_since bigint -- ms since 1970
);
