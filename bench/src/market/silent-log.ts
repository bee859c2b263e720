import type { PoolOptions } from "@aegis-pool/pool";

const nothing = (): void => undefined;

/** Says nothing, whatever happens: what a benchmark prints is its result. */
export const silentLog: PoolOptions["log"] = {
  level: "silent",
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  silent: nothing,
  child: () => silentLog,
};
