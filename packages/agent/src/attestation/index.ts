export { type Attestor, type AttestorOptions, openAttestor, probeAttestation } from "./attestor.js";
export { TsmError } from "./tsm-report.js";
