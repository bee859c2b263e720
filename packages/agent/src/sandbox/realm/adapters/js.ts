import { describeFailure, Failure } from "../failures.js";
import { decodeTagged, encodeTagged } from "../values.js";
import type { Adapter } from "./adapter.js";

type Main = (input: unknown, context: { readonly shared: unknown }) => unknown;

const makeUrl = URL.createObjectURL.bind(URL);
const dropUrl = URL.revokeObjectURL.bind(URL);
const BlobOfRealm = Blob;

/** One ES module with a default function `(input, context) => output`. */
export function jsAdapter(): Adapter {
  let main: Main | undefined;
  let context: { readonly shared: unknown };
  return {
    load: async (program, shared) => {
      context = Object.freeze({ shared: shared === undefined ? undefined : decodeTagged(shared) });
      main = await importDefault(program);
    },
    run: async (input) => {
      if (main === undefined) throw new Failure("program-invalid", "no program is loaded");
      return encodeTagged(await main(decodeTagged(input), context));
    },
  };
}

async function importDefault(program: Uint8Array): Promise<Main> {
  // A blob: module loads a third faster than a data: one at 15 MB, and is not kept as text a second time.
  const url = makeUrl(new BlobOfRealm([program as Uint8Array<ArrayBuffer>], { type: "text/javascript" }));
  try {
    const module = (await import(url)) as { readonly default?: unknown };
    if (typeof module.default === "function") return module.default as Main;
  } catch (error) {
    const { status, message } = describeFailure(error);
    throw new Failure(status === "threw" ? "program-invalid" : status, message);
  } finally {
    dropUrl(url);
  }
  throw new Failure("program-invalid", "the program's default export is no function");
}
