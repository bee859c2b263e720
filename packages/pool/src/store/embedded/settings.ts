/**
 * How the embedded server is tuned: many small commits on one machine, nothing unsafe. `fsync`, `full_page_writes` and
 * `synchronous_commit` are said aloud so that no file can switch them off.
 */
const settings: Readonly<Record<string, string>> = {
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  // The default on macOS does not empty the drive's own cache.
  ...(process.platform === "darwin" && { wal_sync_method: "fsync_writethrough" }),

  // The pool's rows are small and hot; the system's cache holds the rest.
  shared_buffers: "64MB",
  max_connections: "20",
  max_wal_size: "512MB",
  min_wal_size: "64MB",
  checkpoint_timeout: "10min",

  // No replicas: less to write, and no processes for them.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_logical_replication_workers: "0",
  io_method: "sync",
  max_parallel_workers_per_gather: "0",
  jit: "off",

  // Times are the pool's own business, in UTC.
  timezone: "UTC",
  log_timezone: "UTC",

  // A statement or a key in an error could name what must stay private.
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
};

/** PostgreSQL's command line for `data`, with `extra` settings (where it listens). */
export function serverArguments(data: string, extra: Readonly<Record<string, string>>): string[] {
  const all = Object.entries({ ...settings, ...extra });
  return ["-D", data, ...all.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}
