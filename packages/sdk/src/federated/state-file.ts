import { writeAtomically } from "@aegis-pool/platform";
import { unreadable } from "./refusals.js";
import { type StateStore, stateBytes } from "./state-store.js";
import { readBounded } from "./trainer/bounded-file.js";

/** A participant's state in the file at `path`, which its owner alone may read. */
export function stateFile(path: string): StateStore {
  return {
    name: path,
    async read() {
      const bytes = await readBounded(path, stateBytes);
      if (bytes === "it is not there") return undefined;
      if (typeof bytes === "string") throw unreadable(path, "participant's state", bytes);
      return bytes;
    },
    write: (text) => writeAtomically(path, text),
  };
}
