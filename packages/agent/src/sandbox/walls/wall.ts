import type { SpawnOptions } from "node:child_process";

/** A command to spawn, as walls wrap it. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly spawn: Pick<SpawnOptions, "uid" | "gid">;
  /** Present where the child spawned is bubblewrap and not Deno itself. */
  readonly bubblewrap: { readonly seccompFilter: Uint8Array | undefined } | undefined;
}

/** Something put around a sandbox process. */
export interface Wall {
  /** As doctor and offers name it. */
  readonly name: string;
  wrap(command: Command): Command;
}
