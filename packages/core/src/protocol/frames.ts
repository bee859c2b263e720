import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { fromCbor, toCbor } from "../shared/cbor.js";
import { concatBytes } from "../shared/bytes.js";
import { protocolLimits } from "./limits.js";
import { protocolVersion } from "./version.js";

/** Why a frame is refused; a channel that receives one answers with the reason and closes. */
export type FrameRefusal = "frame-too-large" | "unknown-version" | "not-cbor" | "not-a-message" | "too-many-messages";

/** The messages of one direction of one channel, and how they travel: a version byte, then a CBOR array of messages. */
export interface FrameCodec<M> {
  /** One frame that holds all of `messages`, at most 1,024 and, together, 4 MiB. */
  encode(messages: readonly M[]): Uint8Array;
  /** The messages of a frame of hostile origin, or why it is refused. */
  decode(frame: Uint8Array): readonly M[] | FrameRefusal;
}

/** A codec for the messages that `schema` describes: a union of objects with a literal `type`. */
export function frameCodec<S extends Type.TSchema>(schema: S): FrameCodec<Static<S>> {
  const shape = Compile(schema);
  const isMessage = (value: unknown): value is Static<S> => shape.Check(value);
  return {
    encode: (messages) => concatBytes(Uint8Array.of(protocolVersion), toCbor(messages)),
    decode(frame) {
      if (frame.length > protocolLimits.frameBytes) return "frame-too-large";
      if (frame[0] !== protocolVersion) return "unknown-version";
      const values = parse(frame.subarray(1));
      if (!Array.isArray(values)) return "not-cbor";
      if (values.length > protocolLimits.messagesPerFrame) return "too-many-messages";
      return values.every(isMessage) ? values : "not-a-message";
    },
  };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return fromCbor(bytes);
  } catch {
    return undefined;
  }
}
