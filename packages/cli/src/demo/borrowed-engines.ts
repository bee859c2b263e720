import type { Engines } from "@aegis-pool/agent";

/** Engines that several agents of one process use: none of them ends what the others have. @param open how they open runtimes; as `engines` do by default */
export function borrowed(
  engines: Engines,
  open: Engines["open"] = (program, limits) => engines.open(program, limits),
): Engines {
  const { offered, missing, heldBy } = engines;
  return {
    offered,
    missing,
    heldBy,
    open,
    pause: () => engines.pause(),
    resume: () => engines.resume(),
    use: () => engines.use(),
    close: () => Promise.resolve(),
  };
}
