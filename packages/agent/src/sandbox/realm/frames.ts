/**
 * Frames on a sandbox's stdin and stdout: u32 body length, u8 kind, u32 id (all little-endian), then the body.
 * Both ends use this file; it has no platform types.
 */
const frameHeaderBytes = 9;

/** One frame. The id is a number of this process alone, never the task's. */
export interface Frame {
  readonly kind: number;
  readonly id: number;
  readonly body: Uint8Array;
}

/** The other side broke the framing; nothing it says afterwards can be trusted. */
export class FrameError extends Error {}

/** The nine bytes before a body of `bodyBytes`. */
export function frameHeader(kind: number, id: number, bodyBytes: number): Uint8Array {
  const header = new Uint8Array(frameHeaderBytes);
  const view = new DataView(header.buffer);
  view.setUint32(0, bodyBytes, true);
  view.setUint8(4, kind);
  view.setUint32(5, id, true);
  return header;
}

/** Cuts a stream of chunks into frames, holding at most one unfinished frame. */
export class FrameReader {
  readonly #maxBodyBytes: (kind: number) => number;
  readonly #header = new Uint8Array(frameHeaderBytes);
  #headerFilled = 0;
  #body: Uint8Array | undefined;
  #bodyFilled = 0;

  /** `maxBodyBytes` says how long a body of one kind may be; negative where the kind does not exist. */
  constructor(maxBodyBytes: (kind: number) => number) {
    this.#maxBodyBytes = maxBodyBytes;
  }

  /**
   * The frames that `chunk` completes.
   * @throws {FrameError} on an unknown kind or a body over its cap, before anything is allocated for it
   */
  *push(chunk: Uint8Array): Generator<Frame, void, undefined> {
    let rest = chunk;
    while (rest.length > 0 || this.#isComplete()) {
      rest = this.#body === undefined ? this.#fillHeader(rest) : this.#fillBody(this.#body, rest);
      if (this.#isComplete()) yield this.#take();
    }
  }

  #fillHeader(chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, frameHeaderBytes - this.#headerFilled);
    this.#header.set(taken, this.#headerFilled);
    this.#headerFilled += taken.length;
    if (this.#headerFilled === frameHeaderBytes) this.#openBody();
    return chunk.subarray(taken.length);
  }

  #openBody(): void {
    const view = new DataView(this.#header.buffer);
    const bytes = view.getUint32(0, true);
    const kind = view.getUint8(4);
    const most = this.#maxBodyBytes(kind);
    if (bytes > most) throw new FrameError(`a frame of kind ${kind} says ${bytes} bytes, at most ${most} are allowed`);
    this.#body = new Uint8Array(bytes);
    this.#bodyFilled = 0;
  }

  #fillBody(body: Uint8Array, chunk: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, body.length - this.#bodyFilled);
    body.set(taken, this.#bodyFilled);
    this.#bodyFilled += taken.length;
    return chunk.subarray(taken.length);
  }

  #isComplete(): boolean {
    return this.#body !== undefined && this.#bodyFilled === this.#body.length;
  }

  #take(): Frame {
    const view = new DataView(this.#header.buffer);
    const frame = { kind: view.getUint8(4), id: view.getUint32(5, true), body: this.#body ?? new Uint8Array() };
    this.#body = undefined;
    this.#headerFilled = 0;
    return frame;
  }
}
