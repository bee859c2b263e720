-- What requesters have made of the runs that they were to judge themselves: whoever rejects more than a fair part pays all the same.
CREATE TABLE judgement_records (
  payer text PRIMARY KEY, -- the account that reserved for the jobs
  judged bigint NOT NULL CHECK (judged > 0), -- runs
  rejected bigint NOT NULL CHECK (rejected BETWEEN 0 AND judged), -- those among them that it rejected, also where it paid for them
  charged bigint NOT NULL CHECK (charged BETWEEN 0 AND rejected) -- those among these that it paid for
);
