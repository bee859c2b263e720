-- An agent is one device: its class, and the proven rate of FP16 products where it has them.
ALTER TABLE ratings ADD COLUMN class text NOT NULL DEFAULT 'cpu';
ALTER TABLE ratings ALTER COLUMN class DROP DEFAULT;
ALTER TABLE ratings ADD COLUMN fp16 bigint; -- proven operations per second, all slots together
