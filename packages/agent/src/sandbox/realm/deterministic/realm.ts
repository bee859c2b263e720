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

/** Modules are compiled at once instead of on other threads, which end in any order. */
function installWebAssembly(): void {
  const { Module, Instance } = WebAssembly;
  const instantiate = async (given: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) => {
    if (given instanceof Module) return new Instance(given, imports);
    const module = new Module(given);
    return { module, instance: new Instance(module, imports) };
  };
  Object.assign(WebAssembly, { compile: async (bytes: BufferSource) => new Module(bytes), instantiate });
  for (const name of ["compileStreaming", "instantiateStreaming"]) Reflect.deleteProperty(WebAssembly, name);
}
