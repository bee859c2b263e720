-- How much of what an operator earns goes into its bond at the end of each epoch, until that is so large.
CREATE TABLE bond_vestings (
  operator bytea PRIMARY KEY,
  percent smallint NOT NULL, -- 0: no longer
  target bigint NOT NULL, -- nAIS
  signed_at bigint NOT NULL, -- ms since 1970: an older wish never takes the place of a newer one
  wish bytea NOT NULL -- as it was signed, canonical
);
