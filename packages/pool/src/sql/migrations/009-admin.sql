-- What those who run the pool have done, as they have signed it: how the pool is run follows from these alone.
CREATE TABLE admin_actions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  admin bytea NOT NULL,
  key bytea NOT NULL, -- given by the admin: each is done once
  action bytea NOT NULL, -- CBOR of the signed statement
  at bigint NOT NULL, -- ms since 1970
  UNIQUE (admin, key)
);
