import { requireSteadyModule } from "../wasm/steadiness.js";
import { installClock, ReadClock } from "./clock.js";
import { installRandom, SeededRandom } from "./random.js";
import { installTimers } from "./timers.js";
import { installTraces } from "./traces.js";

/**
 * Globals that are taken away besides: those whose answers hang on garbage collection, on threads, on the time, or on random
 * names. What is left asks a clock, a source of random numbers and timers that are the same on every machine.
 */
const unsteady = [
  ...["WeakRef", "FinalizationRegistry", "CryptoKey", "Blob", "Event", "EventTarget", "CustomEvent", "AbortController"],
  ...["AbortSignal", "MessageChannel", "MessagePort", "ReadableStream", "WritableStream", "TransformStream"],
  ...["TextEncoderStream", "TextDecoderStream", "CompressionStream", "DecompressionStream"],
];

/** Makes the realm give the same answers on every machine, for one run. @returns what begins the run: its input decides what is random */
export function steadyRealm(): (input: Uint8Array) => void {
  const [clock, random] = [new ReadClock(), new SeededRandom()];
  installTimers(clock);
  installClock(clock);
  installRandom(random);
  installTraces();
  installWebAssembly();
  for (const name of ["createObjectURL", "revokeObjectURL"]) Reflect.deleteProperty(URL, name);
  for (const name of unsteady) Reflect.deleteProperty(globalThis, name);
  return (input) => random.seed(input);
}

/** Modules are compiled at once instead of on other threads, which end in any order, and read before. */
function installWebAssembly(): void {
  const { Module: RealModule, Instance } = WebAssembly;
  const { construct } = Reflect;
  const Module = function (bytes: BufferSource): WebAssembly.Module {
    if (new.target === undefined) throw new TypeError("WebAssembly.Module must be invoked with 'new'");
    const copy = copyOf(bytes); // what is read is what is compiled
    requireSteadyModule(copy);
    return construct(RealModule, [copy], new.target) as WebAssembly.Module;
  } as unknown as typeof WebAssembly.Module;
  for (const name of ["exports", "imports", "customSections"]) {
    Object.defineProperty(Module, name, { value: Reflect.get(RealModule, name), writable: true, configurable: true });
  }
  Object.defineProperty(Module, "prototype", { value: RealModule.prototype, writable: false });
  Object.defineProperty(RealModule.prototype, "constructor", { value: Module, writable: true, configurable: true });
  const instantiate = async (given: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) => {
    if (given instanceof RealModule) return new Instance(given, imports);
    const module = new Module(given);
    return { module, instance: new Instance(module, imports) };
  };
  Object.assign(WebAssembly, { Module, compile: async (bytes: BufferSource) => new Module(bytes), instantiate });
  for (const name of ["compileStreaming", "instantiateStreaming"]) Reflect.deleteProperty(WebAssembly, name);
}

function copyOf(bytes: BufferSource): Uint8Array {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  return view.slice();
}
