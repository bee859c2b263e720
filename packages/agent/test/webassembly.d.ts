/** What tests use of WebAssembly's JavaScript interface besides what platform declares of it. */
declare namespace WebAssembly {
  type Exports = Record<string, unknown>;
  class Global {
    readonly value: unknown;
  }
  class RuntimeError extends Error {}
  class Exception {
    is(tag: object): boolean;
  }
  namespace Module {
    function exports(module: Module): { readonly name: string }[];
    function customSections(module: Module, name: string): ArrayBuffer[];
  }
}
