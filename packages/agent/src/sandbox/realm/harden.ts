/**
 * Takes away from the Worker's realm everything a program has no need of. An allow list, so that what the next Deno
 * adds is absent until somebody has looked at it.
 */
const language = [
  ...["Object", "Function", "Array", "Number", "parseFloat", "parseInt", "Infinity", "NaN", "undefined", "Boolean"],
  ...["String", "Symbol", "Date", "Promise", "RegExp", "Error", "AggregateError", "EvalError", "RangeError"],
  ...["ReferenceError", "SyntaxError", "TypeError", "URIError", "SuppressedError", "globalThis", "JSON", "Math"],
  ...["Intl", "ArrayBuffer", "Uint8Array", "Int8Array", "Uint16Array", "Int16Array", "Uint32Array", "Int32Array"],
  ...["BigUint64Array", "BigInt64Array", "Uint8ClampedArray", "Float16Array", "Float32Array", "Float64Array"],
  ...["DataView", "Map", "BigInt", "Set", "Iterator", "WeakMap", "WeakSet", "Proxy", "Reflect", "WeakRef"],
  ...["FinalizationRegistry", "DisposableStack", "AsyncDisposableStack", "Temporal", "decodeURI"],
  ...["decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "unescape", "eval", "isFinite", "isNaN"],
  "WebAssembly",
];

const platform = [
  ...["self", "console", "performance", "crypto", "CryptoKey", "queueMicrotask", "structuredClone"],
  ...["setTimeout", "clearTimeout", "setInterval", "clearInterval", "TextEncoder", "TextDecoder", "atob", "btoa"],
  ...["URL", "URLSearchParams", "URLPattern", "Blob", "Event", "EventTarget", "CustomEvent", "DOMException"],
  ...["AbortController", "AbortSignal", "MessageChannel", "MessagePort", "ReadableStream", "WritableStream"],
  ...["TransformStream", "TextEncoderStream", "TextDecoderStream", "CompressionStream", "DecompressionStream"],
  // Without dispatchEvent Deno makes an unhandled rejection fatal before our listener sees it.
  ...["addEventListener", "removeEventListener", "dispatchEvent"],
];

const allowed: ReadonlySet<string> = new Set([...language, ...platform]);

/** A task's own clock ticks every 0.1 ms: enough to measure by, too coarse to watch a neighbour's cache. */
const tickMs = 0.1;

/**
 * Removes every global that is not allowed, and coarsens the clock. The graphics card stays in reach only of a process
 * that is for it.
 * @throws where a global can neither be deleted nor overwritten: the process then never becomes ready
 */
export function hardenRealm(keepsGpu: boolean): void {
  const isAllowed = (name: string): boolean => allowed.has(name) || (keepsGpu && name.startsWith("GPU"));
  const gpu = keepsGpu ? navigator.gpu : undefined;
  coarsenClock();
  settle(isAllowed);
  fixArrayIteration();
  // Names only: under two symbols Deno keeps the brand and the listeners without which no message arrives.
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!isAllowed(name)) remove(name);
  }
  if (keepsGpu) Object.defineProperty(globalThis, "navigator", { value: Object.freeze({ gpu }) });
}

/**
 * Deno loads some globals' code when they are first read, in this realm: that must happen before a program can put
 * its own `Atomics` or `process` in the way, and while what they need is still there.
 */
function settle(isAllowed: (name: string) => boolean): void {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
    if (property.get === undefined || !isAllowed(name)) continue;
    const value: unknown = Reflect.get(globalThis, name);
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  }
}

/** Deno iterates arrays while it delivers a message: a program that altered this would never hear of its next run. */
function fixArrayIteration(): void {
  const fixed = { writable: false, configurable: false };
  // oxlint-disable-next-line eslint/no-extend-native -- nothing is added, what is there is fixed
  Object.defineProperty(Array.prototype, Symbol.iterator, fixed);
  Object.defineProperty(Object.getPrototypeOf([][Symbol.iterator]()), "next", fixed);
}

function remove(name: string): void {
  if (Reflect.deleteProperty(globalThis, name)) return;
  if (Reflect.defineProperty(globalThis, name, { value: undefined })) return;
  throw new Error(`the global ${name} cannot be taken away`);
}

function coarsenClock(): void {
  const clock = performance;
  const now = clock.now.bind(clock);
  const timeOrigin = Math.round(clock.timeOrigin);
  const coarse = { now: () => Math.floor(now() / tickMs) * tickMs, timeOrigin };
  Object.defineProperty(globalThis, "performance", { value: Object.freeze(coarse), configurable: true });
}
