-- An agent is one device: its class, and the proven rate of FP16 products where it has them.
ALTER TABLE ratings ADD COLUMN class text NOT NULL DEFAULT 'cpu';
ALTER TABLE ratings ALTER COLUMN class DROP DEFAULT;
ALTER TABLE ratings ADD COLUMN fp16 bigint; -- proven operations per second, all slots together

-- Real work changes ratings too: when what it changes was proven, ms since 1970; 0 where nothing is.
ALTER TABLE ratings ADD COLUMN proven_at bigint NOT NULL DEFAULT 0;
UPDATE ratings SET proven_at = rated_at WHERE reason = 'proven';
ALTER TABLE ratings ALTER COLUMN proven_at DROP DEFAULT;
