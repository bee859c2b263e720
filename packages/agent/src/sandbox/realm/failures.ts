import type { Status } from "./messages.js";
import { newString, sliceText } from "./primordials.js";

/** A failure whose status is known where it is thrown. */
export class Failure extends Error {
  readonly status: Status;

  constructor(status: Status, message: string) {
    super(message);
    this.status = status;
  }
}

const maxDescriptionChars = 1000;
/** What V8 says where the system refuses memory for an array buffer or a WASM memory. */
const outOfMemory = /allocation failed|could not allocate|out of memory/i;

/** The status and the words for anything thrown, whatever it is. */
export function describeFailure(thrown: unknown): { status: Status; message: string } {
  const message = describe(thrown);
  if (thrown instanceof Failure) return { status: thrown.status, message: thrown.message };
  if (thrown instanceof RangeError && outOfMemory.test(message)) return { status: "memory-limit", message };
  return { status: "threw", message };
}

function describe(thrown: unknown): string {
  try {
    return sliceText(newString(thrown), 0, maxDescriptionChars);
  } catch {
    return "the program threw something that has no text";
  }
}
