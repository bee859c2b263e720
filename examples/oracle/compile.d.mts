import type { Compiled } from "@aegis-pool/contracts";

export function compileOracle(): Promise<Record<"ResultOracle" | "Escrow", Compiled>>;
