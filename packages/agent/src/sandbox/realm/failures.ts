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
/** What V8 and Deno say where the system refuses memory for an array buffer, a WASM memory, or a message. */
const outOfMemory =
  /^(RangeError|DataCloneError): .*(allocation failed|could not allocate|out of memory|could not deserialize value)/i;

/** The status and the words for anything thrown, whatever it is: a proxy may throw when it is looked at. */
export function describeFailure(thrown: unknown): { status: Status; message: string } {
  try {
    if (thrown instanceof Failure) return { status: thrown.status, message: thrown.message };
    const message = sliceText(newString(thrown), 0, maxDescriptionChars);
    const status = outOfMemory.test(message) ? "memory-limit" : "threw";
    return { status, message };
  } catch {
    return { status: "threw", message: "the program threw something that has no text" };
  }
}
