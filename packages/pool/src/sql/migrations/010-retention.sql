-- When tasks ended, and whether what was sealed for them is still here.
ALTER TABLE outcomes
  ADD COLUMN ended_at bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000)::bigint, -- ms since 1970
  ADD COLUMN kept boolean NOT NULL DEFAULT true; -- false: result, log, manifest and input are deleted

-- Old rows lie together: small indices of where are enough, and cost those who write nothing.
CREATE INDEX outcomes_by_end ON outcomes USING brin (ended_at);
CREATE INDEX ended_leases_by_end ON ended_leases USING brin (at);
CREATE INDEX tasks_cancelled ON tasks (age) WHERE state = 'cancelled';
