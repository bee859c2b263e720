import { ConsoleStdout, WASI } from "@bjorn3/browser_wasi_shim";
import { Failure } from "../failures.js";
import type { Loading } from "../messages.js";
import { joinBytes, tagBytes, untag } from "../values.js";
import { boundMemories, pageBytes } from "../wasm/memories.js";
import type { MakeAdapter } from "./adapter.js";
import { Gauge } from "./gauge.js";
import { inputOf, ReadOnlyDirectory } from "./read-only-files.js";

/**
 * A WASI preview 1 command: input on stdin, output on stdout, log on stderr, the shared value as `/shared/shared`.
 * Every run gets a fresh instance. Deterministic ones are metered.
 */
export const wasmAdapter: MakeAdapter = async ({ deterministic }, report) => {
  const gauge = deterministic ? new Gauge() : undefined;
  let module: WebAssembly.Module;
  let loaded: Loading;
  return {
    load: async (loading) => {
      loaded = loading;
      const program = gauge?.meter(loading) ?? loading.program;
      module = await compile({ ...loading, program });
    },
    run: async (input) => {
      const output = new BoundedOutput(loaded.outputBytes);
      const stdout = new ConsoleStdout((bytes) => output.write(bytes));
      const stderr = new ConsoleStdout((bytes) => report.log(bytes));
      const wasi = new WASI(["program"], [], [inputOf(untag(input)), stdout, stderr, ...sharedFolder(loaded.shared)]);
      const { exports } = await instance(module, wasi);
      const start = (): void => startCommand(exports, wasi);
      if (gauge) gauge.watch(exports, start, report);
      else start();
      return output.tagged();
    },
  };
};

async function compile({ program, memoryBytes }: Loading): Promise<WebAssembly.Module> {
  const bounded = boundMemories(program, Math.floor(memoryBytes / pageBytes));
  try {
    return await WebAssembly.compile(bounded as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new Failure("program-invalid", String(error));
  }
}

interface CommandExports {
  memory: WebAssembly.Memory;
  _start: () => unknown;
}

function startCommand(exports: WebAssembly.Exports, wasi: WASI): void {
  if (!(exports["memory"] instanceof WebAssembly.Memory) || typeof exports["_start"] !== "function") {
    throw new Failure("program-invalid", "the module exports no memory and _start, as a WASI command does");
  }
  const code = wasi.start({ exports: exports as unknown as CommandExports });
  if (code !== 0) throw new Failure("threw", `the program exited with code ${code}`);
}

async function instance(module: WebAssembly.Module, wasi: WASI): Promise<WebAssembly.Instance> {
  const imports = { wasi_snapshot_preview1: wasi.wasiImport as WebAssembly.ModuleImports };
  try {
    return await WebAssembly.instantiate(module, imports);
  } catch (error) {
    // A TypeError where the whole module of an import is missing, a LinkError where one name is.
    if (error instanceof WebAssembly.LinkError || error instanceof TypeError) {
      throw new Failure("program-invalid", String(error));
    }
    throw error;
  }
}

function sharedFolder(shared: Uint8Array | undefined): ReadOnlyDirectory[] {
  return shared === undefined ? [] : [new ReadOnlyDirectory("/shared", new Map([["shared", untag(shared)]]))];
}

/** What a program writes to stdout, up to the bound; one byte over it ends the run. */
class BoundedOutput {
  readonly #chunks: Uint8Array[] = [];
  readonly #maxBytes: number;
  #bytes = 1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  write(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) throw new Failure("output-limit", `over ${this.#maxBytes} bytes of output`);
    this.#chunks.push(chunk);
  }

  tagged(): Uint8Array {
    return tagBytes(joinBytes(this.#chunks));
  }
}
