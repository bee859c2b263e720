/** Gives the next bytes of a stream, written over all of `into`. It must not ask for anything that uses the memory which `into` lies in. */
export type ByteStream = (into: Uint8Array) => void;
