-- What is known of each agent's results, engine by engine.
CREATE TABLE trust (
  agent bytea NOT NULL REFERENCES agents,
  engine text NOT NULL,
  valid integer NOT NULL, -- valid results in a row
  passed integer NOT NULL, -- checks of its own results passed, ever
  disproved integer NOT NULL, -- results proven wrong, ever
  PRIMARY KEY (agent, engine)
);

-- What came of checks, for each agent that took part: its operator may ask for all of it. Never updated.
CREATE TABLE checks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agent bytea NOT NULL REFERENCES agents,
  engine text NOT NULL,
  number bigint NOT NULL, -- the task as this agent knew it
  verdict text NOT NULL, -- passed, confirmed, disproved, nondeterministic, silent or abandoned
  runs integer NOT NULL, -- how many operators ran the task
  valid integer NOT NULL, -- its valid results in a row from then on
  at bigint NOT NULL -- ms since 1970
);
CREATE INDEX checks_of_agent ON checks (agent, id DESC);
