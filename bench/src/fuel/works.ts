import { createRequire } from "node:module";
import { cpuKernel } from "@aegis-pool/core";
import { engine } from "./web-assembly.js";

/** Makes a module ready for work of which each turn gives the same bytes, in about half a second. */
type Work = () => Promise<() => Promise<Uint8Array>>;

const require = createRequire(import.meta.url);
const text = new TextEncoder();

/** By the name of what they are about. */
export const works: Readonly<Record<string, Work>> = { sqlite, quickjs, brotli, argon2, sha256, kernel };

interface SqlJs {
  readonly Database: new () => {
    run(statement: string): void;
    exec(query: string): readonly { readonly values: unknown }[];
    close(): void;
  };
}

/** A database: rows that are inserted under an index, joined, sorted and added up. */
async function sqlite(): Promise<() => Promise<Uint8Array>> {
  const open = require("sql.js") as () => Promise<SqlJs>;
  const { Database } = await open();
  return async () => {
    const database = new Database();
    database.run(`CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER, c TEXT); CREATE INDEX i ON t (b);
      WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 40000)
      INSERT INTO t SELECT x, x * 7919 % 10007, hex(x * 104729) FROM n;`);
    const [found] = database.exec(`SELECT l.b % 97 AS g, COUNT(*), SUM(r.a), MAX(l.c), GROUP_CONCAT(SUBSTR(r.c, 1, 2))
      FROM t l JOIN t r ON r.b = l.a % 10007 WHERE l.c LIKE '%3%' GROUP BY g ORDER BY SUM(r.a) DESC;`);
    database.close();
    return text.encode(JSON.stringify(found?.values));
  };
}

interface QuickJs {
  evalCode(source: string): unknown;
}

/** An interpreter of JavaScript: a sieve, strings, objects and closures. */
async function quickjs(): Promise<() => Promise<Uint8Array>> {
  const core = require("quickjs-emscripten-core") as {
    newQuickJSWASMModuleFromVariant(variant: unknown): Promise<QuickJs>;
  };
  const { default: variant } = require("@jitl/quickjs-wasmfile-release-sync") as { default: unknown };
  const runtime = await core.newQuickJSWASMModuleFromVariant(variant);
  const source = `
    const sieve = new Uint8Array(400000);
    let primes = 0;
    for (let n = 2; n < sieve.length; n++) {
      if (sieve[n]) continue;
      primes++;
      for (let m = n * 2; m < sieve.length; m += n) sieve[m] = 1;
    }
    const words = new Map();
    for (let n = 0; n < 60000; n++) {
      const word = "w" + ((n * 7919) % 5003).toString(36);
      words.set(word, (words.get(word) ?? 0) + n);
    }
    const fibonacci = (n) => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));
    JSON.stringify([primes, fibonacci(22), [...words].sort(([, a], [, b]) => a - b).slice(0, 500)]);`;
  return async () => text.encode(String(runtime.evalCode(source)));
}

interface Brotli {
  readonly compress: (bytes: Uint8Array, options: { quality: number }) => Uint8Array;
  readonly decompress: (bytes: Uint8Array) => Uint8Array;
}

/** A compressor, there and back. */
async function brotli(): Promise<() => Promise<Uint8Array>> {
  const { compress, decompress } = require("brotli-wasm") as Brotli;
  const lines = Array.from(
    { length: 30_000 },
    (_, line) => `${line}: ${(line * 2_654_435_761) % 1_000_003} of ${line % 89}\n`,
  );
  const plain = text.encode(lines.join(""));
  return async () => {
    const packed = compress(plain, { quality: 6 });
    if (decompress(packed).length !== plain.length) throw new Error("what was compressed comes back shorter");
    return packed;
  };
}

interface Hashes {
  readonly argon2id: (options: object) => Promise<Uint8Array>;
  readonly sha256: (bytes: Uint8Array) => Promise<string>;
}

/** A password hash, which mixes memory. */
async function argon2(): Promise<() => Promise<Uint8Array>> {
  const { argon2id } = require("hash-wasm") as Hashes;
  const cost = { parallelism: 1, iterations: 4, memorySize: 32_768, hashLength: 32, outputType: "binary" };
  return () => argon2id({ password: "of no worth", salt: new Uint8Array(16).fill(7), ...cost });
}

/** A hash in small blocks, another module of the same package. */
async function sha256(): Promise<() => Promise<Uint8Array>> {
  const { sha256: hash } = require("hash-wasm") as Hashes;
  const bytes = Uint8Array.from({ length: 48 * 1024 ** 2 }, (_, index) => (index * 2_654_435_761) >>> 24);
  return async () => text.encode(await hash(bytes));
}

interface Kernel {
  readonly fillEntries: (to: number, first: number, count: number, key0: number, key1: number) => void;
  readonly packRight: (from: number, size: number, to: number) => void;
  readonly multiply: (left: number, right: number, to: number, rows: number, size: number, strip: number) => void;
}

/** Our own: products of matrices by vector instructions, as ratings are measured by. */
async function kernel(): Promise<() => Promise<Uint8Array>> {
  const size = 512;
  const [strip, right, left] = [0, 131_072, 131_072 + size * size * 4];
  const to = left + size * size * 4;
  const memory = new engine.Memory({ initial: Math.ceil((to + size * size * 4) / 65_536) });
  const module = new engine.Module(Buffer.from(cpuKernel.plain, "hex"));
  const { exports } = new engine.Instance(module, { env: { memory } });
  const { fillEntries, packRight, multiply } = exports as unknown as Kernel;
  fillEntries(to, 0, size * size, 7, 11);
  packRight(to, size, right);
  fillEntries(left, 0, size * size, 13, 17);
  return async () => {
    for (let turn = 0; turn < 20; turn++) multiply(left, right, to, size, size, strip);
    return new Uint8Array(memory.buffer, to, size * size * 4);
  };
}
