/** What is used of WebAssembly's JavaScript interface, which @types/node leaves to the DOM's library. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean;
  class Module {
    readonly [Symbol.toStringTag]: string;
    constructor(bytes: Uint8Array);
  }
  class Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
    constructor(pages: { initial: number });
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module, imports: { env: { memory: Memory } });
  }
}
