import { describeFailure, Failure } from "../failures.js";
import { importBytes } from "../import-bytes.js";
import { decodeTagged, encodeTagged } from "../values.js";
import type { MakeAdapter } from "./adapter.js";

type Main = (input: unknown, context: { readonly shared: unknown }) => unknown;

/** One ES module with a default function `(input, context) => output`. */
export const jsAdapter: MakeAdapter = async () => {
  let main: Main;
  let context: { readonly shared: unknown };
  return {
    load: async ({ program, shared }) => {
      context = Object.freeze({ shared: shared === undefined ? undefined : decodeTagged(shared) });
      main = await importDefault(program);
    },
    run: async (input) => encodeTagged(await main(decodeTagged(input), context)),
  };
};

async function importDefault(program: Uint8Array): Promise<Main> {
  try {
    const module = await importBytes(program);
    if (typeof module["default"] === "function") return module["default"] as Main;
  } catch (error) {
    const { status, message } = describeFailure(error);
    throw new Failure(status === "threw" ? "program-invalid" : status, message);
  }
  throw new Failure("program-invalid", "the program's default export is no function");
}
