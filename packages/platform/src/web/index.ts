/** What participants of federated runs need of their platform, in a browser: the same names as in Node.js. */
export * from "../pool-unreachable.js";
export * from "./box-sealer.js";
export * from "./primitives.js";
export * from "./signers.js";
