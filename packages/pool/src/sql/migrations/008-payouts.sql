-- Changes of payout addresses, as operators have signed them; what is in effect follows from them and the time.
CREATE TABLE payout_changes (
  operator bytea NOT NULL,
  sequence integer NOT NULL,
  address bytea NOT NULL CHECK (length(address) = 20), -- zeros: none
  change bytea NOT NULL, -- signed, canonical CBOR
  asked_at bigint NOT NULL, -- when the pool took it, ms since 1970
  log_index bigint NOT NULL,
  PRIMARY KEY (operator, sequence)
);
