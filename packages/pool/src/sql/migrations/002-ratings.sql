-- What each agent's speed counted for, from when, and why. Never updated, never deleted: an agent may ask for all of it.
CREATE TABLE ratings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agent bytea NOT NULL REFERENCES agents,
  rated_at bigint NOT NULL, -- ms since 1970
  reason text NOT NULL, -- proven, or why not
  slots integer NOT NULL,
  fp32 bigint NOT NULL, -- proven operations per second, all slots together; 0: none
  memory bigint NOT NULL, -- claimed bytes per second
  slot_speed bigint NOT NULL, -- µSCU of one slot; 0: no work until a speed is proven
  expires_at bigint NOT NULL -- ms since 1970
);

CREATE INDEX ratings_of_agent ON ratings (agent, id DESC);
