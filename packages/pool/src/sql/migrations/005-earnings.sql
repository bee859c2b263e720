-- What an operator's agents have run, page by page, in the order in which it was paid.
ALTER TABLE outcomes ADD COLUMN line bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX outcomes_of_agent ON outcomes (agent, line) WHERE receipt IS NOT NULL;

-- Leases that ended without a result, so that an operator can be told why a task brought nothing.
CREATE TABLE ended_leases (
  number bigint NOT NULL,
  fence integer NOT NULL,
  agent bytea NOT NULL,
  event text NOT NULL, -- of core's table of moves: decline, silence, withhold, handBack, expire or cancel
  at bigint NOT NULL, -- ms since 1970
  PRIMARY KEY (number, fence)
);
