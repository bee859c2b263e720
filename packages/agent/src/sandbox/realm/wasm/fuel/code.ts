import { ModuleReader } from "../module-reader.js";
import { planFunction } from "./blocks.js";
import { ByteWriter } from "./byte-writer.js";
import { Counter, type Places } from "./counter.js";
import { eventsOf } from "./events.js";
import { FunctionMeter } from "./function-meter.js";
import { type Outline, passType } from "./outline.js";
import { resultOf } from "./types.js";

const i32 = 0x7f;
const i64 = 0x7e;

/** The code section that begins at `start`, metered function by function. */
export function meteredCode(module: Uint8Array, start: number, outline: Outline): Uint8Array {
  const reader = new ModuleReader(module, start);
  const [out, body] = [new ByteWriter(), new ByteWriter()];
  const count = reader.unsigned();
  out.unsigned(count);
  for (let index = 0; index < count; index++) {
    body.clear();
    writeFunction(reader, body, { module, outline, type: outline.functions[index] ?? 0 });
    out.unsigned(body.written.length);
    out.copy(body.written);
  }
  return out.written;
}

interface Origin {
  readonly module: Uint8Array;
  readonly outline: Outline;
  /** Number of the function's type. */
  readonly type: number;
}

function writeFunction(reader: ModuleReader, out: ByteWriter, { module, outline, type }: Origin): void {
  const size = reader.unsigned();
  const last = reader.offset + size;
  const groups = reader.unsigned();
  const begin = reader.offset;
  const { types } = outline;
  const locals = (types[type]?.parameters ?? 0) + passLocals(reader, groups);
  const start = reader.offset;
  const events = eventsOf(reader, last, outline.importedFunctions);
  const plan = planFunction(events);
  // a handler is reached from calls that have taken off what only the global knows
  const isCached = plan.hasLoops && !plan.hasHandlers;
  const added = [...(isCached ? [[1, i64]] : []), ...(plan.measures ? [[2, i32]] : [])];
  out.unsigned(groups + added.length);
  out.copy(module.subarray(begin, start));
  out.put(...added.flat());
  const scratch = isCached ? locals + 1 : locals;
  const places: Places = { global: outline.globals, local: isCached ? locals : undefined, scratch };
  const source = { module, start, events, plan, types, result: resultOf(type, types) };
  new FunctionMeter(source, out, new Counter(out, places)).write();
}

function passLocals(reader: ModuleReader, groups: number): number {
  let locals = 0;
  for (let left = groups; left > 0; left--) {
    locals += reader.unsigned();
    passType(reader);
  }
  return locals;
}
