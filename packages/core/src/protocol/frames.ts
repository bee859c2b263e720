import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { parseCbor, toCbor } from "../shared/cbor.js";
import { bigEndian, concatBytes } from "../shared/bytes.js";
import { protocolLimits } from "./limits.js";
import { protocolVersion } from "./version.js";

/** Why a frame is refused; a channel that receives one answers with the reason and closes. */
export type FrameRefusal = "frame-too-large" | "unknown-version" | "not-cbor" | "not-a-message" | "too-many-messages";

/** The messages of one direction of one channel, and how they travel: a version byte, then a CBOR array of messages. */
export interface FrameCodec<M> {
  /** One frame that holds all of `messages`, at most 1,024 and, together, 4 MiB. */
  encode(messages: readonly M[]): Uint8Array;
  /** `messages`, any number of them, in as few frames as the limits allow. */
  encodeAll(messages: readonly M[]): Uint8Array[];
  /** The messages of a frame of hostile origin, or why it is refused. */
  decode(frame: Uint8Array): readonly M[] | FrameRefusal;
}

/** A codec for the messages that `schema` describes: a union of objects with a literal `type`. */
export function frameCodec<S extends Type.TSchema>(schema: S): FrameCodec<Static<S>> {
  const shape = Compile(schema);
  const isMessage = (value: unknown): value is Static<S> => shape.Check(value);
  return {
    encode: (messages) => concatBytes(Uint8Array.of(protocolVersion), toCbor(messages)),
    encodeAll: (messages) => packFrames(messages.map((message) => toCbor(message))),
    decode(frame) {
      if (frame.length > protocolLimits.frameBytes) return "frame-too-large";
      if (frame[0] !== protocolVersion) return "unknown-version";
      const values = parseCbor(frame.subarray(1));
      if (!Array.isArray(values)) return "not-cbor";
      if (values.length > protocolLimits.messagesPerFrame) return "too-many-messages";
      return values.every(isMessage) ? values : "not-a-message";
    },
  };
}

/** Frames stay well below the limit, so that one large answer does not hold up the small ones behind it. */
const fullFrameBytes = 256 * 1024;

function packFrames(encoded: readonly Uint8Array[]): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let [start, size] = [0, 0];
  for (const [index, message] of encoded.entries()) {
    const full = size + message.length > fullFrameBytes || index - start === protocolLimits.messagesPerFrame;
    if (full && index > start) {
      frames.push(packFrame(encoded.slice(start, index)));
      [start, size] = [index, 0];
    }
    size += message.length;
  }
  if (start < encoded.length) frames.push(packFrame(encoded.slice(start)));
  return frames;
}

/** A version byte, the head of a CBOR array (RFC 8949, section 3, major type 4), its items. */
function packFrame(items: readonly Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(protocolVersion), arrayHead(items.length), ...items);
}

function arrayHead(length: number): Uint8Array {
  if (length < 24) return Uint8Array.of(0x80 + length);
  if (length < 256) return Uint8Array.of(0x98, length);
  return concatBytes(Uint8Array.of(0x99), bigEndian(length, 2));
}
