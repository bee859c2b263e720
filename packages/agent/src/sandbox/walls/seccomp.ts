/**
 * A filter of system calls for bubblewrap's `--seccomp`: what no JavaScript, WASM or ONNX program has a use for, and
 * what kernel bugs are most often reached by. Refused calls fail with EPERM. The call that starts Deno cannot be among
 * them, since the filter already stands then. Format: seccomp(2) and linux/filter.h.
 */

interface Architecture {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly audit: number;
  /** Which column of {@link refusedCalls}. */
  readonly column: 0 | 1;
}

const architectures: Readonly<Record<string, Architecture>> = {
  x64: { audit: 0xc000_003e, column: 0 },
  arm64: { audit: 0xc000_00b7, column: 1 },
};

/** Numbers on x86-64 and on arm64; undefined where the architecture lacks the call. */
const refusedCalls: Readonly<Record<string, readonly [number, number | undefined]>> = {
  // Networking: Deno's own pipes exist already.
  socket: [41, 198],
  connect: [42, 203],
  bind: [49, 200],
  listen: [50, 201],
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  // Namespaces and file systems.
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  // Kernel interfaces with a long record of bugs.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // The machine itself.
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  personality: [135, 92],
  iopl: [172, undefined],
  ioperm: [173, undefined],
};

const code = { loadWord: 0x20, jumpIfEqual: 0x15, jumpIfAtLeast: 0x35, answer: 0x06 } as const;
const offsets = { callNumber: 0, architecture: 4 } as const;
const allow = 0x7fff_0000;
const killProcess = 0x8000_0000;
const refuse = 0x0005_0000 | 1;
/** Numbers from here on are x86-64's second table, which would go round the first. */
const x32Calls = 0x4000_0000;
const instructionBytes = 8;

interface Instruction {
  readonly code: number;
  readonly value: number;
  /** How many instructions to skip where the comparison holds, and where not. */
  readonly ifTrue?: number;
  readonly ifFalse?: number;
}

/** The filter for this machine's architecture, or undefined where we have no numbers for it. */
export function seccompFilter(architecture: string = process.arch): Uint8Array | undefined {
  const known = architectures[architecture];
  if (known === undefined) return undefined;
  const numbers = Object.values(refusedCalls).flatMap((columns) => columns[known.column] ?? []);
  return assemble([
    { code: code.loadWord, value: offsets.architecture },
    { code: code.jumpIfEqual, value: known.audit, ifTrue: 1 },
    { code: code.answer, value: killProcess },
    { code: code.loadWord, value: offsets.callNumber },
    { code: code.jumpIfAtLeast, value: x32Calls, ifTrue: numbers.length + 1 },
    ...numbers.map((value, index) => ({ code: code.jumpIfEqual, value, ifTrue: numbers.length - index })),
    { code: code.answer, value: allow },
    { code: code.answer, value: refuse },
  ]);
}

function assemble(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * instructionBytes);
  const view = new DataView(bytes.buffer);
  instructions.forEach((instruction, index) => {
    const at = index * instructionBytes;
    view.setUint16(at, instruction.code, true);
    view.setUint8(at + 2, instruction.ifTrue ?? 0);
    view.setUint8(at + 3, instruction.ifFalse ?? 0);
    view.setUint32(at + 4, instruction.value, true);
  });
  return bytes;
}
