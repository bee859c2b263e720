import { describeFailure, Failure } from "../failures.js";
import { importBytes, importSteadily } from "../import-bytes.js";
import { decodeTagged, encodeTagged } from "../values.js";
import type { MakeAdapter } from "./adapter.js";

type Main = (input: unknown, context: { readonly shared: unknown }) => unknown;

/** One ES module with a default function `(input, context) => output`. */
export const jsAdapter: MakeAdapter = async ({ deterministic }) => {
  const importProgram = deterministic ? importSteadily : importBytes;
  let main: Main;
  let context: { readonly shared: unknown };
  return {
    load: async ({ program, shared }) => {
      context = Object.freeze({ shared: shared === undefined ? undefined : decodeTagged(shared) });
      main = mainOf(await imported(importProgram(program)));
    },
    run: async (input) => encodeTagged(await main(decodeTagged(input), context)),
  };
};

type Module = Readonly<Record<string, unknown>>;

async function imported(module: Promise<Module>): Promise<Module> {
  try {
    return await module;
  } catch (error) {
    const { status, message } = describeFailure(error);
    throw new Failure(status === "threw" ? "program-invalid" : status, message);
  }
}

function mainOf(module: Module): Main {
  if (typeof module["default"] === "function") return module["default"] as Main;
  throw new Failure("program-invalid", "the program's default export is no function");
}
