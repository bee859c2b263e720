export * from "./files.js";
export * from "./hpke.js";
export * from "./key-files.js";
export * from "./message-socket.js";
export * from "./pool-unreachable.js";
export * from "./primitives.js";
export * from "./sealed-files.js";
export * from "./signers.js";
