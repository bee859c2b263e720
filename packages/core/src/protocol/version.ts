/** The version of the wire protocol: the first byte of every frame and part of every signature's label. */
export const protocolVersion = 1;
