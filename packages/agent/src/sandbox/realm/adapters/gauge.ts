import { Failure } from "../failures.js";
import type { Loading } from "../messages.js";
import { meterModule, startName } from "../wasm/fuel/meter.js";
import type { Report } from "./adapter.js";

/** What V8 says where calls are nested deeper than its stack: how deep that is hangs on how functions are compiled. */
const outOfStack = /call stack/i;

/** Meters a program, and reads what a run of it used. */
export class Gauge {
  /** Drawn before the realm's random numbers are set: whoever wrote a program has not known it. */
  readonly #name = crypto.randomUUID();
  #fuel = Number.MAX_SAFE_INTEGER;

  /** @throws {Failure} `program-invalid` */
  meter({ program, fuel }: Loading): Uint8Array {
    // what is valid names nothing behind its own globals and locals, and there the counter will be
    if (!WebAssembly.validate(program as Uint8Array<ArrayBuffer>))
      throw new Failure("program-invalid", whyNot(program));
    this.#fuel = fuel ?? Number.MAX_SAFE_INTEGER;
    return meterModule(program, { fuel: this.#fuel, name: this.#name });
  }

  /**
   * Runs the module's start function and then `command`, and reports what they used.
   * @throws {Failure} `fuel-limit` where that is more than there was, however they ended; `memory-limit` where they needed more stack than
   * there is, and then nothing is reported: neither is the same everywhere
   */
  watch(exports: WebAssembly.Exports, command: () => void, report: Report): void {
    const thrown = catching(() => {
      const start = exports[startName(this.#name)];
      if (typeof start === "function") start();
      command();
    });
    if (thrown?.error instanceof RangeError && outOfStack.test(String(thrown.error))) {
      throw new Failure("memory-limit", "the program's calls are nested deeper than the stack allows");
    }
    const left = Number((exports[this.#name] as WebAssembly.Global).value);
    report.fuel(Math.min(this.#fuel, this.#fuel - left));
    if (left < 0) throw new Failure("fuel-limit", `the program needs more than its ${this.#fuel} units of fuel`);
    if (thrown) throw thrown.error;
  }
}

function catching(run: () => void): { readonly error: unknown } | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** Validation says that a module is invalid, compilation why. */
function whyNot(program: Uint8Array): string {
  const thrown = catching(() => void new WebAssembly.Module(program as Uint8Array<ArrayBuffer>));
  return String(thrown?.error);
}
