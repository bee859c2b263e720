/** A few lines of assembler for WASI commands. Specification: webassembly.github.io/spec/core/binary. */
const imports = {
  fd_read: [4, 1],
  fd_write: [4, 1],
  proc_exit: [1, 0],
  path_open: [9, 1],
  sock_send: [5, 1],
  clock_time_get: [3, 1],
  random_get: [2, 1],
  poll_oneoff: [4, 1],
} as const;

const i32 = 0x7f;
const i64 = 0x7e;
/** Parameters of functions some of which are 64 bits wide: rights, and a precision. */
const wide: Partial<Record<keyof typeof imports, readonly number[]>> = {
  path_open: [i32, i32, i32, i32, i32, i64, i64, i32, i32],
  clock_time_get: [i32, i64, i32],
};

export type ImportName = keyof typeof imports;

/** Unsigned LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb(Math.floor(value / 128))];
}

/** Signed LEB128, as constants are written. */
function signedLeb(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return done ? [low] : [low | 0x80, ...signedLeb(rest)];
}

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...leb(bytes.length), ...bytes];
}

/** Instructions. */
export const op = {
  const: (value: number) => [0x41, ...signedLeb(value)],
  const64: (value: number) => [0x42, ...signedLeb(value)],
  call: (name: ImportName) => [0x10, Object.keys(imports).indexOf(name)],
  load: (offset: number) => [0x28, 2, ...leb(offset)],
  store: (offset: number) => [0x36, 2, ...leb(offset)],
  grow: [0x40, 0],
  drop: [0x1a],
  unreachable: [0x00],
  loop: (body: readonly number[]) => [0x03, 0x40, ...body, 0x0b],
  branch: (depth: number) => [0x0c, depth],
  branchIf: (depth: number) => [0x0d, depth],
} as const;

/** The number of `_start` in a {@link command}. */
export const ownIndex = Object.keys(imports).length;

/**
 * A module whose `_start` has `body`. Memory limits are as written in the memory section; data lies at the offsets given; `tag`: it has an
 * exception without values; `starts`: its start function is its `_start` too.
 */
export function command(
  body: readonly number[],
  options: {
    memory?: readonly number[];
    data?: Readonly<Record<number, string>>;
    tag?: boolean;
    starts?: boolean;
  } = {},
): Uint8Array {
  const signatures = Object.entries(imports).map(([name, [parameters, results]]) => [
    0x60,
    ...vector((wide[name as ImportName] ?? Array<number>(parameters).fill(i32)).map((type) => [type])),
    ...vector(Array.from({ length: results }, () => [i32])),
  ]);
  const imported = Object.keys(imports).map((name, index) => [
    ...text("wasi_snapshot_preview1"),
    ...text(name),
    0,
    index,
  ]);
  const own = signatures.length;
  const code = [0, ...body, 0x0b];
  const data = Object.entries(options.data ?? {}).map(([at, value]) => [
    0,
    ...op.const(Number(at)),
    0x0b,
    ...text(value),
  ]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([...signatures, [0x60, 0, 0]])),
    ...section(2, vector(imported)),
    ...section(3, vector([[own]])),
    ...section(5, vector([options.memory ?? [0, 2]])),
    ...(options.tag ? section(13, vector([[0, own]])) : []),
    ...section(
      7,
      vector([
        [...text("memory"), 2, 0],
        [...text("_start"), 0, own],
      ]),
    ),
    ...(options.starts ? section(8, [own]) : []),
    ...section(10, vector([[...leb(code.length), ...code]])),
    ...section(11, vector(data)),
  ]);
}

/** Where {@link io} keeps its iovec; the buffer begins at {@link bufferAt}. */
const iovecAt = 16;
const countAt = 8;
export const bufferAt = 1024;

/** `call(fd, iovec of length bytes at bufferAt)`, result dropped. The count lands at address 8. */
export function io(name: "fd_read" | "fd_write", fd: readonly number[], length: readonly number[]): number[] {
  return [
    ...[...op.const(iovecAt), ...op.const(bufferAt), ...op.store(0)],
    ...[...op.const(iovecAt + 4), ...length, ...op.store(0)],
    ...[...fd, ...op.const(iovecAt), ...op.const(1), ...op.const(countAt), ...op.call(name), ...op.drop],
  ];
}

/** The count of the last {@link io}. */
export const lastCount = [...op.const(countAt), ...op.load(0)];

/** `path_open` of `length` bytes of path at `pathAt` in the first preopened folder; the descriptor lands at address 4. */
export function openPath(pathAt: number, length: number, openFlags: number): number[] {
  return [
    ...[...op.const(3), ...op.const(0), ...op.const(pathAt), ...op.const(length), ...op.const(openFlags)],
    ...[...op.const64(2), ...op.const64(0), ...op.const(0), ...op.const(4), ...op.call("path_open")],
  ];
}
/** The descriptor of the last {@link openPath}. */
export const openedFd = [...op.const(4), ...op.load(0)];
