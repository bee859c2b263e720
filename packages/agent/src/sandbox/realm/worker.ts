/**
 * The Worker's realm, in which foreign code runs. Order matters: our functions are taken first, then the realm is
 * hardened, and only then does anything foreign arrive. We speak over a port that only this module holds: a message
 * event that a program dispatches on its own global reaches nobody.
 */
import type { Adapter, MakeAdapter, Report } from "./adapters/adapter.js";
import { jsAdapter } from "./adapters/js.js";
import { onnxAdapter } from "./adapters/onnx.js";
import { wasmAdapter } from "./adapters/wasm.js";
import { webgpuAdapter } from "./adapters/webgpu.js";
import { steadyRealm } from "./deterministic/realm.js";
import { describeFailure, Failure } from "./failures.js";
import { hardenRealm } from "./harden.js";
import { consoleInto, Log } from "./log.js";
import { statuses, type EngineName, type FromWorker, type Preparation, type ToWorker } from "./messages.js";
import type { Opening } from "./opening.js";
import { encodeText } from "./primordials.js";

const adapters: Readonly<Record<EngineName, MakeAdapter>> = {
  js: jsAdapter,
  wasm: wasmAdapter,
  onnx: onnxAdapter,
  webgpu: webgpuAdapter,
};
const { port, keepsGpu } = await new Promise<Opening>((resolve) => {
  globalThis.addEventListener("message", (event: MessageEvent<Opening>) => resolve(event.data), { once: true });
});
const post = port.postMessage.bind(port) as (message: FromWorker) => void;
const log = new Log((text) => post({ type: "log", text }));
let adapter: Adapter | undefined;
/** Of a deterministic task: what is done before its run. */
let begin: ((input: Uint8Array) => void) | undefined;

port.addEventListener("message", (event: MessageEvent<ToWorker>) => void answer(event.data));
// Neither a forgotten promise nor a timer that throws may end the process: the run goes on, the log says it.
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  log.line(["unhandled rejection:", event.reason]);
});
globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  log.line(["uncaught error:", event.error]);
});

hardenRealm(keepsGpu);
globalThis.console = consoleInto(log) as unknown as Console;
port.start();
post({ type: "ready" });

async function answer(message: ToWorker): Promise<void> {
  try {
    const body = await obey(message);
    post({ type: "done", status: statuses.ok, body });
  } catch (error) {
    const failure = describeFailure(error);
    post({ type: "done", status: statuses[failure.status], body: encodeText(failure.message) });
  }
}

async function obey(message: ToWorker): Promise<Uint8Array> {
  log.restart();
  if (message.type === "prepare") {
    adapter = await prepare(message.preparation);
    return new Uint8Array();
  }
  if (adapter === undefined) throw new Failure("program-invalid", "no engine was prepared");
  // Not without await: returning a promise would look up its `then`, which a program may have altered.
  if (message.type === "run") {
    begin?.(message.input);
    return await adapter.run(message.input);
  }
  log.allow(message.loading.logBytes);
  await adapter.load(message.loading);
  return new Uint8Array();
}

async function prepare(preparation: Preparation): Promise<Adapter> {
  const report: Report = {
    log: (bytes) => log.write(bytes),
    fuel: (used) => post({ type: "fuel", used }),
  };
  const made = await adapters[preparation.engine](preparation, report);
  if (preparation.deterministic) begin = steadyRealm();
  return made;
}
