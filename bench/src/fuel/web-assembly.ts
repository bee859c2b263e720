/** What is used of it: the types of Node.js have none. */
interface Engine {
  Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly compile: (bytes: Uint8Array) => Promise<object>;
  readonly instantiate: (given: Uint8Array | object, imports?: object) => Promise<object>;
}

export const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;

/** From now on every module is rewritten before it is compiled, whoever has it compiled: packages bring their own glue. */
export function rewriteModules(rewrite: (module: Uint8Array) => Uint8Array): void {
  const { Module, instantiate } = engine;
  const compile = (bytes: Uint8Array): object => new Module(rewrite(copyOf(bytes)));
  Object.assign(engine, {
    Module: function (bytes: Uint8Array) {
      return compile(bytes);
    },
    compile: async (bytes: Uint8Array) => compile(bytes),
    instantiate: async (given: Uint8Array | object, imports?: object) => {
      if (given instanceof Module) return instantiate(given, imports);
      const module = compile(given as Uint8Array);
      return { module, instance: await instantiate(module, imports) };
    },
  });
}

function copyOf(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice()
    : new Uint8Array(bytes).slice();
}
